import { statSync } from 'node:fs';
import { followFile } from '../io/follow.ts';
import { connectSocket, parseEndpoint } from '../io/socket.ts';

/**
 * Waits till a console has been quiet for so long: a file that a guest's console is written to, from its present end on,
 * or a socket that has it. A file that is not there yet is quiet.
 * @returns `quiet`, or `ended` when the other side closed the socket.
 * @throws KtriageError KT-SOCKET-UNREACHABLE, KT-INPUT-*; the signal's reason.
 */
export async function quietConsole(
  console: string,
  milliseconds: number,
  signal: AbortSignal,
): Promise<'quiet' | 'ended'> {
  signal.throwIfAborted();
  const isSocket =
    statSync(console, { throwIfNoEntry: false })?.isSocket() ?? /^(?:tcp|unix):|^[^/]*:\d+$/.test(console);
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  let timer: NodeJS.Timeout | undefined;
  const quiet = new Promise<'quiet'>((resolve) => {
    timer = setTimeout(() => resolve('quiet'), milliseconds);
  });
  const heard = (): void => void timer?.refresh();
  const listening = isSocket ? listen(console, either, heard) : follow(console, either, heard);
  try {
    return await Promise.race([quiet, listening]);
  } finally {
    clearTimeout(timer);
    enough.abort();
    listening.catch(() => undefined);
  }
}

async function follow(path: string, signal: AbortSignal, heard: () => void): Promise<'ended'> {
  for await (const event of followFile(path, { signal, from: 'end' })) if (event.type !== 'quiet') heard();
  return 'ended';
}

async function listen(address: string, signal: AbortSignal, heard: () => void): Promise<'ended'> {
  const endpoint = parseEndpoint(address) ?? { kind: 'unix', path: address };
  const socket = await connectSocket(endpoint, { signal });
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop);
  try {
    for await (const _chunk of socket) heard();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
  signal.throwIfAborted();
  return 'ended';
}
