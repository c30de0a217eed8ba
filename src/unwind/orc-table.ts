import { decodeOrc, type OrcEntry, type OrcFormat } from './orc-format.ts';

/** A kernel has half a million entries. */
const mostEntries = 1 << 24;

/**
 * The ORC entries of vmlinux or of a module: places in the order of their addresses, each entry good up to the next. All
 * addresses here are signed numbers (`elf/address.ts`): kernel text is within the last 2 GiB of the address space.
 */
export class OrcTable {
  readonly #count: number;
  readonly #places: Float64Array;
  /** Which entry is a place's, where the places had to be sorted. */
  readonly #order: Uint32Array | undefined;
  readonly #entries: DataView;
  readonly #format: OrcFormat;

  /**
   * @param places `.orc_unwind_ip`: 32-bit distances, each from itself to the place.
   * @param base the address of the first distance.
   * @param entries `.orc_unwind`, as many entries.
   */
  constructor(places: Uint8Array, base: number, entries: Uint8Array, format: OrcFormat) {
    this.#format = format;
    this.#entries = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
    this.#count = Math.min(places.length >> 2, Math.floor(entries.length / format.size), mostEntries);
    const distances = new DataView(places.buffer, places.byteOffset, places.byteLength);
    const found = new Float64Array(this.#count);
    let isSorted = true;
    for (let nth = 0; nth < this.#count; nth++) {
      const place = base + 4 * nth + distances.getInt32(4 * nth, true);
      found[nth] = place;
      if (nth > 0 && place < (found[nth - 1] ?? 0)) isSorted = false;
    }
    if (isSorted) {
      this.#places = found;
      return;
    }
    // Before 5.6 kernels sorted them when they booted; modules are sorted when they are loaded. Sections end with an
    // entry that says nothing, which may be at the start of the next, and comes first then (orc_sort_cmp()).
    const order = new Uint32Array(this.#count).map((_, nth) => nth);
    const saysNothing = (nth: number): number => (this.#decode(nth)?.spBase === 'undefined' ? 0 : 1);
    order.sort((a, b) => (found[a] ?? 0) - (found[b] ?? 0) || saysNothing(a) - saysNothing(b) || a - b);
    this.#order = order;
    this.#places = Float64Array.from(order, (nth) => found[nth] ?? 0);
  }

  get length(): number {
    return this.#count;
  }

  /** The entry that holds at an address: the last at or before it. The last of all ends the code, so none is behind it. */
  at(address: number): OrcEntry | undefined {
    if (this.#count === 0 || address >= (this.#places[this.#count - 1] ?? 0)) return undefined;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#places[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    return this.#decode(this.#order?.[low - 1] ?? low - 1);
  }

  #decode(nth: number): OrcEntry | undefined {
    return decodeOrc(this.#entries, nth * this.#format.size, this.#format);
  }
}
