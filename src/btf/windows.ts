import type { SectionData } from '../elf/section-data.ts';
import type { BtfRange } from './header.ts';
import type { Texts } from './segment.ts';
import { longestText } from './strings.ts';
import { isLittleHost, type TypeTable } from './type-table.ts';

/** A look at a guest reads some fifty of these, of the 500 that a kernel's BTF has. */
const windowShift = 13;
const windowBytes = 1 << windowShift;
const wordShift = windowShift - 2;
/** Windows that are held, of each part. */
const mostWindows = 512;

/** A part of BTF, read where it is looked into. */
class Windows {
  readonly bytes: number;
  readonly #data: SectionData;
  readonly #start: number;
  readonly #isSwapped: boolean;
  readonly #windows = new Map<number, Buffer>();

  /** @param isSwapped whether words are to be turned to the other order of bytes */
  constructor(data: SectionData, { start, end }: BtfRange, isSwapped: boolean) {
    this.bytes = end - start;
    this.#data = data;
    this.#start = start;
    this.#isSwapped = isSwapped;
  }

  /** A window by its number, zeros behind the end. @throws KtriageError KT-FILE-UNREADABLE */
  at(number: number): Buffer {
    const known = this.#windows.get(number);
    if (known !== undefined) return known;
    const window = Buffer.alloc(windowBytes);
    const offset = number * windowBytes;
    const length = Math.max(0, Math.min(windowBytes, this.bytes - offset));
    this.#data.readInto(window.subarray(0, length), this.#start + offset);
    if (this.#isSwapped) window.swap32();
    if (this.#windows.size >= mostWindows) this.#windows.clear();
    this.#windows.set(number, window);
    return window;
  }
}

/** Types that are read where they are looked at; where each begins is known from elsewhere. */
export class WindowedTable implements TypeTable {
  readonly count: number;
  readonly #windows: Windows;
  readonly #words: number;
  readonly #startOf: (index: number) => number | undefined;
  readonly #starts = new Map<number, number>();
  /** The window that was looked into last. */
  #latest: Uint32Array = new Uint32Array(0);
  #number = -1;

  constructor(
    data: SectionData,
    range: BtfRange,
    littleEndian: boolean,
    known: { readonly count: number; start(index: number): number | undefined },
  ) {
    this.#windows = new Windows(data, range, littleEndian !== isLittleHost);
    this.#words = this.#windows.bytes >>> 2;
    this.count = known.count;
    this.#startOf = (index) => known.start(index);
  }

  /** Whether it is known where a type begins. */
  knows(index: number): boolean {
    if (this.#starts.has(index)) return true;
    const start = this.#startOf(index);
    if (start === undefined || start >= this.#words) return false;
    this.#starts.set(index, start);
    return true;
  }

  start(index: number): number {
    return this.knows(index) ? (this.#starts.get(index) ?? 0) : 0;
  }

  word(at: number): number {
    if (at >= this.#words) return 0;
    const number = at >>> wordShift;
    if (number !== this.#number) {
      const { buffer, byteOffset } = this.#windows.at(number);
      this.#latest = new Uint32Array(buffer, byteOffset, windowBytes / 4);
      this.#number = number;
    }
    return this.#latest[at & (windowBytes / 4 - 1)] ?? 0;
  }
}

/** Strings that are read where they are looked at. */
export class WindowedStrings implements Texts {
  readonly #windows: Windows;

  constructor(data: SectionData, range: BtfRange) {
    this.#windows = new Windows(data, range, false);
  }

  text(offset: number): string {
    const limit = Math.min(this.#windows.bytes, offset + longestText);
    let text = '';
    // In two windows at most, as none is longer than one.
    for (let at = offset; at < limit; at = (at | (windowBytes - 1)) + 1) {
      const window = this.#windows.at(at >>> windowShift);
      const from = at & (windowBytes - 1);
      const to = Math.min(windowBytes, from + limit - at);
      const end = window.indexOf(0, from);
      if (end >= 0 && end < to) return text + window.toString('latin1', from, end);
      text += window.toString('latin1', from, to);
    }
    return text;
  }
}
