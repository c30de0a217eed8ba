import { signedAddress, wordRange } from './address.ts';
import type { ElfLayout } from './constants.ts';
import type { SectionData } from './section-data.ts';

/** Entries of a page; a page is what is read at a time. */
const pageEntries = 1024;
/** Tables up to so many entries are looked at as a whole to see whether they are sorted, larger ones at samples. */
const fullCheckEntries = 131_072;
const samplePages = 64;

/** One relocation. The same object is used for all: take what is needed from it at once. */
export interface Relocation {
  /** Where it applies, in its section. */
  offset: number;
  symbol: number;
  type: number;
  /** 0 where the addend is what stands at the place (SHT_REL). */
  addend: number;
}

/**
 * A table of relocations, read in pages: that of amdgpu.ko's .debug_info has 145 MB. Compilers and `ld -r` write them
 * sorted by the place they apply to, so that those of a window are found by bisection. A table that is not is sorted
 * once, which needs 4 bytes of memory for each (and 12 while that goes on).
 */
export class RelocationTable {
  readonly hasAddends: boolean;
  readonly #data: SectionData;
  readonly #count: number;
  readonly #entryBytes: number;
  readonly #is64: boolean;
  readonly #little: boolean;
  readonly #page: Uint8Array;
  readonly #view: DataView;
  #pageIndex = -1;
  /** Entries of the page that were there. */
  #pageFilled = 0;
  #checked = false;
  /** The entries in order, if the table is not. */
  #order: Uint32Array | undefined;
  readonly #entry: Relocation = { offset: 0, symbol: 0, type: 0, addend: 0 };

  constructor(data: SectionData, layout: ElfLayout, hasAddends: boolean) {
    this.#data = data;
    this.hasAddends = hasAddends;
    this.#is64 = layout.is64;
    this.#little = layout.littleEndian;
    this.#entryBytes = (layout.is64 ? 8 : 4) * (hasAddends ? 3 : 2);
    this.#count = Math.floor(data.size / this.#entryBytes);
    this.#page = new Uint8Array(this.#entryBytes * Math.min(pageEntries, this.#count));
    this.#view = new DataView(this.#page.buffer);
  }

  /** Calls back for every relocation that applies from `start` up to `end`: by place, then in the order of the file. */
  forRange(start: number, end: number, apply: (relocation: Relocation) => void): void {
    if (this.#count === 0) return;
    this.#order ??= this.#looksSorted() ? undefined : this.#sort();
    let limit = this.#order === undefined ? this.#sortedEnd(start, end) : 0;
    if (limit === undefined) {
      // Out of order after all.
      this.#order = this.#sort();
      limit = 0;
    }
    const entries = this.#order;
    const first = this.#lowerBound(start);
    if (entries === undefined) {
      for (let index = first; index < limit; index++) apply(this.#entryAt(index));
      return;
    }
    const last = this.#lowerBound(end);
    for (let at = first; at < last; at++) apply(this.#entryAt(entries[at] ?? 0));
  }

  /** The first entry, in order, that applies from `start` on. */
  #lowerBound(start: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#offsetOf(this.#order?.[middle] ?? middle) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first entry of a sorted table that applies at or beyond `end`; nothing if the ones before are not in order. */
  #sortedEnd(start: number, end: number): number | undefined {
    let before = start;
    for (let index = this.#lowerBound(start); index < this.#count; index++) {
      const offset = this.#offsetOf(index);
      if (offset >= end) return index;
      if (offset < before) return undefined;
      before = offset;
    }
    return this.#count;
  }

  #sort(): Uint32Array {
    const offsets = new Float64Array(this.#count);
    const entries = new Uint32Array(this.#count);
    for (let index = 0; index < this.#count; index++) {
      offsets[index] = this.#offsetOf(index);
      entries[index] = index;
    }
    return entries.sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0) || a - b);
  }

  #looksSorted(): boolean {
    if (this.#checked) return true;
    this.#checked = true;
    const pages = Math.ceil(this.#count / pageEntries);
    const step = this.#count <= fullCheckEntries ? 1 : pages / samplePages;
    let before = 0;
    for (let sample = 0; sample * step < pages; sample++) {
      const first = Math.floor(sample * step) * pageEntries;
      const last = Math.min(first + pageEntries, this.#count);
      for (let index = first; index < last; index++) {
        const offset = this.#offsetOf(index);
        if (offset < before) return false;
        before = offset;
      }
    }
    return true;
  }

  /** Position of an entry in the page, which is read if need be; negative where the table ends early. */
  #locate(index: number): number {
    const page = Math.floor(index / pageEntries);
    if (page !== this.#pageIndex) {
      this.#pageIndex = page;
      const filled = this.#data.readInto(this.#page, page * pageEntries * this.#entryBytes);
      this.#pageFilled = Math.floor(filled / this.#entryBytes);
    }
    const within = index - page * pageEntries;
    return within < this.#pageFilled ? within * this.#entryBytes : -1;
  }

  #u64(at: number): number {
    const first = this.#view.getUint32(at, this.#little);
    const second = this.#view.getUint32(at + 4, this.#little);
    return this.#little ? second * wordRange + first : first * wordRange + second;
  }

  #offsetOf(index: number): number {
    const at = this.#locate(index);
    if (at < 0) return 0;
    return this.#is64 ? this.#u64(at) : this.#view.getUint32(at, this.#little);
  }

  #entryAt(index: number): Relocation {
    const entry = this.#entry;
    const at = this.#locate(index);
    if (at < 0) {
      // No type has this number: nothing is done.
      entry.type = -1;
      return entry;
    }
    const view = this.#view;
    const little = this.#little;
    if (this.#is64) {
      entry.offset = this.#u64(at);
      // r_info is one number: symbol above, type below.
      entry.symbol = view.getUint32(at + (little ? 12 : 8), little);
      entry.type = view.getUint32(at + (little ? 8 : 12), little);
      entry.addend = this.hasAddends
        ? signedAddress(
            view.getUint32(at + (little ? 20 : 16), little),
            view.getUint32(at + (little ? 16 : 20), little),
          )
        : 0;
      return entry;
    }
    const info = view.getUint32(at + 4, little);
    entry.offset = view.getUint32(at, little);
    entry.symbol = info >>> 8;
    entry.type = info & 0xff;
    entry.addend = this.hasAddends ? view.getInt32(at + 8, little) : 0;
    return entry;
  }
}
