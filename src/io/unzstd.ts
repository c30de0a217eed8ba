import type { Decompress } from 'fzstd';
import { DamagedDataError } from './damaged.ts';

/**
 * The largest window that is decoded, as the zstd program has it by default (window log 27). A frame of one segment
 * has its whole size for a window; real ones of that sort are small.
 */
const maxWindowBytes = 134_217_728;
/** The largest block (RFC 8878, section 3.1.1.2.3). */
const maxBlockBytes = 131_072;

const frameMagic = 0xfd2fb528;
/** 0x184D2A50 to 0x184D2A5F. */
const skippableMagic = 0x184d2a50;

/**
 * Decodes zstd with one or several frames, skippable ones included. Blocks are cut out of the data here and handed
 * to the decoder one by one, so that a small input that becomes a huge output does so step by step.
 * Checksums are not verified.
 * @throws DamagedDataError where the data is damaged or ends early, after all before that was delivered.
 */
export async function* unzstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd');
  const input = new ByteQueue(source);
  while (await input.has(1)) {
    if (!(await input.has(4))) throw ended();
    const magic = input.look(4).readUInt32LE(0);
    if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
      if (!(await input.has(8))) throw ended();
      if (!(await input.skip(8 + input.look(8).readUInt32LE(4)))) throw ended();
      continue;
    }
    if (magic !== frameMagic) throw new DamagedDataError('zstd: other data follows the compressed data');
    yield* frame(input, Decompress);
  }
}

function ended(): DamagedDataError {
  return new DamagedDataError('zstd: the data ends early');
}

async function* frame(input: ByteQueue, decoderClass: typeof Decompress): AsyncGenerator<Uint8Array> {
  if (!(await input.has(6))) throw ended();
  const descriptor = input.look(5)[4] ?? 0;
  const header = headerBytes(descriptor);
  if (!(await input.has(header))) throw ended();
  const start = Buffer.from(input.look(header));
  checkHeader(start, descriptor);
  input.take(header);
  let output: Uint8Array[] = [];
  const decoder = new decoderClass((data) => {
    if (data.length > 0) output.push(data);
  });
  const failureOf = (data: Uint8Array, last: boolean): DamagedDataError | undefined => {
    try {
      decoder.push(data, last);
      return undefined;
    } catch (error) {
      return new DamagedDataError(`zstd: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  let failure = failureOf(start, false);
  for (let last = false; !last; ) {
    if (!(await input.has(3))) throw ended();
    const blockHeader = input.look(3).readUIntLE(0, 3);
    last = (blockHeader & 1) === 1;
    const size = blockHeader >>> 3;
    if (size > maxBlockBytes) throw new DamagedDataError('zstd: a block is too large');
    // A block of type 1 is one byte, `size` times.
    const stored = ((blockHeader >>> 1) & 3) === 1 ? 1 : size;
    // A checksum of four bytes follows the last block if the descriptor says so.
    const bytes = 3 + stored + (last && (descriptor & 4) !== 0 ? 4 : 0);
    if (!(await input.has(bytes))) throw ended();
    failure ??= failureOf(Buffer.from(input.take(bytes)), last);
    const ready = output;
    output = [];
    yield* ready;
    if (failure !== undefined) throw failure;
  }
}

/** Length of a frame's header, from its descriptor (RFC 8878, section 3.1.1.1). */
function headerBytes(descriptor: number): number {
  const singleSegment = (descriptor >> 5) & 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? singleSegment : 1 << sizeFlag;
  return 4 + 1 + (1 - singleSegment) + dictionaryBytes + sizeBytes;
}

/** @throws DamagedDataError for a frame that needs too much memory, or a dictionary. */
function checkHeader(header: Buffer, descriptor: number): void {
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  if ((descriptor & 0x20) !== 0) {
    const sizeBytes = header.length - 5 - dictionaryBytes;
    const size =
      sizeBytes === 8
        ? Number(header.readBigUInt64LE(5 + dictionaryBytes))
        : header.readUIntLE(5 + dictionaryBytes, sizeBytes);
    checkWindowSize(size);
  } else {
    const window = header[5] ?? 0;
    const base = 2 ** (10 + (window >> 3));
    checkWindowSize(base + (base / 8) * (window & 7));
  }
  const dictionaryAt = 5 + (1 - ((descriptor >> 5) & 1));
  if (dictionaryBytes > 0 && header.readUIntLE(dictionaryAt, dictionaryBytes) !== 0)
    throw new DamagedDataError('zstd: it was compressed with a dictionary, which is not here');
}

function checkWindowSize(bytes: number): void {
  if (bytes > maxWindowBytes)
    throw new DamagedDataError(`zstd: its window of ${bytes} bytes is larger than ${maxWindowBytes}`);
}

/** Bytes of a source, to look at and take in portions of any size. */
class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** True if so many bytes are there; reads on if need be. */
  async has(bytes: number): Promise<boolean> {
    while (this.#held.length - this.#at < bytes) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      this.#held = Buffer.concat([this.#held.subarray(this.#at), next.value]);
      this.#at = 0;
    }
    return true;
  }

  look(bytes: number): Buffer {
    return this.#held.subarray(this.#at, this.#at + bytes);
  }

  take(bytes: number): Buffer {
    const taken = this.look(bytes);
    this.#at += taken.length;
    return taken;
  }

  /** Passes over so many bytes without holding them; false if there are not as many. */
  async skip(bytes: number): Promise<boolean> {
    let left = bytes;
    while (left > 0) {
      if (!(await this.has(1))) return false;
      left -= this.take(Math.min(left, this.#held.length - this.#at)).length;
    }
    return true;
  }
}
