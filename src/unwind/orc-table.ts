import { decodeOrc, type OrcEntry, type OrcFormat } from './orc-format.ts';

/** A kernel has half a million entries. */
const mostEntries = 1 << 24;

/**
 * The ORC entries of vmlinux or of a module: places in the order of their addresses, each entry good up to the next. All
 * addresses here are signed numbers (`elf/address.ts`): kernel text is within the last 2 GiB of the address space.
 */
export class OrcTable {
  readonly #count: number;
  /** Of 400,000 entries few are asked for: numbers for all of them would take twice the memory. */
  readonly #distances: DataView;
  readonly #base: number;
  /** The entries in the order of their places, where they had to be sorted. */
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
    this.#distances = new DataView(places.buffer, places.byteOffset, places.byteLength);
    this.#base = base;
    if (this.#isSorted()) return;
    const found = Float64Array.from({ length: this.#count }, (_, nth) => this.#placeOf(nth));
    // Before 5.6 kernels sorted them when they booted; modules are sorted when they are loaded. Sections end with an
    // entry that says nothing, which may be at the start of the next, and comes first then (orc_sort_cmp()).
    const order = new Uint32Array(this.#count).map((_, nth) => nth);
    const saysNothing = (nth: number): number => (this.#decode(nth)?.spBase === 'undefined' ? 0 : 1);
    order.sort((a, b) => (found[a] ?? 0) - (found[b] ?? 0) || saysNothing(a) - saysNothing(b) || a - b);
    this.#order = order;
  }

  get length(): number {
    return this.#count;
  }

  /** The entry that holds at an address: the last at or before it. The last of all ends the code, so none is behind it. */
  at(address: number): OrcEntry | undefined {
    if (this.#count === 0 || address >= this.#place(this.#count - 1)) return undefined;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#place(middle) <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    return this.#decode(this.#order?.[low - 1] ?? low - 1);
  }

  #isSorted(): boolean {
    const distances = this.#distances;
    // The base is the same for all.
    let latest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < this.#count * 4; at += 4) {
      const place = at + distances.getInt32(at, true);
      if (place < latest) return false;
      latest = place;
    }
    return true;
  }

  /** That of an entry, by its number in order. */
  #place(nth: number): number {
    return this.#placeOf(this.#order?.[nth] ?? nth);
  }

  #placeOf(nth: number): number {
    return this.#base + 4 * nth + this.#distances.getInt32(4 * nth, true);
  }

  #decode(nth: number): OrcEntry | undefined {
    return decodeOrc(this.#entries, nth * this.#format.size, this.#format);
  }
}
