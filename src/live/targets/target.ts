import { type Endpoint, parseEndpoint } from '../../io/socket.ts';
import { KtriageError } from '../../util/errors.ts';

/** Where a stopped or hung machine is, as a user names it. */
export type Target =
  /** A gdbstub. */
  | { readonly kind: 'gdb'; readonly endpoint: Endpoint }
  /** QEMU's monitor, which starts the gdbstub. */
  | { readonly kind: 'qmp'; readonly endpoint: Endpoint }
  | { readonly kind: 'libvirt'; readonly domain: string }
  /** A guest of virtme-ng's `vng --debug`. */
  | { readonly kind: 'vng' }
  /** A QEMU on this machine. */
  | { readonly kind: 'process'; readonly id: number }
  /** The kernel's own stub, on a serial line or what a server makes of one. */
  | { readonly kind: 'kgdb'; readonly line: SerialLine | Endpoint };

/** A serial line of this machine. */
export interface SerialLine {
  readonly kind: 'serial';
  readonly path: string;
  /** Bits per second; the line's own if it is not given. */
  readonly speed?: number;
}

/** What is attached to if nothing is named: where QEMU's `-s` listens. */
export const defaultTarget = ':1234';

/** The forms of a target, for help and errors. */
export const targetForms =
  'HOST:PORT, a unix socket, qmp:SOCKET, libvirt:DOMAIN, vng, pid:N, kgdb:/dev/ttyS0, kgdb:HOST:PORT';

const serialSpeeds: ReadonlySet<number> = new Set([
  ...[1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000, 921_600],
  ...[1_000_000, 1_500_000, 2_000_000, 3_000_000, 4_000_000],
]);

function wrongTarget(text: string, why: string): KtriageError {
  return new KtriageError('KT-LIVE-TARGET', `${text} is no target`, why, `a target is ${targetForms}`);
}

/**
 * A target as people write it.
 * @throws KtriageError KT-LIVE-TARGET.
 */
export function parseTarget(text: string): Target {
  const colon = text.indexOf(':');
  const scheme = colon < 0 ? text : text.slice(0, colon);
  const rest = colon < 0 ? '' : text.slice(colon + 1);
  switch (scheme) {
    case 'vng':
      if (colon < 0) return { kind: 'vng' };
      break;
    case 'qmp':
      return { kind: 'qmp', endpoint: endpointOf(text, rest) };
    case 'gdb':
      return { kind: 'gdb', endpoint: endpointOf(text, rest) };
    case 'libvirt':
      // A name that begins with a dash would be taken for an option.
      if (/^[^\s-][^\0\n]{0,255}$/.test(rest)) return { kind: 'libvirt', domain: rest };
      throw wrongTarget(text, 'the name of a domain is missing: virsh list --all has them');
    case 'pid':
      if (/^[1-9]\d{0,9}$/.test(rest)) return { kind: 'process', id: Number(rest) };
      throw wrongTarget(text, 'pid: takes the number of a QEMU process');
    case 'kgdb':
      return { kind: 'kgdb', line: lineOf(text, rest) };
    default:
      break;
  }
  return { kind: 'gdb', endpoint: endpointOf(text, text) };
}

/** An address in a target, or in an option: `HOST:PORT` or the path of a socket, which may be a file here. */
export function endpointOf(whole: string, text: string): Endpoint {
  const endpoint = parseEndpoint(text);
  if (endpoint === undefined) throw wrongTarget(whole, 'it is no HOST:PORT, and the path of a socket has a / in it');
  return endpoint;
}

/** `/dev/ttyS0`, `/dev/ttyUSB0,115200`, `HOST:PORT`, and the path of a socket that is no device. */
function lineOf(whole: string, text: string): SerialLine | Endpoint {
  if (!text.startsWith('/dev/')) return endpointOf(whole, text);
  const [path = '', speed, ...more] = text.split(',');
  if (speed === undefined) return { kind: 'serial', path };
  if (more.length > 0 || !serialSpeeds.has(Number(speed)))
    throw wrongTarget(whole, `${speed.slice(0, 20)} is no speed of a serial line`);
  return { kind: 'serial', path, speed: Number(speed) };
}
