import type { Machine } from '../../machine/machine.ts';
import { readChunk } from '../slide/read-chunk.ts';
import { memoryOf } from '../slide/scan.ts';

/** A stretch of physical memory; zeros where there is none. */
export interface MemoryWindow {
  /** Physical address of the first byte, a multiple of 4096. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

const chunkBytes = 0x10_0000;
/** Chunks that are read at once. */
const chunksTogether = 8;
/** What is read at most. */
const mostBytes = 0x800_0000;
const pageBytes = 4096;

/** Reads physical memory, up to 128 MiB of it; its ends are moved to those of pages, and of the memory that there is. */
export async function readPhysicalWindow(
  machine: Machine,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<MemoryWindow> {
  const range = memoryOf(machine).find(({ start, end }) => BigInt(from) < end && BigInt(to) > start);
  const lowest = Math.max(from, Number(range?.start ?? 0n), 0);
  const start = lowest - (lowest % pageBytes);
  const end = Math.min(to, Number(range?.end ?? 0n), start + mostBytes);
  const bytes = new Uint8Array(Math.max(0, end - start));
  for (let at = 0; at < bytes.length; at += chunkBytes * chunksTogether) {
    signal?.throwIfAborted();
    const reads: Promise<void>[] = [];
    for (let nth = 0; nth < chunksTogether; nth++) {
      const offset = at + nth * chunkBytes;
      const length = Math.min(chunkBytes, bytes.length - offset);
      if (length <= 0) break;
      reads.push(
        readChunk(machine, BigInt(start + offset), length).then((chunk) => {
          if (chunk !== undefined) bytes.set(chunk, offset);
        }),
      );
    }
    await Promise.all(reads);
  }
  return { start, bytes };
}
