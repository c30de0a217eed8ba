import { accessSync, constants } from 'node:fs';
import { connectSocket, type Endpoint, endpointText } from '../io/socket.ts';
import { LiveMachine } from '../machine/live-machine.ts';
import type { Machine } from '../machine/machine.ts';
import { MonitorMachine } from '../machine/monitor-machine.ts';
import { openMachine, openMonitor } from '../machine/open-machine.ts';
import type { Monitor } from '../machine/qmp/monitor.ts';
import { KtriageError } from '../util/errors.ts';
import { gdbServerOf } from './targets/gdb-server.ts';
import { waysOfProcess } from './targets/process-target.ts';
import { openSerialLine } from './targets/serial-line.ts';
import type { SerialLine, Target } from './targets/target.ts';
import { VirshMonitor } from './targets/virsh-monitor.ts';

/** How a machine is attached to. */
export interface AttachOptions {
  /** QEMU's monitor beside the gdbstub that is named. */
  readonly qmp?: Endpoint | undefined;
  /** Leaves it standing still at the end. */
  readonly isHeld?: boolean | undefined;
  /** Does not stop it: what is read at different times may not fit together. Only QEMU's monitor can. */
  readonly isLeftRunning?: boolean | undefined;
  /** Gives up; what was attached to is left as it was found. */
  readonly signal?: AbortSignal | undefined;
  /** The program for `libvirt:`; virsh. */
  readonly virsh?: string | undefined;
}

/** A machine of which hold was taken, and how to let it go. */
export interface Attachment {
  readonly machine: Machine;
  /** Of a gdbstub: what can set breakpoints. */
  readonly live?: LiveMachine;
  /** What the user may want to know of how it was reached. */
  readonly notes: readonly string[];
  /** Leaves it as it was found. Never fails, and takes a few seconds at most. */
  close(): Promise<void>;
  /** The same without waiting for anything, for a process that ends at once. */
  abandon(): void;
}

/** Where virtme-ng's `--debug` has QEMU listen (virtme_ng/run.py). */
const vngGdb: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: 1234 };
const vngQmp: Endpoint = { kind: 'tcp', host: '127.0.0.1', port: 3636 };

/**
 * Takes hold of a machine, which stops it.
 * @throws KtriageError KT-SOCKET-UNREACHABLE, KT-GDB-*, KT-QMP-*, KT-LIVE-*, KT-MACHINE-ARCHITECTURE, with the machine as
 * it was; the signal's reason.
 */
export async function attach(target: Target, options: AttachOptions = {}): Promise<Attachment> {
  switch (target.kind) {
    case 'gdb':
      return options.isLeftRunning === true
        ? leftRunning(options.qmp, options)
        : ofMachine(await openMachine({ gdb: target.endpoint, ...machineOptions(options), qmp: options.qmp }));
    case 'qmp':
      return throughMonitor(await openMonitor(target.endpoint, options), hostOf(target.endpoint), options);
    case 'libvirt':
      return throughMonitor(new VirshMonitor(target.domain, { program: options.virsh, ...options }), 'local', options);
    case 'vng':
      return both(vngGdb, options.qmp ?? vngQmp, options, [
        'no monitor listens on port 3636, where vng --debug has it',
      ]);
    case 'process': {
      const { gdb, qmp = options.qmp } = waysOfProcess(target.id);
      if (gdb !== undefined) return both(gdb, qmp, options, ['its monitor cannot be reached']);
      if (qmp === undefined) throw new Error('a process without any way to it');
      return throughMonitor(await openMonitor(qmp, options), hostOf(qmp), options);
    }
    case 'kgdb':
      return throughLine(target.line, options);
  }
}

function machineOptions({ signal, isHeld }: AttachOptions): Pick<AttachOptions, 'signal' | 'isHeld'> {
  return { signal, isHeld };
}

function ofMachine(machine: LiveMachine | MonitorMachine, notes: readonly string[] = []): Attachment {
  return {
    machine,
    notes,
    ...(machine instanceof LiveMachine && { live: machine }),
    close: () => machine.close(),
    abandon: () => machine.abandon(),
  };
}

const hostOf = (endpoint: Endpoint): string =>
  endpoint.kind === 'unix' || endpoint.host === 'localhost' || /^(?:127\.|::1$)/.test(endpoint.host)
    ? 'local'
    : endpoint.host;

