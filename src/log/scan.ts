import { ShortLiterals } from './scan-short.ts';
import { makeScanTables, minWindow, type WindowedLiteral } from './scan-table.ts';

/** Bytes that are looked at in one go at most. */
const blockBytes = 65_536;
/** And in the first one of `next`. */
const firstBlockBytes = 4096;

/**
 * Finds many literals in a buffer. Made for the case that there is none for a long time: it looks at
 * one pair of bytes in three to five, in four lanes at once, because a single lane spends its time waiting for its
 * own loads (35 literals in 1 GB of healthy log on one machine: four lanes 0.6 s, one lane 1.4 s, a regular
 * expression 1.4 s, grep 1.1 s).
 *
 * It keeps no state between calls. So that no literal is missed on the border of two buffers, hand over whole lines
 * (literals hold no line feed), or put the last `longest - 1` bytes of one buffer in front of the next.
 */
export class LiteralScanner {
  /** Where `collect` leaves what it finds. */
  readonly hits = new Int32Array(2 * blockBytes);
  /** Length of the longest literal in bytes. */
  readonly longest: number;
  readonly #short: ShortLiterals | undefined;
  readonly #windowSize: number;
  readonly #longestLastOffset: number;
  readonly #shift: Uint8Array;
  readonly #before: Uint8Array;
  readonly #listOf: Uint16Array;
  readonly #lists: readonly (readonly WindowedLiteral[])[];

  /**
   * @param literals What to look for, a char per byte (latin1).
   * @throws RangeError if one of them is empty.
   */
  constructor(literals: readonly string[]) {
    if (literals.includes('')) throw new RangeError('an empty literal is everywhere');
    const all = [...new Set(literals)].map((literal) => Buffer.from(literal, 'latin1'));
    const short = all.filter((bytes) => bytes.length < minWindow);
    const tables = makeScanTables(all.filter((bytes) => bytes.length >= minWindow));
    this.longest = all.reduce((length, bytes) => Math.max(length, bytes.length), 0);
    this.#short = short.length === 0 ? undefined : new ShortLiterals(short);
    this.#windowSize = tables.windowSize;
    this.#longestLastOffset = tables.lists.flat().reduce((offset, l) => Math.max(offset, l.lastOffset), 0);
    this.#shift = tables.shift;
    this.#before = tables.before;
    this.#listOf = tables.listOf;
    this.#lists = tables.lists;
  }

  /**
   * Offset of the leftmost literal that lies wholly between `from` and `end` (exclusive), or -1.
   * Its cost is linear in the distance to it. For all finds of a buffer, `LiteralHits` is faster.
   */
  next(buffer: Uint8Array, from: number, end: number): number {
    const first = Math.max(0, from);
    const stop = Math.min(end, buffer.length);
    // What is looked at without need behind a find is no more than a multiple of the way to it.
    for (let begin = first, size = firstBlockBytes; begin < stop; size = Math.min(2 * size, blockBytes)) {
      const blockEnd = Math.min(stop, begin + size);
      const count = this.collect(buffer, begin, blockEnd, first, stop);
      if (count > 0) return this.#leftmost(buffer, this.hits[0] ?? -1, first, stop);
      begin = blockEnd;
    }
    return -1;
  }

  /**
   * Puts the offsets of literals into `hits` and returns their number: of those between `from` and `end` for which
   * the byte that tells them stands between `begin` and `blockEnd`, at most `blockBytes` further. Each literal has one
   * such byte, so that blocks next to each other find all. Their order is ascending but for literals that overlap.
   */
  collect(buffer: Uint8Array, begin: number, blockEnd: number, from: number, end: number): number {
    const place = Math.max(begin, from + this.#windowSize - 1);
    const count = place < blockEnd ? this.#inLanes(buffer, place, blockEnd, from, end) : 0;
    return this.#short === undefined ? count : this.#addShort(this.#short, buffer, begin, blockEnd, end, count);
  }

  #addShort(
    short: ShortLiterals,
    buffer: Uint8Array,
    begin: number,
    blockEnd: number,
    end: number,
    longCount: number,
  ): number {
    const hits = this.hits;
    let count = longCount;
    let at = short.next(buffer, begin, blockEnd, end);
    while (at >= 0 && count < hits.length) {
      hits[count++] = at;
      at = short.next(buffer, at + 1, blockEnd, end);
    }
    if (count > longCount) hits.subarray(0, count).sort();
    return count;
  }

