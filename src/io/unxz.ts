import { DamagedDataError } from './damaged.ts';

/** The decoder's error numbers (xz-embedded, `enum xz_ret` in linux/xz.h). */
const errorMeanings: Readonly<Record<string, string>> = {
  '3': 'it needs more memory than can be had',
  '4': 'it asks for a dictionary that is too large',
  '5': 'this is not xz data',
  '6': 'it has options that are not supported (checks other than CRC32 and CRC64 are not)',
  '7': 'the data is damaged',
  '8': 'the data ends early, or other data follows it',
};

/**
 * Decodes xz with one or several streams. Only one input can be under way in a process (the decoder serializes
 * them): a second one waits until the first is read to its end or given up.
 * @throws DamagedDataError where the data is damaged or ends early, after all before that was delivered (but for the
 * last 64 KiB at most, which the decoder keeps to itself when it fails).
 */
export async function* unxz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // The package is CommonJS behind a wrapper in which Node finds no names: they are in the default export.
  const xz: unknown = await import('xz-decompress');
  const { XzReadableStream } = decoderModule(xz);
  const input = source[Symbol.asyncIterator]();
  const compressed = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await input.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
    },
    // Nothing is read ahead: a chunk may be overwritten when the next one is asked for.
    { highWaterMark: 0 },
  );
  const reader = new XzReadableStream(compressed).getReader();
  let over = false;
  try {
    for (;;) {
      const next = await reader.read().catch((error: unknown) => {
        over = true;
        throw damage(error);
      });
      over = next.done;
      if (next.done) return;
      if (next.value.length > 0) yield next.value;
    }
  } finally {
    // The decoder holds a lock until it is told that nobody waits for it any more.
    if (!over) await reader.cancel();
  }
}

interface DecoderModule {
  readonly XzReadableStream: new (compressed: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;
}

function hasDecoder(value: unknown): value is DecoderModule {
  return typeof value === 'object' && value !== null && 'XzReadableStream' in value;
}

function decoderModule(module: unknown): DecoderModule {
  if (hasDecoder(module)) return module;
  if (typeof module === 'object' && module !== null && 'default' in module && hasDecoder(module.default))
    return module.default;
  throw new Error('xz-decompress has no XzReadableStream');
}

/** The decoder's failure in words; an error of the system that the input had stays what it is. */
function damage(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const number = /error code (\d{1,3})$/.exec(error.message)?.[1];
  if (number !== undefined) return new DamagedDataError(`xz: ${errorMeanings[number] ?? error.message}`);
  return 'code' in error || error.name === 'AbortError' ? error : new DamagedDataError(`xz: ${error.message}`);
}
