import { decodeOrc, type OrcEntry, type OrcFormat } from './orc-format.ts';

/** A kernel has half a million entries. */
const mostEntries = 1 << 24;
/** Entries that are read at once. */
const together = 1024;
/** Addresses whose entries are remembered. */
const mostRemembered = 65_536;

/** Bytes that are read where they are needed: the contents of a section, or an array. */
export interface OrcBytes {
  readonly size: number;
  /** Clipped to what there is. */
  read(offset: number, length: number): Uint8Array;
}

/** An array as such. */
export function orcBytes(bytes: Uint8Array): OrcBytes {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/**
 * The ORC entries of vmlinux or of a module: places in the order of their addresses, each entry good up to the next. All
 * addresses here are signed numbers (`elf/address.ts`): kernel text is within the last 2 GiB of the address space.
 */
export class OrcTable {
  readonly #count: number;
  /** Of 400,000 entries few are asked for: numbers for all of them would take twice the memory. */
  readonly #distances: DataView;
  readonly #base: number;
  readonly #entries: OrcBytes;
  /** Those that were asked for, with what is around them. */
  readonly #pieces = new Map<number, DataView>();
  readonly #format: OrcFormat;
  /** The entries in the order of their places, where they had to be sorted. */
  #order: Uint32Array | undefined;
  readonly #remembered = new Map<number, OrcEntry | undefined>();

  /**
   * @param places `.orc_unwind_ip`: 32-bit distances, each from itself to the place.
   * @param base the address of the first distance.
   * @param entries `.orc_unwind`, as many entries.
   * @param isSorted whether they are known to be in order; else all are looked at.
   */
  constructor(places: Uint8Array, base: number, entries: OrcBytes, format: OrcFormat, isSorted = false) {
    this.#format = format;
    this.#entries = entries;
    this.#count = Math.min(places.length >> 2, Math.floor(entries.size / format.size), mostEntries);
    this.#distances = new DataView(places.buffer, places.byteOffset, places.byteLength);
    this.#base = base;
    if (!isSorted && !this.#isInOrder()) this.#sort();
  }

  get length(): number {
    return this.#count;
  }

  /** The entry that holds at an address: the last at or before it. The last of all ends the code, so none is behind it. */
  at(address: number): OrcEntry | undefined {
    const known = this.#remembered.get(address);
    if (known !== undefined || this.#remembered.has(address)) return known;
    let nth = this.#search(address);
    if (nth === 'unsorted') {
      this.#sort();
      nth = this.#search(address);
    }
    const entry = typeof nth === 'number' ? this.#decode(this.#order?.[nth] ?? nth) : undefined;
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear();
    this.#remembered.set(address, entry);
    return entry;
  }

  /** The number in order of the entry that holds; `unsorted` where they are seen not to be in order. */
  #search(address: number): number | 'unsorted' | undefined {
    let low = 0;
    let high = this.#count - 1;
    if (high <= 0) return undefined;
    let lowPlace = this.#place(low);
    let highPlace = this.#place(high);
    if (lowPlace > highPlace) return 'unsorted';
    if (address < lowPlace || address >= highPlace) return undefined;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      const place = this.#place(middle);
      if (place < lowPlace || place > highPlace) return 'unsorted';
      if (place <= address) {
        low = middle;
        lowPlace = place;
      } else {
        high = middle;
        highPlace = place;
      }
    }
    return low;
  }

  #isInOrder(): boolean {
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

  /**
   * Before 5.6 kernels sorted them when they booted; modules are sorted when they are loaded. Sections end with an entry
   * that says nothing, which may be at the start of the next, and comes first then (orc_sort_cmp()).
   */
  #sort(): void {
    const found = Float64Array.from({ length: this.#count }, (_, nth) => this.#placeOf(nth));
    const order = new Uint32Array(this.#count).map((_, nth) => nth);
    const saysNothing = (nth: number): number => (this.#decode(nth)?.spBase === 'undefined' ? 0 : 1);
    order.sort((a, b) => (found[a] ?? 0) - (found[b] ?? 0) || saysNothing(a) - saysNothing(b) || a - b);
    this.#order = order;
  }

  /** That of an entry, by its number in order. */
  #place(nth: number): number {
    return this.#placeOf(this.#order?.[nth] ?? nth);
  }

  #placeOf(nth: number): number {
    return this.#base + 4 * nth + this.#distances.getInt32(4 * nth, true);
  }

  #decode(nth: number): OrcEntry | undefined {
    const number = Math.floor(nth / together);
    const length = together * this.#format.size;
    let piece = this.#pieces.get(number);
    if (piece === undefined) {
      const { buffer, byteOffset, byteLength } = this.#entries.read(number * length, length);
      piece = new DataView(buffer, byteOffset, byteLength);
      this.#pieces.set(number, piece);
    }
    return decodeOrc(piece, (nth % together) * this.#format.size, this.#format);
  }
}