function isUnreachable(error: unknown): error is KtriageError {
  return error instanceof KtriageError && error.code === 'KT-SOCKET-UNREACHABLE';
}

/** A stub and a monitor, of which one may be missing or taken by somebody else. */
async function both(
  gdb: Endpoint,
  qmp: Endpoint | undefined,
  options: AttachOptions,
  without: readonly string[],
): Promise<Attachment> {
  let monitor: Monitor | undefined;
  const notes: string[] = [];
  if (qmp !== undefined) {
    try {
      monitor = await openMonitor(qmp, { signal: options.signal, timeoutMilliseconds: 2000 });
    } catch (error) {
      // A monitor serves one client at a time: it does not answer the others.
      const isTaken = error instanceof KtriageError && error.code === 'KT-QMP-TIMEOUT';
      if (!isUnreachable(error) && !isTaken) throw error;
      if (options.isLeftRunning === true) throw error;
      notes.push(...without);
    }
  }
  if (options.isLeftRunning === true) return ofMachine(await runningMachine(monitor));
  try {
    return ofMachine(await openMachine({ gdb, ...machineOptions(options), qmp: monitor }), notes);
  } catch (error) {
    // openMachine has closed the monitor.
    if (!isUnreachable(error) || qmp === undefined || monitor === undefined) throw error;
    return throughMonitor(await openMonitor(qmp, options), hostOf(qmp), options);
  }
}

/** Through a monitor that starts the stub; through it alone where the stub cannot be reached. */
async function throughMonitor(monitor: Monitor, host: string, options: AttachOptions): Promise<Attachment> {
  if (options.isLeftRunning === true) return ofMachine(await runningMachine(monitor));
  let server: Awaited<ReturnType<typeof gdbServerOf>>;
  try {
    server = await gdbServerOf(monitor, host, isWritable);
  } catch (error) {
    await monitor.close();
    throw error;
  }
  try {
    return ofMachine(await openMachine({ gdb: server.endpoint, ...machineOptions(options), qmp: server.monitor }));
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    throw new KtriageError(
      'KT-LIVE-STUB',
      `cannot reach the gdbstub of the guest at ${monitor.peer}`,
      `its QEMU listens at ${endpointText(server.endpoint)}, and ${error.why}`,
      'run ktriage on the machine that the guest runs on; --no-stop looks at it through its monitor alone',
    );
  }
}

/** Whether we may connect to a socket, as far as its permissions say. */
function isWritable(endpoint: Endpoint): boolean {
  if (endpoint.kind !== 'unix') return true;
  try {
    accessSync(endpoint.path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function leftRunning(qmp: Endpoint | undefined, options: AttachOptions): Promise<Attachment> {
  return ofMachine(await runningMachine(qmp === undefined ? undefined : await openMonitor(qmp, options)));
}

async function runningMachine(monitor: Monitor | undefined): Promise<MonitorMachine> {
  if (monitor !== undefined) return MonitorMachine.open(monitor, { isLeftRunning: true });
  throw new KtriageError(
    'KT-USAGE',
    'cannot look at the guest without stopping it',
    'a gdbstub stops its guest when it is connected to; only a monitor does not',
    'name the monitor: qmp:SOCKET, or --qmp SOCKET',
  );
}

/** The kernel's own stub. It answers only while the kernel is in it; QEMU's monitor is of no use beside it. */
async function throughLine(line: SerialLine | Endpoint, options: AttachOptions): Promise<Attachment> {
  const { signal, isHeld } = options;
  const peer = line.kind === 'serial' ? line.path : endpointText(line);
  const stream = line.kind === 'serial' ? await openSerialLine(line, signal) : await connectSocket(line, options);
  try {
    const options = { peer, signal, isHeld, isKernelStub: true, isLossy: true, timeoutMilliseconds: 3000 };
    const machine = await LiveMachine.open(stream, options);
    return ofMachine(machine, machine.wasRunning ? [] : ['it stays in its debugger, where an exception brought it']);
  } catch (error) {
    if (!(error instanceof KtriageError) || error.code !== 'KT-GDB-TIMEOUT') throw error;
    throw new KtriageError(
      'KT-LIVE-KGDB',
      `the kernel at ${peer} does not answer`,
      'it answers only while it is in its debugger: after a panic or oops, or when it was asked for it',
      'echo g > /proc/sysrq-trigger in it, or send a break and g on the line; it needs kgdboc=DEVICE',
      'unvouched',
    );
  }
}
