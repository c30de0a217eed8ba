import type { FileHandle } from 'node:fs/promises';

/** Bytes read from a file at a time. */
export const windowBytes = 524_288;

/** Chunks of bytes in order. A chunk may be overwritten when the next one is asked for. */
export type ByteSource = AsyncIterable<Uint8Array>;

/**
 * A file's bytes in windows, to the end that it has when that is reached. The next window is read while the last one
 * is looked at; two buffers take turns. Closes the file on every way out.
 */
export async function* fileWindows(file: FileHandle, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  let current = Buffer.allocUnsafeSlow(windowBytes);
  let other = Buffer.allocUnsafeSlow(windowBytes);
  let position = 0;
  let pending = file.read(current, 0, windowBytes, position);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await pending;
      if (bytesRead === 0) return;
      position += bytesRead;
      pending = file.read(other, 0, windowBytes, position);
      // A failure that nobody waits for any more must not end the program.
      pending.catch(() => undefined);
      yield current.subarray(0, bytesRead);
      [current, other] = [other, current];
    }
  } finally {
    await pending.catch(() => undefined);
    await file.close();
  }
}

/** A stream's chunks. An abort destroys the stream and is thrown. */
export async function* streamChunks(
  stream: NodeJS.ReadableStream,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  const stop = (): void => {
    if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk;
    signal?.throwIfAborted();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** A source whose beginning was already read. */
export interface PeekedSource {
  /** At least `bytes` of it, or all there is. */
  readonly start: Uint8Array;
  /** Everything, the start included. */
  readonly all: AsyncGenerator<Uint8Array>;
}

/** Reads the beginning of a source without taking it away. */
export async function peek(source: AsyncGenerator<Uint8Array>, bytes: number): Promise<PeekedSource> {
  let start: Uint8Array = new Uint8Array(0);
  while (start.length < bytes) {
    const next = await source.next();
    if (next.done === true) break;
    // A chunk that is long enough is used as it is: it stays valid until the next one is asked for.
    start = start.length === 0 && next.value.length >= bytes ? next.value : Buffer.concat([start, next.value]);
  }
  return { start, all: joined(start, source) };
}

async function* joined(start: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (start.length > 0) yield start;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
