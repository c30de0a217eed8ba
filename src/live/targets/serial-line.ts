import { constants, openSync, statSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { ReadStream } from 'node:tty';
import { runProcess } from '../../io/process.ts';
import { KtriageError } from '../../util/errors.ts';
import type { SerialLine } from './target.ts';

function unusable(path: string, why: string, hint: string): KtriageError {
  return new KtriageError('KT-LIVE-SERIAL', `cannot use the serial line ${path}`, why, hint);
}

/**
 * Opens a serial line for bytes as they are: raw, without an echo, without waiting for a carrier. Speed and these are set
 * by `stty`, which every Linux has, as Node cannot.
 * @throws KtriageError KT-LIVE-SERIAL; the signal's reason.
 */
export async function openSerialLine(line: SerialLine, signal?: AbortSignal): Promise<Duplex> {
  const { path, speed } = line;
  const isDevice = statSync(path, { throwIfNoEntry: false })?.isCharacterDevice();
  if (isDevice === undefined) throw unusable(path, 'there is no such device', 'check the path');
  if (!isDevice) throw unusable(path, 'it is no terminal device', 'name a serial line, or HOST:PORT, or a socket');
  const modes = ['raw', '-echo', 'clocal', '-hupcl', '-crtscts', ...(speed === undefined ? [] : [`${speed}`])];
  const set = await runProcess('stty', ['-F', path, ...modes], { timeoutMilliseconds: 5000, signal });
  signal?.throwIfAborted();
  if (set.exitCode !== 0) {
    const why = set.failure === 'ENOENT' ? 'stty is not installed' : set.stderr.trim().split('\n', 1)[0];
    throw unusable(
      path,
      why || 'stty failed',
      'run as a user that may use the line (group dialout), with no other reader',
    );
  }
  try {
    return new ReadStream(openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw unusable(path, why, 'run as a user that may use the line (group dialout)');
  }
}
