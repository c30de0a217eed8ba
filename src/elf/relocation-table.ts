import { signedAddress, wordRange } from './address.ts';
import type { ElfLayout } from './constants.ts';
import { badSection } from './elf-error.ts';
import type { SectionData } from './section-data.ts';

/** A page of entries is what is read at a time: 1024 of them. */
const pageShift = 10;
const pageEntries = 1 << pageShift;
/** Tables up to so many entries are looked at as a whole to see whether they are sorted, larger ones at samples. */
const fullCheckEntries = 16_384;
const samples = 64;

/** Unsorted tables of more entries are refused: to sort them takes seconds, and no tool makes them. */
const maxSortedEntries = 4_194_304;
/** More relocations than so many for each byte make no sense: differences of labels have two or three for a place. */
const maxPerByte = 8;

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
  readonly #file: string;
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

  constructor(file: string, data: SectionData, layout: ElfLayout, hasAddends: boolean) {
    this.#file = file;
    this.#data = data;
    this.hasAddends = hasAddends;
    this.#is64 = layout.is64;
    this.#little = layout.littleEndian;
    this.#entryBytes = (layout.is64 ? 8 : 4) * (hasAddends ? 3 : 2);
    this.#count = Math.floor(data.size / this.#entryBytes);
    this.#page = new Uint8Array(this.#entryBytes * Math.min(pageEntries, this.#count));
    this.#view = new DataView(this.#page.buffer);
  }

  /**
   * Calls back for every relocation that applies from `start` up to `end`: by place, then in the order of the file.
   * False if the table turned out not to be sorted: then all must be done again, which will not happen twice.
   * @throws KtriageError KT-ELF-SECTION
   */
  forRange(start: number, end: number, apply: (relocation: Relocation) => void): boolean {
    if (!this.#checked) {
      this.#checked = true;
      if (!this.#looksSorted()) this.#order = this.#sort();
    }
    const order = this.#order;
    let before = start;
    let left = (end - start) * maxPerByte;
    for (let index = this.#lowerBound(start); index < this.#count; index++) {
      const offset = this.#offsetOf(order === undefined ? index : (order[index] ?? 0));
      if (offset >= end) break;
      if (offset < before) {
        this.#order = this.#sort();
        return false;
      }
      before = offset;
      if (left-- <= 0) throw badSection(this.#file, this.#data.name, `it has too many entries for byte ${offset}`);
      apply(this.#entryAt(order === undefined ? index : (order[index] ?? 0), offset));
    }
    return true;
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

  #sort(): Uint32Array {
    if (this.#count > maxSortedEntries)
      throw badSection(this.#file, this.#data.name, `its ${this.#count} entries are not in order`);
    const offsets = new Float64Array(this.#count);
    const entries = new Uint32Array(this.#count);
    for (let index = 0; index < this.#count; index++) {
      offsets[index] = this.#offsetOf(index);
      entries[index] = index;
    }
    return entries.sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0) || a - b);
  }

  #looksSorted(): boolean {
    const step = this.#count <= fullCheckEntries ? 1 : this.#count / samples;
    let before = 0;
    for (let sample = 0; sample * step < this.#count; sample++) {
      const offset = this.#offsetOf(Math.floor(sample * step));
      if (offset < before) return false;
      before = offset;
    }
    return true;
  }

  /** Position of an entry in the page, which is read if need be; negative where the table ends early. */
  #locate(index: number): number {
    const page = index >>> pageShift;
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

  /** The entry whose place is known already. */
  #entryAt(index: number, offset: number): Relocation {
    const entry = this.#entry;
    const at = this.#locate(index);
    if (at < 0) {
      // No type has this number: nothing is done.
      entry.type = -1;
      return entry;
    }
    const view = this.#view;
    const little = this.#little;
    entry.offset = offset;
    if (this.#is64) {
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
    entry.symbol = info >>> 8;
    entry.type = info & 0xff;
    entry.addend = this.hasAddends ? view.getInt32(at + 8, little) : 0;
    return entry;
  }
}
