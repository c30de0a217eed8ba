import { connectSocket, type Endpoint, endpointText } from '../io/socket.ts';
import { LiveMachine, type LiveOptions } from './live-machine.ts';
import { QmpClient } from './qmp/client.ts';
import { type Monitor, queryStatus } from './qmp/monitor.ts';

/** Where a guest is reached, and how. */
export interface OpenMachineOptions extends Omit<LiveOptions, 'peer' | 'monitor' | 'wasRunning'> {
  /** Its gdbstub. */
  readonly gdb: Endpoint;
  /** Its monitor: the address of a QMP socket, or what stands for one; closed with the machine. */
  readonly qmp?: Endpoint | Monitor | undefined;
}

/** Connects to a monitor. */
export async function openMonitor(
  endpoint: Endpoint,
  options: { readonly signal?: AbortSignal | undefined; readonly timeoutMilliseconds?: number | undefined } = {},
): Promise<QmpClient> {
  const stream = await connectSocket(endpoint, options);
  return QmpClient.open(stream, { ...options, peer: endpointText(endpoint) });
}

/**
 * Attaches to a guest. It is asked of the monitor first whether it runs, as only that knows for sure.
 * @throws KtriageError KT-SOCKET-UNREACHABLE, KT-GDB-*, KT-QMP-*, KT-MACHINE-ARCHITECTURE, with the guest as it was; the
 * signal's reason.
 */
export async function openMachine(options: OpenMachineOptions): Promise<LiveMachine> {
  const { gdb, qmp, ...others } = options;
  const monitor = qmp === undefined || 'execute' in qmp ? qmp : await openMonitor(qmp, options);
  try {
    const wasRunning = monitor === undefined ? undefined : (await queryStatus(monitor)).isRunning;
    const stream = await connectSocket(gdb, options);
    return await LiveMachine.open(stream, { ...others, peer: endpointText(gdb), monitor, wasRunning });
  } catch (error) {
    await monitor?.close();
    throw error;
  }
}