  /** Collects windows that end between `place` and `placeEnd`: a quarter of them in each of four lanes. */
  #inLanes(buffer: Uint8Array, place: number, placeEnd: number, from: number, end: number): number {
    const shift = this.#shift;
    const before = this.#before;
    const lane = (placeEnd - place) >>> 2;
    const aEnd = place + lane;
    const bEnd = aEnd + lane;
    const cEnd = bEnd + lane;
    let a = place;
    let b = aEnd;
    let c = bEnd;
    let d = cEnd;
    // Each lane has its own part of `hits`: it cannot find more than one literal a place.
    let aHits = 0;
    let bHits = lane;
    let cHits = 2 * lane;
    let dHits = 3 * lane;
    while (a < aEnd && b < bEnd && c < cEnd && d < placeEnd) {
      const aStep = shift[((buffer[a - 1] ?? 0) << 8) | (buffer[a] ?? 0)] ?? 1;
      const bStep = shift[((buffer[b - 1] ?? 0) << 8) | (buffer[b] ?? 0)] ?? 1;
      const cStep = shift[((buffer[c - 1] ?? 0) << 8) | (buffer[c] ?? 0)] ?? 1;
      const dStep = shift[((buffer[d - 1] ?? 0) << 8) | (buffer[d] ?? 0)] ?? 1;
      if (aStep === 0) {
        if (before[((buffer[a - 3] ?? 0) << 8) | (buffer[a - 2] ?? 0)] === 1)
          aHits = this.#look(buffer, a, from, end, aHits);
        a++;
      } else a += aStep;
      if (bStep === 0) {
        if (before[((buffer[b - 3] ?? 0) << 8) | (buffer[b - 2] ?? 0)] === 1)
          bHits = this.#look(buffer, b, from, end, bHits);
        b++;
      } else b += bStep;
      if (cStep === 0) {
        if (before[((buffer[c - 3] ?? 0) << 8) | (buffer[c - 2] ?? 0)] === 1)
          cHits = this.#look(buffer, c, from, end, cHits);
        c++;
      } else c += cStep;
      if (dStep === 0) {
        if (before[((buffer[d - 3] ?? 0) << 8) | (buffer[d - 2] ?? 0)] === 1)
          dHits = this.#look(buffer, d, from, end, dHits);
        d++;
      } else d += dStep;
    }
    aHits = this.#walk(buffer, a, aEnd, from, end, aHits);
    bHits = this.#walk(buffer, b, bEnd, from, end, bHits);
    cHits = this.#walk(buffer, c, cEnd, from, end, cHits);
    dHits = this.#walk(buffer, d, placeEnd, from, end, dHits);
    let count = aHits;
    count = this.#moveHits(lane, bHits, count);
    count = this.#moveHits(2 * lane, cHits, count);
    return this.#moveHits(3 * lane, dHits, count);
  }

  /** Moves a lane's hits behind the others. Returns the number of all. */
  #moveHits(start: number, end: number, to: number): number {
    if (end > start) this.hits.copyWithin(to, start, end);
    return to + end - start;
  }

  /** Adds the literals whose windows end between `place` and `placeEnd` to `hits` at `hitsEnd`; returns its new value. */
  #walk(buffer: Uint8Array, place: number, placeEnd: number, from: number, end: number, hitsEnd: number): number {
    const shift = this.#shift;
    let at = place;
    let to = hitsEnd;
    while (at < placeEnd) {
      const step = shift[((buffer[at - 1] ?? 0) << 8) | (buffer[at] ?? 0)] ?? 1;
      if (step === 0) to = this.#look(buffer, at, from, end, to);
      at += Math.max(1, step);
    }
    return to;
  }

  /** Looks closer at a place where a window may end. */
  #look(buffer: Uint8Array, place: number, from: number, end: number, hitsEnd: number): number {
    const start = this.#verify(buffer, place, from, end);
    if (start < 0) return hitsEnd;
    this.hits[hitsEnd] = start;
    return hitsEnd + 1;
  }

  /** Start of a literal whose window ends at `place` and that lies between `from` and `end`: the leftmost, or -1. */
  #verify(buffer: Uint8Array, place: number, from: number, end: number): number {
    const list = this.#lists[this.#listOf[((buffer[place - 1] ?? 0) << 8) | (buffer[place] ?? 0)] ?? 0];
    let leftmost = -1;
    if (list === undefined) return leftmost;
    for (const { bytes, lastOffset } of list) {
      const start = place - lastOffset;
      if (start < from || start + bytes.length > end || (leftmost >= 0 && start > leftmost)) continue;
      let index = 0;
      while (index < bytes.length && buffer[start + index] === bytes[index]) index++;
      if (index === bytes.length) leftmost = start;
    }
    return leftmost;
  }

  /** A literal whose window ends later can begin earlier: the first start there is, given a find. */
  #leftmost(buffer: Uint8Array, found: number, from: number, end: number): number {
    const placeEnd = Math.min(end, found + this.#longestLastOffset);
    let best = found;
    let place = found + 1;
    while (place < placeEnd) {
      const step = this.#shift[((buffer[place - 1] ?? 0) << 8) | (buffer[place] ?? 0)] ?? 1;
      if (step === 0) {
        const start = this.#verify(buffer, place, from, end);
        if (start >= 0 && start < best) best = start;
      }
      place += Math.max(1, step);
    }
    return best;
  }
}

/** Goes through all literals of a buffer, a block at a time. */
export class LiteralHits {
  readonly #scanner: LiteralScanner;
  readonly #buffer: Uint8Array;
  readonly #from: number;
  readonly #end: number;
  #scannedTo: number;
  #count = 0;
  #index = 0;

  /** Only one can be in use for a scanner: they share its list of finds. */
  constructor(scanner: LiteralScanner, buffer: Uint8Array, from: number, end: number) {
    this.#scanner = scanner;
    this.#buffer = buffer;
    this.#from = from;
    this.#end = end;
    this.#scannedTo = from;
  }

  /** Offset of a literal at `at` or behind it, the first but for literals that overlap; -1: no more. `at` only grows. */
  next(at: number): number {
    const { hits } = this.#scanner;
    for (;;) {
      for (; this.#index < this.#count; this.#index++) {
        const hit = hits[this.#index] ?? -1;
        if (hit >= at) return hit;
      }
      if (this.#scannedTo >= this.#end) return -1;
      const blockEnd = Math.min(this.#end, this.#scannedTo + blockBytes);
      this.#count = this.#scanner.collect(this.#buffer, this.#scannedTo, blockEnd, this.#from, this.#end);
      this.#index = 0;
      this.#scannedTo = blockEnd;
    }
  }
}
