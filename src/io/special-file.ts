import { closeSync, constants, fstatSync, openSync, read as readFile } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { streamChunks } from './byte-source.ts';
import { systemCode } from './input-error.ts';

/** How a pipe or device is read. */
export interface SpecialOptions {
  /** Ends reading: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which a device that has nothing more (/dev/kmsg) is asked again; without it, that is its end. */
  readonly pollMilliseconds?: number | undefined;
}

/** A read of /dev/kmsg gives one record, and fails if that does not fit (kernel/printk/printk.c, devkmsg_read()). */
const deviceBytes = 65_536;

/**
 * Opens a pipe or device. No call waits for a writer or for data, as nothing ends such a one: a thread of Node would be
 * in it for good, and the process wait for that thread at its end.
 * @throws the system's error.
 */
export async function openSpecial(path: string, options: SpecialOptions): Promise<AsyncGenerator<Uint8Array>> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    if (fstatSync(descriptor).isFIFO()) {
      const { Socket } = await import('node:net');
      return streamChunks(new Socket({ fd: descriptor, readable: true, writable: false }), options.signal);
    }
    const { isatty, ReadStream } = await import('node:tty');
    if (isatty(descriptor)) return streamChunks(new ReadStream(descriptor), options.signal);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return deviceChunks(descriptor, options);
}

const readPiece = promisify(readFile);

/** What a device has; closes it on every way out. */
async function* deviceChunks(
  descriptor: number,
  { signal, pollMilliseconds }: SpecialOptions,
): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(deviceBytes);
  try {
    for (;;) {
      signal?.throwIfAborted();
      try {
        const { bytesRead } = await readPiece(descriptor, buffer, 0, deviceBytes, null);
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      } catch (error) {
        const code = systemCode(error);
        // Records were overwritten before they were read: the next read begins at the first that is left.
        if (code === 'EPIPE') continue;
        if (code !== 'EAGAIN') throw error;
        if (pollMilliseconds === undefined) return;
        await after(pollMilliseconds, undefined, { signal });
      }
    }
  } finally {
    closeSync(descriptor);
  }
}
