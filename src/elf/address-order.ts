import { sortByAddress } from './sort-addresses.ts';

/** Symbols in a bucket, on average. Few are cheap to sort when asked for, and buckets cost memory. */
const perBucket = 8;
const maxBuckets = 1 << 17;
/** Buckets up to this are sorted by insertion, larger ones (what is far apart squeezes the rest together) otherwise. */
const insertionLimit = 32;

/**
 * Addresses in order, with the index that belongs to each; equal ones keep the order they were given in. They are put
 * into buckets at once, which takes two passes, and each bucket is sorted when it is first looked at: whoever looks up
 * one address of a kernel would wait three times as long for all 60,000 to be sorted.
 */
export class AddressOrder {
  readonly length: number;
  readonly #addresses: Float64Array;
  readonly #indexes: Uint32Array;
  readonly #lowest: number;
  readonly #scale: number;
  /** Where each bucket begins; one more than there are. */
  readonly #starts: Uint32Array;
  readonly #sorted: Uint8Array;

  /** Takes addresses that are finite numbers; neither array is changed. */
  constructor(addresses: Float64Array, indexes: Uint32Array) {
    const count = addresses.length;
    let lowest = Number.POSITIVE_INFINITY;
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < count; at++) {
      const address = addresses[at] ?? 0;
      if (address < lowest) lowest = address;
      if (address > highest) highest = address;
    }
    const buckets = Math.min(Math.ceil(count / perBucket), maxBuckets) || 1;
    // Slightly less than would fit, so that the highest falls into the last bucket however it is rounded.
    const scale = highest > lowest ? (buckets * (1 - 2 ** -20)) / (highest - lowest) : 0;
    const starts = new Uint32Array(buckets + 1);
    const bucketOf = new Uint32Array(count);
    for (let at = 0; at < count; at++) {
      const bucket = ((addresses[at] ?? 0) - lowest) * scale;
      const whole = bucket >>> 0;
      bucketOf[at] = whole;
      starts[whole] = (starts[whole] ?? 0) + 1;
    }
    // From counts to ends; filling them from behind makes beginnings of them, and keeps the order of equals.
    let sum = 0;
    for (let bucket = 0; bucket <= buckets; bucket++) {
      sum += starts[bucket] ?? 0;
      starts[bucket] = sum;
    }
    const placedAddresses = new Float64Array(count);
    const placedIndexes = new Uint32Array(count);
    for (let at = count - 1; at >= 0; at--) {
      const bucket = bucketOf[at] ?? 0;
      const to = (starts[bucket] ?? 0) - 1;
      starts[bucket] = to;
      placedAddresses[to] = addresses[at] ?? 0;
      placedIndexes[to] = indexes[at] ?? 0;
    }
    this.length = count;
    this.#addresses = placedAddresses;
    this.#indexes = placedIndexes;
    this.#lowest = lowest;
    this.#scale = scale;
    this.#starts = starts;
    this.#sorted = new Uint8Array(buckets);
  }

  /** The address at a place of the order; undefined outside of it. */
  addressAt(place: number): number | undefined {
    if (!(place >= 0 && place < this.length)) return undefined;
    this.#sort(this.#bucketOf(this.#addresses[place] ?? 0));
    return this.#addresses[place];
  }

  /** The index that belongs to the address at a place; 0 outside of the order. */
  indexAt(place: number): number {
    return this.addressAt(place) === undefined ? 0 : (this.#indexes[place] ?? 0);
  }

  /** The first place whose address is above. */
  firstBeyond(address: number): number {
    if (this.length === 0 || address < this.#lowest) return 0;
    const bucket = this.#bucketOf(address);
    if (bucket >= this.#sorted.length) return this.length;
    this.#sort(bucket);
    const addresses = this.#addresses;
    let low = this.#starts[bucket] ?? 0;
    let high = this.#starts[bucket + 1] ?? 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((addresses[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The order has the same rounding for all, so that what is not below never has a lower bucket. */
  #bucketOf(address: number): number {
    const bucket = (address - this.#lowest) * this.#scale;
    return bucket < this.#sorted.length ? bucket >>> 0 : this.#sorted.length;
  }

  #sort(bucket: number): void {
    if (this.#sorted[bucket] !== 0) return;
    this.#sorted[bucket] = 1;
    const start = this.#starts[bucket] ?? 0;
    const end = this.#starts[bucket + 1] ?? 0;
    const addresses = this.#addresses;
    const indexes = this.#indexes;
    if (end - start > insertionLimit) {
      const sorted = sortByAddress(addresses.subarray(start, end), indexes.subarray(start, end));
      addresses.set(sorted.addresses, start);
      indexes.set(sorted.indexes, start);
      return;
    }
    for (let at = start + 1; at < end; at++) {
      const address = addresses[at] ?? 0;
      const index = indexes[at] ?? 0;
      let to = at;
      for (; to > start && (addresses[to - 1] ?? 0) > address; to--) {
        addresses[to] = addresses[to - 1] ?? 0;
        indexes[to] = indexes[to - 1] ?? 0;
      }
      addresses[to] = address;
      indexes[to] = index;
    }
  }
}
