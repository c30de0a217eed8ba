import type { GdbConnection } from './connection.ts';
import { refusedError } from './errors.ts';
import { framePacket } from './packet-parser.ts';

/** How the target is left. */
export type Leave = 'running' | 'stopped';

/** What there is to do before a stub is left. */
export interface Leaving {
  readonly leave: Leave;
  /** The target runs, for all that is known. */
  readonly isRunning: boolean;
  /** Requests that take back what was changed in the stub. */
  readonly undoing: readonly string[];
  /** The request that detaches. */
  readonly detach: string;
  /**
   * The answer to that has to be acknowledged: the kernel's own stub waits for it without end before it goes on, while
   * one that reaches a QEMU whose guest runs already stops it again.
   */
  readonly acknowledgesDetach: boolean;
}

/** Milliseconds that leaving takes at most, where the stub does not answer. */
const leaveMilliseconds = 2000;

/**
 * Puts the stub in order, detaches where the target is to run, and closes the connection. Never fails: where the stub
 * does not answer, or something else than it should, all is sent once more without waiting, and done by a stub that
 * comes to itself later.
 */
export async function leaveStub(connection: GdbConnection, leaving: Leaving): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), leaveMilliseconds);
  });
  const inOrder = putInOrder(connection, leaving).then(
    () => true,
    () => false,
  );
  const isDone = await Promise.race([inOrder, late]);
  clearTimeout(timer);
  await connection.end(isDone ? [] : lastWords(leaving));
}

async function putInOrder(connection: GdbConnection, leaving: Leaving): Promise<void> {
  const { leave, isRunning, undoing, detach, acknowledgesDetach } = leaving;
  if (connection.failure !== undefined) throw connection.failure;
  // QEMU drops the byte that stops its guest, so it cannot be the first one of a packet.
  if (isRunning) connection.interrupt();
  await connection.idle();
  const options = { evenAborted: true, timeoutMilliseconds: leaveMilliseconds };
  await Promise.all(undoing.map((request) => connection.request(request, 'plain', options)));
  if (leave === 'stopped') return;
  // Nothing is left to acknowledge, ...
  await connection.idle();
  // ... and the answer to this is not, where that would stop the guest.
  if (!acknowledgesDetach) connection.stopAcknowledging();
  const answer = (await connection.request(detach, 'plain', options)).toString('latin1');
  if (answer !== 'OK') throw refusedError(connection.peer, detach, answer);
}

/**
 * All at once. An acknowledgement stands before each: a stub that waits for one may take the next packet's `$` for it.
 * One is behind the last only where it is waited for.
 */
export function lastWords({ leave, isRunning, undoing, detach, acknowledgesDetach }: Leaving): (string | Buffer)[] {
  const requests = [...undoing, ...(leave === 'running' ? [detach] : [])];
  return [
    ...(isRunning ? [Buffer.from([3])] : []),
    ...requests.flatMap((request) => [Buffer.from('+'), framePacket(request)]),
    ...(acknowledgesDetach && leave === 'running' ? [Buffer.from('+')] : []),
  ];
}
