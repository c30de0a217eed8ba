import { KtriageError } from '../../util/errors.ts';
import { listOf, member, numberMember, textMember } from './values.ts';

/**
 * QEMU's monitor, however it is reached: a socket (`QmpClient`), or a program that hands commands on, as virsh does.
 */
export interface Monitor {
  /** Its address, for errors. */
  readonly peer: string;
  /** It takes long for each command: what a gdbstub can tell as well is asked there. */
  readonly isSlow?: boolean;
  /**
   * Runs a command and gives what it returns.
   * @throws KtriageError KT-QMP-REFUSED if QEMU answers with an error, KT-QMP-TIMEOUT, KT-QMP-CLOSED, KT-QMP-GARBLED.
   */
  execute(command: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Takes commands again though what it was to heed was aborted: what leaves the guest as it was must still be said. */
  forgive(): void;
  /**
   * Undoes what was set up here, before the guest is let go: who waits for a gdbstub to become free is let in when it is
   * left, which stops the guest.
   */
  undo?(): Promise<void>;
  close(): Promise<void>;
}

/** What QEMU says about its guest (`query-status`). */
export interface RunState {
  readonly isRunning: boolean;
  /** `running`, `paused`, `prelaunch`, `guest-panicked`, `internal-error`, `shutdown` ... */
  readonly status: string;
}

/** A vCPU (`query-cpus-fast`, since QEMU 2.12). */
export interface MonitorCpu {
  readonly index: number;
  /** QEMU's own name of the architecture: `x86_64`, `aarch64`. */
  readonly target: string;
  /** The host's thread that runs it. */
  readonly hostThread?: number;
}

const mostCpus = 4096;
const mostDevices = 4096;

/** QEMU answered with an error. */
export function refusedByMonitor(peer: string, command: string, why: string): KtriageError {
  return new KtriageError(
    'KT-QMP-REFUSED',
    `QEMU's monitor at ${peer} refused ${command}`,
    why,
    'check that the guest has started, and that its QEMU knows the command',
  );
}

/** QEMU answered what is no answer. */
export function garbledMonitor(peer: string, why: string): KtriageError {
  return new KtriageError(
    'KT-QMP-GARBLED',
    `cannot understand QEMU's monitor at ${peer}`,
    why,
    'check that the socket is that of a QMP monitor (-qmp unix:FILE,server=on,wait=off)',
  );
}

export async function queryStatus(monitor: Monitor): Promise<RunState> {
  const answer = await monitor.execute('query-status');
  const isRunning = member(answer, 'running');
  const status = textMember(answer, 'status');
  if (typeof isRunning !== 'boolean' || status === undefined)
    throw garbledMonitor(monitor.peer, 'its answer to query-status has no status');
  return { isRunning, status };
}

export async function queryCpus(monitor: Monitor): Promise<MonitorCpu[]> {
  const cpus: MonitorCpu[] = [];
  for (const each of listOf(await monitor.execute('query-cpus-fast'), mostCpus)) {
    const index = numberMember(each, 'cpu-index');
    if (index === undefined) continue;
    const hostThread = numberMember(each, 'thread-id');
    const target = textMember(each, 'target') ?? textMember(each, 'arch') ?? '';
    cpus.push({ index, target, ...(hostThread === undefined ? {} : { hostThread }) });
  }
  return cpus;
}

/**
 * Runs a command of the monitor for humans and gives what it prints, lines ending in `\n`.
 * @param cpu whose state it is about, for commands that are about one.
 */
export async function humanCommand(monitor: Monitor, command: string, cpu?: number): Promise<string> {
  const parameters = { 'command-line': command, ...(cpu === undefined ? {} : { 'cpu-index': cpu }) };
  const answer = await monitor.execute('human-monitor-command', parameters);
  if (typeof answer !== 'string') throw garbledMonitor(monitor.peer, `its answer to ${command} is no text`);
  return answer.replaceAll('\r\n', '\n');
}

/** Stops all vCPUs. */
export async function stopGuest(monitor: Monitor): Promise<void> {
  await monitor.execute('stop');
}

/** Lets all vCPUs run. */
export async function continueGuest(monitor: Monitor): Promise<void> {
  await monitor.execute('cont');
}

/**
 * Starts the gdbstub of a QEMU that runs without one.
 * @param device where it listens: `tcp:127.0.0.1:1234`, `unix:/path,server=on,wait=off`.
 * @throws KtriageError KT-QMP-REFUSED if QEMU prints a complaint instead of doing it.
 */
export async function startGdbServer(monitor: Monitor, device: string): Promise<void> {
  const printed = (await humanCommand(monitor, `gdbserver ${device}`)).trim();
  // "Waiting for gdb connection on device 'tcp:...'" (monitor/hmp-cmds.c), and Error: or nothing of that if it fails.
  if (!printed.startsWith('Waiting for gdb connection'))
    throw refusedByMonitor(monitor.peer, 'gdbserver', printed.slice(0, 200) || 'it printed nothing');
}

/**
 * Where the gdbstub of a QEMU listens, as QEMU writes it: `tcp:127.0.0.1:1234,server=on`, with `disconnected:` before it
 * while nobody is attached (chardev/char-socket.c). Undefined if there is none, or it is reached in no such way. It is a
 * character device of the name `gdb` (gdbstub/softmmu.c).
 */
export async function queryGdbServer(monitor: Monitor): Promise<string | undefined> {
  for (const each of listOf(await monitor.execute('query-chardev'), mostDevices)) {
    const name = textMember(each, 'filename');
    if (textMember(each, 'label') === 'gdb' && name !== undefined) return name;
  }
  return undefined;
}

/** Stops a gdbstub that was started; the guest runs on or not as it did. */
export async function stopGdbServer(monitor: Monitor): Promise<void> {
  await humanCommand(monitor, 'gdbserver none');
}

/** Lets the guest run if it is to and does not, and leaves the monitor. Never fails. */
export async function leaveMonitor(monitor: Monitor, isLeftRunning: boolean): Promise<void> {
  monitor.forgive();
  try {
    await monitor.undo?.();
    if (isLeftRunning && !(await queryStatus(monitor)).isRunning) await continueGuest(monitor);
  } catch {
    // It is gone: there is nothing that could be done.
  }
  await monitor.close().catch(() => undefined);
}
