import { createRequire } from 'node:module';
import { DamagedDataError } from './damaged.ts';
import { unzstdPiece } from './unzstd-piece.ts';

/** How a piece of a file can be compressed. */
export type PieceCompression = 'zlib' | 'zstd';

/** Up to here a size is believed whatever it was compressed from. */
export const believedBytes = 67_108_864;
/** Larger pieces are believed up to so many times their compressed size: debug information has 2 to 10. */
export const believedRatio = 100;
/** Never more: larger than the debug information of any kernel, smaller than what a buffer can hold. */
const maxBytes = 3_221_225_472;

/**
 * Holds what a piece says it becomes against its compressed size: a bomb is known before it is lit.
 * @throws DamagedDataError
 */
export function checkClaim(storedBytes: number, size: number, compression: PieceCompression): void {
  if (size > maxBytes || (size > believedBytes && size > storedBytes * believedRatio))
    throw new DamagedDataError(`${storedBytes} bytes of ${compression} would become ${size}, which is not believed`);
}

/**
 * Decompresses a piece of a file at once, synchronously.
 * @param size what it says it becomes; it is held to it exactly.
 * @throws DamagedDataError where it is damaged, becomes more or less than said, or says something incredible.
 */
export function decompressBytes(bytes: Uint8Array, size: number, compression: PieceCompression): Uint8Array {
  checkClaim(bytes.length, size, compression);
  if (size === 0) return new Uint8Array(0);
  const decompressed = compression === 'zlib' ? inflate(bytes, size) : decompressZstd(bytes, size);
  if (decompressed.length !== size)
    throw new DamagedDataError(`${compression}: it became ${decompressed.length} bytes instead of ${size}`);
  return decompressed;
}

// Loaded when the first compressed section is met: few files have one, and node:zlib alone takes a millisecond.
// An import() would make all reading asynchronous.
const load = createRequire(import.meta.url);

type Inflate = typeof import('node:zlib').inflateSync;
type ZstdDecompress = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

function isFunction<Type>(value: unknown): value is Type {
  return typeof value === 'function';
}

function member(module: unknown, name: string): unknown {
  return typeof module === 'object' && module !== null ? Reflect.get(module, name) : undefined;
}

function inflate(bytes: Uint8Array, size: number): Uint8Array {
  const inflateSync = member(load('node:zlib'), 'inflateSync');
  if (!isFunction<Inflate>(inflateSync)) throw new Error('node:zlib has no inflateSync');
  try {
    // One chunk for all, with room to see the end, or it would be copied together from many.
    return inflateSync(bytes, { chunkSize: size + 64, maxOutputLength: size });
  } catch (error) {
    throw new DamagedDataError(`zlib: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function decompressZstd(bytes: Uint8Array, size: number): Uint8Array {
  // Node has its own from 22.15 on, several times as fast.
  const builtIn = member(load('node:zlib'), 'zstdDecompressSync');
  if (!isFunction<ZstdDecompress>(builtIn)) return unzstdPiece(bytes, size);
  try {
    return builtIn(bytes, { maxOutputLength: size });
  } catch (error) {
    throw new DamagedDataError(`zstd: ${error instanceof Error ? error.message : String(error)}`);
  }
}
