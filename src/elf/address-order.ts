import { sortByAddress } from './sort-addresses.ts';

/** Symbols in a bucket, on average. Few are cheap to sort when asked for, and buckets cost memory. */
const perBucket = 8;
const maxBuckets = 1 << 17;
/** Buckets up to this are sorted by insertion, larger ones (what is far apart squeezes the rest together) otherwise. */
const insertionLimit = 32;
const largestInteger = 2 ** 31 - 1;

/**
 * Addresses counted from a base, which makes small integers of them where they are within 2 GiB, as those of a kernel's
 * code are: computing with others takes several times as long before it is compiled.
 */
export interface AddressList {
  readonly base: number;
  readonly offsets: Int32Array | Float64Array;
  /** What belongs to each. */
  readonly indexes: Uint32Array;
  /** Offsets that most are between. */
  readonly lowest: number;
  readonly highest: number;
}

/**
 * Addresses in order, with the index that belongs to each; equal ones keep the order they were given in. They are put
 * into buckets at once, which takes two passes, and each bucket is sorted when it is first looked at: whoever looks up
 * one address of a kernel would wait three times as long for all 50,000 to be sorted.
 */
export class AddressOrder {
  readonly length: number;
  readonly #base: number;
  readonly #offsets: Int32Array | Float64Array;
  readonly #indexes: Uint32Array;
  readonly #lowest: number;
  readonly #range: number;
  /** Offsets that one bucket spans: a power of two. */
  readonly #width: number;
  /** Where each bucket begins; one more than there are. */
  readonly #starts: Uint32Array;
  readonly #sorted: Uint8Array;
  /** How many buckets may still be sorted one by one, before all are. */
  #left: number;
  #isWhole = false;

  /** Nothing of the list is changed. */
  constructor({ base, offsets, indexes, lowest, highest }: AddressList) {
    const count = offsets.length;
    const wanted = Math.min(Math.ceil(count / perBucket), maxBuckets) || 1;
    const range = Math.max(highest - lowest, 0);
    const shift = Math.max(Math.ceil(Math.log2((range + 1) / wanted)), 0);
    this.length = count;
    this.#base = base;
    this.#lowest = lowest;
    this.#range = range;
    this.#width = 2 ** shift;
    const buckets = Math.floor(range / this.#width) + 1;
    const bucketOf =
      offsets instanceof Int32Array && range <= largestInteger && shift < 32
        ? integerBuckets(offsets, lowest, range, shift)
        : Uint32Array.from(offsets, (offset) => this.#bucketOf(offset));
    // From counts to ends; filling them from behind makes beginnings of them, and keeps the order of equals.
    const starts = new Uint32Array(buckets + 1);
    for (let at = 0; at < count; at++) {
      const bucket = bucketOf[at] ?? 0;
      starts[bucket] = (starts[bucket] ?? 0) + 1;
    }
    let sum = 0;
    for (let bucket = 0; bucket <= buckets; bucket++) {
      sum += starts[bucket] ?? 0;
      starts[bucket] = sum;
    }
    const placed = offsets instanceof Int32Array ? new Int32Array(count) : new Float64Array(count);
    const placedIndexes = new Uint32Array(count);
    for (let at = count - 1; at >= 0; at--) {
      const bucket = bucketOf[at] ?? 0;
      const to = (starts[bucket] ?? 0) - 1;
      starts[bucket] = to;
      placed[to] = offsets[at] ?? 0;
      placedIndexes[to] = indexes[at] ?? 0;
    }
    this.#offsets = placed;
    this.#indexes = placedIndexes;
    this.#starts = starts;
    this.#sorted = new Uint8Array(buckets);
    this.#left = buckets >> 3;
  }

  /** The address at a place of the order; undefined outside of it. */
  addressAt(place: number): number | undefined {
    if (!(place >= 0 && place < this.length)) return undefined;
    if (!this.#isWhole) this.#sort(this.#bucketOf(this.#offsets[place] ?? 0));
    return this.#base + (this.#offsets[place] ?? 0);
  }

  /** The index that belongs to the address at a place; 0 outside of the order. */
  indexAt(place: number): number {
    if (!this.#isWhole && this.addressAt(place) === undefined) return 0;
    return this.#indexes[place] ?? 0;
  }

  /** The first place whose address is above. */
  firstBeyond(address: number): number {
    const offset = address - this.#base;
    const bucket = this.#bucketOf(offset);
    this.#sort(bucket);
    const offsets = this.#offsets;
    let low = this.#starts[bucket] ?? 0;
    let high = this.#starts[bucket + 1] ?? 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((offsets[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What lies outside of the bounds is in the first and the last one. */
  #bucketOf(offset: number): number {
    return Math.floor(Math.min(Math.max(offset - this.#lowest, 0), this.#range) / this.#width);
  }

  #sort(bucket: number): void {
    if (this.#isWhole || this.#sorted[bucket] !== 0) return;
    this.#sortOne(bucket);
    if (this.#left-- > 0) return;
    for (let each = 0; each < this.#sorted.length; each++) if (this.#sorted[each] === 0) this.#sortOne(each);
    this.#isWhole = true;
  }

  #sortOne(bucket: number): void {
    this.#sorted[bucket] = 1;
    const start = this.#starts[bucket] ?? 0;
    const end = this.#starts[bucket + 1] ?? 0;
    const offsets = this.#offsets;
    const indexes = this.#indexes;
    if (end - start > insertionLimit) {
      const sorted = sortByAddress(Float64Array.from(offsets.subarray(start, end)), indexes.subarray(start, end));
      offsets.set(sorted.addresses, start);
      indexes.set(sorted.indexes, start);
      return;
    }
    for (let at = start + 1; at < end; at++) {
      const offset = offsets[at] ?? 0;
      const index = indexes[at] ?? 0;
      let to = at;
      for (; to > start && (offsets[to - 1] ?? 0) > offset; to--) {
        offsets[to] = offsets[to - 1] ?? 0;
        indexes[to] = indexes[to - 1] ?? 0;
      }
      offsets[to] = offset;
      indexes[to] = index;
    }
  }
}

/** The same as `#bucketOf`, of small integers. */
function integerBuckets(offsets: Int32Array, lowest: number, range: number, shift: number): Uint32Array {
  const buckets = new Uint32Array(offsets.length);
  for (let at = 0; at < offsets.length; at++) {
    const above = (offsets[at] ?? 0) - lowest;
    buckets[at] = above < 0 ? 0 : (above > range ? range : above) >> shift;
  }
  return buckets;
}

/** Addresses as a list: as small integers if they are within 2 GiB of the lowest. */
export function addressList(addresses: Float64Array, indexes: Uint32Array): AddressList {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const address of addresses) {
    if (address < lowest) lowest = address;
    if (address > highest) highest = address;
  }
  if (addresses.length === 0) return { base: 0, offsets: new Int32Array(0), indexes, lowest: 0, highest: 0 };
  const base = lowest;
  const isNear = highest - lowest <= largestInteger;
  // Far apart they may not be exact as differences.
  if (!isNear) return { base: 0, offsets: addresses, indexes, lowest, highest };
  const offsets = Int32Array.from(addresses, (address) => address - base);
  return { base, offsets, indexes, lowest: 0, highest: highest - base };
}
