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
 * once, which needs 12 bytes of memory for each.
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
  #sorted: boolean | undefined;
  #order: { readonly offsets: Float64Array; readonly entries: Uint32Array } | undefined;
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

  /** Calls back for every relocation that applies from `start` up to `end`, in the order of the file for each place. */
  forRange(start: number, end: number, apply: (relocation: Relocation) => void): void {
    this.#sorted ??= this.#looksSorted();
    if (this.#sorted && this.#walk(start, end, apply)) return;
    // What was applied already is applied again from the start: see RelocatedSection.
    this.#sorted = false;
    this.#walkSorted(start, end, apply);
  }

  /** True if the table keeps its order as far as it was met; else the callbacks were not all made. */
  #walk(start: number, end: number, apply: (relocation: Relocation) => void): boolean {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#offsetOf(middle) < start) low = middle + 1;
      else high = middle;
    }
    let before = start;
    for (let index = low; index < this.#count; index++) {
      const offset = this.#offsetOf(index);
      if (offset < before) return false;
      if (offset >= end) break;
      before = offset;
      apply(this.#entryAt(index));
    }
    return true;
  }

  #walkSorted(start: number, end: number, apply: (relocation: Relocation) => void): void {
    this.#order ??= this.#sort();
    const { offsets, entries } = this.#order;
    let low = 0;
    let high = offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((offsets[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    for (let at = low; at < offsets.length && (offsets[at] ?? 0) < end; at++) apply(this.#entryAt(entries[at] ?? 0));
  }

  #sort(): { readonly offsets: Float64Array; readonly entries: Uint32Array } {
    const byEntry = new Float64Array(this.#count);
    for (let index = 0; index < this.#count; index++) byEntry[index] = this.#offsetOf(index);
    const entries = Uint32Array.from({ length: this.#count }, (_, index) => index);
    entries.sort((a, b) => (byEntry[a] ?? 0) - (byEntry[b] ?? 0) || a - b);
    return { offsets: Float64Array.from(entries, (entry) => byEntry[entry] ?? 0), entries };
  }

  #looksSorted(): boolean {
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
        ? signedAddress(view.getUint32(at + (little ? 20 : 16), little), view.getUint32(at + (little ? 16 : 20), little))
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
