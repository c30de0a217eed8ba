import { createRequire } from 'node:module';
import type { Decompress } from 'fzstd';
import { DamagedDataError } from './damaged.ts';

/** As the zstd program has it by default (window log 27). */
const maxWindowBytes = 134_217_728;
/** The decoder moves its whole window for every block. Real data stays far below: windows of 8 MiB at most. */
const maxMovedBytes = 137_438_953_472;
/** The same for each byte that comes out: a block has 128 KiB, so that a window of 8 MiB is moved 64 times for each. */
const maxMovedRatio = 256;
const alwaysMovedBytes = 1_073_741_824;
/** The largest block (RFC 8878, section 3.1.1.2.3). */
const maxBlockBytes = 131_072;

interface Frame {
  /** Its header; the window in it is no larger than what comes out, which needs no more. */
  readonly header: Uint8Array;
  readonly windowBytes: number;
  /** Where its blocks begin. */
  readonly blocksAt: number;
  readonly checksum: boolean;
}

/**
 * Decompresses one zstd frame that is held in memory. Blocks are handed to the decoder one by one, so that it stops
 * where more comes out than was said. Its checksum is not verified.
 * @throws DamagedDataError
 */
export function unzstdPiece(bytes: Uint8Array, size: number): Uint8Array {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frame = frameHeader(input, size);
  const mayMove = Math.min(maxMovedBytes, Math.max(alwaysMovedBytes, maxMovedRatio * size));
  const output = new Uint8Array(size);
  let filled = 0;
  const decoder = newDecoder((data) => {
    if (filled + data.length > size) throw new DamagedDataError(`zstd: it becomes more than ${size} bytes`);
    output.set(data, filled);
    filled += data.length;
  });
  const push = (piece: Uint8Array, last: boolean): void => {
    try {
      decoder.push(piece, last);
    } catch (error) {
      if (error instanceof DamagedDataError) throw error;
      throw new DamagedDataError(`zstd: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  push(frame.header, false);
  let moved = 0;
  for (let at = frame.blocksAt, last = false; !last; ) {
    if (at + 3 > input.length) throw new DamagedDataError('zstd: the data ends early');
    const header = input.readUIntLE(at, 3);
    last = (header & 1) === 1;
    const blockSize = header >>> 3;
    if (blockSize > maxBlockBytes) throw new DamagedDataError('zstd: a block is too large');
    // A block of type 1 is one byte, so many times.
    const stored = ((header >>> 1) & 3) === 1 ? 1 : blockSize;
    const end = at + 3 + stored + (last && frame.checksum ? 4 : 0);
    moved += frame.windowBytes;
    if (end > input.length) throw new DamagedDataError('zstd: the data ends early');
    if (moved > mayMove) throw new DamagedDataError('zstd: its blocks are too many for what they become');
    push(input.subarray(at, end), last);
    at = end;
  }
  return output.subarray(0, filled);
}

/** RFC 8878, section 3.1.1.1. */
function frameHeader(input: Buffer, size: number): Frame {
  if (input.length < 12 || input.readUInt32LE(0) !== 0xfd2fb528) throw new DamagedDataError('zstd: no frame begins it');
  const descriptor = input[4] ?? 0;
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  if (dictionaryBytes > 0) throw new DamagedDataError('zstd: it was compressed with a dictionary, which is not here');
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(singleSegment) : 1 << sizeFlag;
  const sizeAt = singleSegment ? 5 : 6;
  const window = input[5] ?? 0;
  const base = 2 ** (10 + (window >> 3));
  const windowBytes = singleSegment ? unsigned(input, sizeAt, sizeBytes) : base + (base / 8) * (window & 7);
  if (windowBytes > maxWindowBytes) throw new DamagedDataError(`zstd: its window of ${windowBytes} bytes is too large`);
  const blocksAt = sizeAt + sizeBytes;
  const checksum = (descriptor & 4) !== 0;
  const header = Uint8Array.from(input.subarray(0, blocksAt));
  const exponent = Math.max(0, Math.ceil(Math.log2(size)) - 10);
  if (singleSegment || windowBytes <= 2 ** (10 + exponent)) return { header, windowBytes, blocksAt, checksum };
  header[5] = exponent << 3;
  return { header, windowBytes: 2 ** (10 + exponent), blocksAt, checksum };
}

function unsigned(input: Buffer, at: number, bytes: number): number {
  return bytes === 8 ? Number(input.readBigUInt64LE(at)) : input.readUIntLE(at, bytes);
}

function newDecoder(onData: (data: Uint8Array) => void): Decompress {
  // Synchronously, and only when it is needed: see decompress-bytes.ts.
  const module: unknown = createRequire(import.meta.url)('fzstd');
  if (!isDecoderModule(module)) throw new Error('fzstd has no Decompress');
  return new module.Decompress(onData);
}

function isDecoderModule(module: unknown): module is { readonly Decompress: typeof Decompress } {
  return typeof module === 'object' && module !== null && 'Decompress' in module;
}
