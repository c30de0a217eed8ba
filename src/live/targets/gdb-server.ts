import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Endpoint, parseEndpoint } from '../../io/socket.ts';
import { type Monitor, queryGdbServer, startGdbServer, stopGdbServer } from '../../machine/qmp/monitor.ts';
import { KtriageError } from '../../util/errors.ts';

/** A gdbstub of a QEMU whose monitor was asked for one. */
export interface GdbServer {
  readonly endpoint: Endpoint;
  /** The monitor, which stops a stub that was started here when it is closed. */
  readonly monitor: Monitor;
}

/**
 * A device as QEMU writes it: `disconnected:tcp:127.0.0.1:38957,server=on`, and `tcp:127.0.0.1:38957,server=on <-> PEER`
 * or `unix:/path,server=on` while somebody is attached.
 */
function deviceOf(device: string): { readonly endpoint: Endpoint | undefined; readonly isBusy: boolean } {
  const address = device.replace(/^disconnected:/, '');
  const [listens = ''] = address.split(/,| <-> /, 1);
  return { endpoint: parseEndpoint(listens), isBusy: /^(?:tcp|unix):/.test(device) };
}

function busy(monitor: Monitor, device: string): KtriageError {
  return new KtriageError(
    'KT-LIVE-BUSY',
    `cannot attach to the guest at ${monitor.peer}`,
    `another debugger is attached to its gdbstub (${device.slice(0, 120)})`,
    'detach that one: a stub serves one debugger at a time',
  );
}

/**
 * The gdbstub that a QEMU has already; if it has none, one is started, where nobody else on this machine can connect if
 * that is possible. A QEMU of another user makes a socket that we cannot write to: then it is a port of this machine.
 * @param host where QEMU runs, by how its monitor is reached; `local` for this machine.
 * @throws KtriageError KT-LIVE-BUSY, KT-QMP-*.
 */
export async function gdbServerOf(
  monitor: Monitor,
  host: string,
  canConnect: (endpoint: Endpoint) => boolean,
): Promise<GdbServer> {
  const existing = await queryGdbServer(monitor);
  if (existing !== undefined) {
    const { endpoint, isBusy } = deviceOf(existing);
    if (isBusy) throw busy(monitor, existing);
    if (endpoint !== undefined) return { endpoint: atHost(endpoint, host), monitor };
  }
  if (host === 'local') {
    const path = join(tmpdir(), `ktriage-${randomUUID().slice(0, 8)}.gdb`);
    const endpoint: Endpoint = { kind: 'unix', path };
    const started = await startGdbServer(monitor, `unix:${path.replaceAll(',', ',,')},server=on,wait=off`).then(
      () => true,
      refused,
    );
    if (started && canConnect(endpoint)) return { endpoint, monitor: stoppingServer(monitor, path) };
    if (started) await stopGdbServer(monitor);
  }
  const bind = host === 'local' ? '127.0.0.1' : host;
  await startGdbServer(monitor, `tcp:${bind.includes(':') ? `[${bind}]` : bind}:0`);
  const stopping = stoppingServer(monitor);
  const { endpoint } = deviceOf((await queryGdbServer(monitor)) ?? '');
  if (endpoint !== undefined) return { endpoint: atHost(endpoint, host), monitor: stopping };
  await stopGdbServer(monitor);
  throw new KtriageError(
    'KT-LIVE-STUB',
    `cannot reach the gdbstub of the guest at ${monitor.peer}`,
    'QEMU does not say where it listens',
    'start the guest with -s, or type gdbserver at its monitor, and name HOST:PORT',
  );
}

/** What listens at all addresses, or at those of another machine, is reached at the monitor's host. */
function atHost(endpoint: Endpoint, host: string): Endpoint {
  if (endpoint.kind === 'unix') return endpoint;
  const isAny = endpoint.host === '0.0.0.0' || endpoint.host === '::';
  if (host !== 'local') return isAny ? { ...endpoint, host } : endpoint;
  return isAny ? { ...endpoint, host: '127.0.0.1' } : endpoint;
}

function refused(error: unknown): false {
  if (error instanceof KtriageError && error.code === 'KT-QMP-REFUSED') return false;
  throw error;
}

/** The same monitor, which stops the stub before it is left. */
function stoppingServer(monitor: Monitor, path?: string): Monitor {
  let undoing: Promise<void> | undefined;
  const undo = (): Promise<void> => {
    undoing ??= stopGdbServer(monitor).catch(() => undefined);
    return undoing;
  };
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    monitor.forgive();
    await undo();
    await monitor.close();
    if (path !== undefined) rmSync(path, { force: true });
  };
  return {
    peer: monitor.peer,
    ...(monitor.isSlow !== undefined && { isSlow: monitor.isSlow }),
    execute: (command, parameters) => monitor.execute(command, parameters),
    forgive: () => monitor.forgive(),
    undo,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
