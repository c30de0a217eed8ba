import { open, stat } from 'node:fs/promises';
import { KtriageError } from '../util/errors.ts';
import { fileWindows, type PeekedSource, peek, streamChunks } from './byte-source.ts';
import { DamagedDataError } from './damaged.ts';
import { inputError } from './input-error.ts';
import { type Compression, compressionOf, type Encoding, encodingOf, magicBytes } from './magic.ts';

export interface OpenOptions {
  /** Ends reading: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What `-` stands for. */
  readonly stdin?: NodeJS.ReadableStream | undefined;
}

/** What is known about an input; `damaged` once it was read. */
export interface SourceFacts {
  /** Bytes of the file as it stands on the disk, for regular files. */
  readonly size?: number;
  readonly compression: Compression;
  readonly encoding: Encoding;
  /** Why decompression could not go on to the end. What came before was delivered. */
  readonly damaged?: string;
}

/**
 * An input's text as bytes, decompressed, UTF-16 made UTF-8. Offsets that count these bytes are positions in the
 * decompressed input; for UTF-16 they are positions in the UTF-8 text made of it. A byte order mark stays where it is.
 *
 * Can be iterated once. A chunk may be overwritten when the next one is asked for. The iteration throws a
 * `KtriageError` if the system fails to read on; damaged compression throws nothing and is told in `facts`.
 */
export interface Input extends AsyncIterable<Uint8Array> {
  readonly path: string;
  readonly facts: SourceFacts;
  /** Gives up an input that is not iterated to its end; closes its file. */
  close(): Promise<void>;
}

/**
 * Opens a file, a pipe or, for `-`, standard input.
 * @throws KtriageError (`KT-INPUT-...`) if it cannot be read.
 */
export async function openInput(path: string, options: OpenOptions = {}): Promise<Input> {
  options.signal?.throwIfAborted();
  try {
    const { source, size } = await rawSource(path, options);
    const raw = await peek(source, magicBytes);
    const compression = compressionOf(raw.start);
    const state: { damaged?: string } = {};
    const decoding = compression === 'none' ? undefined : decompressed(raw, compression, state);
    const text = decoding === undefined ? raw : await peek(decoding, magicBytes);
    const encoding = encodingOf(text.start);
    const bytes =
      encoding === 'utf-16le' || encoding === 'utf-16be' ? transcoded(text.all, encoding === 'utf-16be') : text.all;
    const iterator = withInputErrors(path, bytes, options.signal);
    return {
      path,
      get facts(): SourceFacts {
        return { ...(size === undefined ? {} : { size }), compression, encoding, ...state };
      },
      [Symbol.asyncIterator]: () => iterator,
      close: async () => {
        await iterator.return(undefined);
        // A generator that was never started does not run its own ending: those below it are ended one by one.
        await decoding?.return(undefined);
        await source.return(undefined);
      },
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw inputError(path, error);
  }
}

interface RawSource {
  readonly source: AsyncGenerator<Uint8Array>;
  readonly size?: number;
}

async function rawSource(path: string, options: OpenOptions): Promise<RawSource> {
  if (path === '-') {
    if (options.stdin === undefined)
      throw new KtriageError('KT-INPUT-MISSING', 'cannot read standard input', 'there is none', 'name a file');
    return { source: streamChunks(options.stdin, options.signal) };
  }
  const facts = await stat(path);
  if (facts.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
  if (facts.isSocket()) {
    const hint = 'connect to it with another program (socat, nc) and pipe what comes in with -';
    throw new KtriageError('KT-INPUT-UNREADABLE', `cannot read ${path}`, 'it is a socket', hint);
  }
  if (facts.isFile()) return { source: fileWindows(await open(path, 'r'), options.signal), size: facts.size };
  const { openSpecial } = await import('./special-file.ts');
  return { source: await openSpecial(path, { signal: options.signal }) };
}

async function* decompressed(
  raw: PeekedSource,
  compression: Exclude<Compression, 'none'>,
  state: { damaged?: string },
): AsyncGenerator<Uint8Array> {
  try {
    yield* (await decoderOf(compression))(raw.all);
  } catch (error) {
    if (!(error instanceof DamagedDataError)) throw error;
    state.damaged = error.message;
  } finally {
    await raw.all.return(undefined);
  }
}

type Decoder = (source: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>;

/** Decoders are loaded when they are needed: most logs are not compressed. */
async function decoderOf(compression: Exclude<Compression, 'none'>): Promise<Decoder> {
  switch (compression) {
    case 'gzip':
      return (await import('./gunzip.ts')).gunzip;
    case 'xz':
      return (await import('./unxz.ts')).unxz;
    case 'zstd':
      return (await import('./unzstd.ts')).unzstd;
  }
}

async function* transcoded(source: AsyncGenerator<Uint8Array>, bigEndian: boolean): AsyncGenerator<Uint8Array> {
  const { Utf16Transcoder } = await import('./utf16.ts');
  const transcoder = new Utf16Transcoder(bigEndian);
  for await (const chunk of source) yield transcoder.push(chunk);
  yield transcoder.end();
}

async function* withInputErrors(
  path: string,
  source: AsyncGenerator<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) if (chunk.length > 0) yield chunk;
  } catch (error) {
    signal?.throwIfAborted();
    throw inputError(path, error);
  }
}
