import { byteFrequencies } from './scan-table.ts';

/** A literal, and where in it its rarest byte stands. */
interface AnchoredLiteral {
  readonly bytes: Uint8Array;
  readonly anchorOffset: number;
}

/** Finds of a byte in one stretch that lead to nothing, after which asking the system for each one is too slow. */
const maxMisses = 32;

/**
 * Finds literals that are too short for the tables of `scan-table.ts`, by the rarest byte of each: the system
 * searches for a single byte ten times as fast as a loop can.
 */
export class ShortLiterals {
  readonly #byAnchor = new Map<number, AnchoredLiteral[]>();

  constructor(literals: readonly Uint8Array[]) {
    const frequencies = byteFrequencies();
    for (const bytes of literals) {
      let anchorOffset = 0;
      for (let offset = 1; offset < bytes.length; offset++)
        if ((frequencies[bytes[offset] ?? 0] ?? 0) < (frequencies[bytes[anchorOffset] ?? 0] ?? 0))
          anchorOffset = offset;
      const anchor = bytes[anchorOffset] ?? 0;
      const list = this.#byAnchor.get(anchor) ?? [];
      list.push({ bytes, anchorOffset });
      this.#byAnchor.set(anchor, list);
    }
  }

  /** Offset of the leftmost one that begins between `from` and `to` and ends at or before `end`, or -1. */
  next(buffer: Uint8Array, from: number, to: number, end: number): number {
    let leftmost = -1;
    for (const [anchor, list] of this.#byAnchor) {
      for (const literal of list) {
        const found = nextOf(buffer, literal, anchor, from, leftmost < 0 ? to : Math.min(to, leftmost), end);
        if (found >= 0) leftmost = found;
      }
    }
    return leftmost;
  }
}

function nextOf(
  buffer: Uint8Array,
  literal: AnchoredLiteral,
  anchor: number,
  from: number,
  to: number,
  end: number,
): number {
  const { bytes, anchorOffset } = literal;
  const first = from + anchorOffset;
  const last = Math.min(to, end - bytes.length + 1) + anchorOffset;
  if (last <= first) return -1;
  // A view of the stretch alone: the search would run on to the buffer's end.
  const stretch = Buffer.from(buffer.buffer, buffer.byteOffset + first, last - first);
  let at = stretch.indexOf(anchor);
  for (let misses = 0; at >= 0; misses++) {
    const start = from + at;
    if (standsAt(buffer, start, bytes)) return start;
    at++;
    if (misses < maxMisses) at = stretch.indexOf(anchor, at);
    else {
      while (at < stretch.length && stretch[at] !== anchor) at++;
      if (at === stretch.length) return -1;
    }
  }
  return -1;
}

function standsAt(buffer: Uint8Array, start: number, bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if (buffer[start + index] !== bytes[index]) return false;
  return true;
}
