import type { KernelMemory } from './memory.ts';

/** Bytes that are read at once; what lacks a byte is read in pages. */
const pieceBytes = 65_536;
const pageBytes = 4096;
/** What is read at most. */
const mostBytes = 67_108_864;

/** Offsets in a window; `end` is one past the last. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** A stretch of memory, of which parts may be missing. */
export class Window {
  readonly #bytes: Uint8Array;
  /** Ranges that are not there, by offset, in their order. */
  readonly missing: readonly Range[];

  constructor(bytes: Uint8Array, missing: readonly Range[]) {
    this.#bytes = bytes;
    this.missing = missing;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** All of it; undefined if a byte is missing. */
  get whole(): Uint8Array | undefined {
    return this.missing.length === 0 ? this.#bytes : undefined;
  }

  /** Bytes of it; undefined if one is missing. */
  slice(offset: number, length: number): Uint8Array | undefined {
    if (offset < 0 || length < 0 || offset + length > this.#bytes.length) return undefined;
    return this.#misses(offset, offset + length) ? undefined : this.#bytes.subarray(offset, offset + length);
  }

  /** The text up to its NUL, a character per byte; undefined if that is not there, or too far. */
  text(offset: number, most: number): string | undefined {
    if (offset < 0) return undefined;
    const length = this.#bytes.subarray(offset, offset + most + 1).indexOf(0);
    const bytes = length < 0 ? undefined : this.slice(offset, length);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1');
  }

  /** Whether one of the missing ranges, which do not touch each other, is between these offsets. */
  #misses(from: number, to: number): boolean {
    let low = 0;
    let high = this.missing.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.missing[middle]?.end ?? 0) <= from) low = middle + 1;
      else high = middle;
    }
    return (this.missing[low]?.start ?? Number.POSITIVE_INFINITY) < to;
  }
}

/** Reads up to 64 MiB; what is not there is missing in it. */
export async function readWindow(memory: Pick<KernelMemory, 'read'>, address: bigint, length: number): Promise<Window> {
  const size = Math.min(Math.max(length, 0), mostBytes);
  const bytes = new Uint8Array(size);
  const lost: Range[] = [];
  const read = async (start: number, end: number): Promise<void> => {
    const contents = await memory.read(address + BigInt(start), end - start);
    if (contents !== undefined) {
      bytes.set(contents, start);
      return;
    }
    const pages = rangesOf(address, start, end, pageBytes);
    if (pages.length === 1) lost.push({ start, end });
    else await Promise.all(pages.map((page) => read(page.start, page.end)));
  };
  await Promise.all(rangesOf(address, 0, size, pieceBytes).map((piece) => read(piece.start, piece.end)));
  return new Window(bytes, merged(lost));
}

function merged(ranges: readonly Range[]): Range[] {
  const found: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = found.at(-1);
    if (last !== undefined && last.end >= range.start) found[found.length - 1] = { start: last.start, end: range.end };
    else found.push(range);
  }
  return found;
}

/** Offsets cut where addresses are multiples of `unit`. */
function rangesOf(address: bigint, start: number, end: number, unit: number): Range[] {
  const ranges: Range[] = [];
  for (let from = start; from < end; ) {
    const into = Number(BigInt.asUintN(64, address + BigInt(from)) % BigInt(unit));
    const to = Math.min(end, from + unit - into);
    ranges.push({ start: from, end: to });
    from = to;
  }
  return ranges;
}
