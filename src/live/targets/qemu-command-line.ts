import { type Endpoint, parseEndpoint } from '../../io/socket.ts';

/** What the command line of a QEMU says about how to reach its guest. */
export interface QemuWays {
  readonly gdb?: Endpoint;
  readonly qmp?: Endpoint;
  /** The guest's name (`-name`). */
  readonly name?: string;
  /** It has a monitor that nobody else can connect to: libvirt handed an open socket to it. */
  readonly hasInheritedMonitor: boolean;
}

/** Options that are looked at, without their dashes: QEMU takes one or two. */
const valued: ReadonlySet<string> = new Set(['gdb', 'qmp', 'qmp-pretty', 'chardev', 'mon', 'name', 'monitor']);

/** Words of a command line at most; Linux itself has no such limit. */
const mostWords = 8192;

/**
 * Reads `-gdb`, `-s`, `-qmp`, `-qmp-pretty`, `-chardev` with `-mon`, and `-name`, in all forms that QEMU takes.
 * @param words of the command line, without the program.
 */
export function readQemuCommandLine(words: readonly string[]): QemuWays {
  const chardevs = new Map<string, Properties>();
  const gdbs: string[] = [];
  const qmps: string[] = [];
  const monitors: Properties[] = [];
  let name: string | undefined;
  for (let at = 0; at < Math.min(words.length, mostWords); at++) {
    const option = /^--?([a-z][\w-]{0,40})$/.exec(words[at] ?? '')?.[1];
    if (option === 's') gdbs.push('tcp::1234');
    if (option === undefined || !valued.has(option)) continue;
    const value = words[++at] ?? '';
    const properties = propertiesOf(value);
    if (option === 'gdb') gdbs.push(value);
    else if (option === 'qmp' || option === 'qmp-pretty') qmps.push(value);
    else if (option === 'mon') monitors.push(properties);
    else if (option === 'name') name = properties.values.get('guest') ?? properties.first;
    else if (option === 'chardev') chardevs.set(properties.values.get('id') ?? '', properties);
  }
  const named = (device: string): Endpoint | undefined => {
    const chardev = device.startsWith('chardev:') ? chardevs.get(device.slice(8)) : undefined;
    return chardev === undefined ? endpointOfDevice(device) : endpointOfChardev(chardev);
  };
  const controls = monitors
    .filter(({ values }) => values.get('mode') === 'control')
    .flatMap(({ values, first }) => chardevs.get(values.get('chardev') ?? first) ?? []);
  // The last one counts where QEMU takes but one: of stubs.
  const gdb = gdbs.flatMap((device) => named(device) ?? []).at(-1);
  const qmp = [...qmps.map(named), ...controls.map(endpointOfChardev)].find((each) => each !== undefined);
  return {
    ...(gdb !== undefined && { gdb }),
    ...(qmp !== undefined && { qmp }),
    ...(name !== undefined && { name }),
    hasInheritedMonitor: qmp === undefined && controls.some(({ values }) => values.has('fd')),
  };
}

/** `socket,id=a,path=/x,server=on`: two commas are one in a value. */
interface Properties {
  readonly first: string;
  readonly values: ReadonlyMap<string, string>;
}

function propertiesOf(text: string): Properties {
  const parts = text
    .slice(0, 65_536)
    .replaceAll(',,', '\0')
    .split(',')
    .map((part) => part.replaceAll('\0', ','));
  const values = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf('=');
    if (equals > 0) values.set(part.slice(0, equals), part.slice(equals + 1));
  }
  return { first: parts[0] ?? '', values };
}

/** The old form of a device: `tcp::1234`, `tcp:localhost:1234,server`, `unix:/path,server=on,wait=off`. */
function endpointOfDevice(device: string): Endpoint | undefined {
  const { first } = propertiesOf(device);
  if (first.startsWith('unix:')) return parseEndpoint(first);
  return first.startsWith('tcp:') ? reachable(parseEndpoint(first)) : undefined;
}

function endpointOfChardev({ first, values }: Properties): Endpoint | undefined {
  if (first !== 'socket') return undefined;
  const path = values.get('path');
  // Abstract ones have no path in any folder.
  if (path !== undefined) return values.get('abstract') === 'on' ? undefined : { kind: 'unix', path };
  const port = values.get('port');
  const host = values.get('host') ?? '';
  return port === undefined
    ? undefined
    : reachable(parseEndpoint(`${host.includes(':') ? `[${host}]` : host}:${port}`));
}

/** What listens at all addresses is reached at that of the machine itself. */
function reachable(endpoint: Endpoint | undefined): Endpoint | undefined {
  if (endpoint?.kind !== 'tcp') return endpoint;
  const { host, port } = endpoint;
  if (host === '0.0.0.0') return { kind: 'tcp', host: '127.0.0.1', port };
  return host === '::' ? { kind: 'tcp', host: '::1', port } : endpoint;
}
