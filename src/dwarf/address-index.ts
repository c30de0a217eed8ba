import { small } from './small.ts';

/** No range of a damaged file makes more candidates for an address. */
const mostCandidates = 16;
const firstCapacity = 64;
const signBit = 1 << 31;

type Numbers = Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Addresses from `low` up to and without `high`, of the unit at an offset of `.debug_info`. */
export interface UnitRange {
  readonly low: number;
  readonly high: number;
  readonly unit: number;
}

/**
 * Which unit an address belongs to: ranges, added in any order and sorted once. Ranges of different units may overlap
 * (identical functions folded by the linker, damaged files): then there are several candidates, the narrowest first.
 *
 * A process that looks up one address spends much of its time here. So the addresses are counted from the first one
 * that was added, and are integers of 32 bits as long as they fit, as those of a kernel do.
 */
export class AddressIndex {
  count = 0;
  /** The address that the others are counted from: two halves, and their sum. */
  #baseHigh = 0;
  #baseLow = 0;
  #base = 0;
  #lows: Numbers = new Int32Array(firstCapacity);
  #highs: Numbers = new Int32Array(firstCapacity);
  #units = new Float64Array(firstCapacity);
  /** Places of the ranges in the order of their beginnings; undefined while there are new ones. */
  #order: Uint32Array | undefined;
  /** By that order: the highest end of all ranges up to this one, which tells how far to look back. */
  #reach: Numbers = this.#highs;

  /** Makes room for some more ranges at once. */
  reserve(more: number): void {
    const needed = this.count + more;
    if (needed > this.#units.length) {
      this.#lows = grown(this.#lows, needed);
      this.#highs = grown(this.#highs, needed);
      const units = new Float64Array(needed);
      units.set(this.#units);
      this.#units = units;
    }
  }

  /** Adds the range from `low` up to and without `high` of the unit at an offset. */
  add(low: number, high: number, unit: number): void {
    if (this.count === 0) {
      this.#base = low;
      this.#baseHigh = Math.floor(low / 4294967296) | 0;
      this.#baseLow = low | 0;
    }
    this.#put(low - this.#base, high - this.#base, unit);
  }

  /** Adds a range by the signed halves of its first address and of its length, both of 64 bits. */
  addHalves(addressHigh: number, addressLow: number, lengthHigh: number, lengthLow: number, unit: number): void {
    if (this.count > 0 && addressHigh === this.#baseHigh && lengthHigh === 0 && lengthLow >= 0) {
      // The sign of the lower halves is not one: with it flipped they compare, and subtract, as they should.
      const low = (addressLow ^ signBit) - (this.#baseLow ^ signBit);
      this.#put(low, low + lengthLow, unit);
    } else {
      const low = addressHigh * 4294967296 + (addressLow >>> 0);
      this.add(low, low + lengthHigh * 4294967296 + (lengthLow >>> 0), unit);
    }
  }

  #put(low: number, high: number, unit: number): void {
    if (high <= low) {
      return;
    }
    if (this.#lows instanceof Int32Array && ((low | 0) !== low || (high | 0) !== high)) {
      this.#lows = Float64Array.from(this.#lows);
      this.#highs = Float64Array.from(this.#highs);
    }
    if (this.count === this.#units.length) {
      this.reserve(this.count);
    }
    const at = this.count++;
    this.#lows[at] = low;
    this.#highs[at] = high;
    this.#units[at] = unit;
    this.#order = undefined;
  }

  /** The offsets of the units whose ranges contain an address. */
  find(address: number): number[] {
    const wanted = address - this.#base;
    this.#order ??= this.#sort();
    const order = this.#order;
    const lows = this.#lows;
    let from = 0;
    let to = order.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((lows[order[middle] ?? 0] ?? 0) <= wanted) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    const found: number[] = [];
    for (let each = from - 1; each >= 0 && (this.#reach[each] ?? 0) > wanted; each--) {
      const at = order[each] ?? 0;
      const unit = small(this.#units[at] ?? 0);
      if ((this.#highs[at] ?? 0) > wanted && !found.includes(unit)) {
        found.push(unit);
        if (found.length >= mostCandidates) {
          break;
        }
      }
    }
    return found;
  }

  /** All ranges in the order of their beginnings. */
  *ranges(): Generator<UnitRange> {
    this.#order ??= this.#sort();
    for (const at of this.#order) {
      const low = this.#base + (this.#lows[at] ?? 0);
      yield { low, high: this.#base + (this.#highs[at] ?? 0), unit: small(this.#units[at] ?? 0) };
    }
  }

  #sort(): Uint32Array {
    const { count } = this;
    const order = sortedOrder(this.#lows, count);
    const highs = this.#highs;
    const reach = highs.slice(0, count);
    let highest = Number.NEGATIVE_INFINITY;
    for (let each = 0; each < count; each++) {
      const high = highs[order[each] ?? 0] ?? 0;
      if (high > highest) {
        highest = high;
      }
      reach[each] = highest;
    }
    this.#reach = reach;
    return order;
  }
}

function grown(values: Numbers, capacity: number): Numbers {
  const made = values instanceof Int32Array ? new Int32Array(capacity) : new Float64Array(capacity);
  made.set(values);
  return made;
}

/**
 * The order that sorts some integers. A sort without a comparison function is several times as fast: value and index
 * are packed into one number where they fit, and a kernel's do.
 */
function sortedOrder(values: Numbers, count: number): Uint32Array {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let each = 0; each < count; each++) {
    const value = values[each] ?? 0;
    if (value < least) {
      least = value;
    }
    if (value > most) {
      most = value;
    }
  }
  const order = new Uint32Array(count);
  if ((most - least + 1) * count >= Number.MAX_SAFE_INTEGER) {
    for (let each = 0; each < count; each++) {
      order[each] = each;
    }
    return order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
  }
  const keys = new Float64Array(count);
  for (let each = 0; each < count; each++) {
    keys[each] = ((values[each] ?? 0) - least) * count + each;
  }
  keys.sort();
  for (let each = 0; each < count; each++) {
    order[each] = (keys[each] ?? 0) % count;
  }
  return order;
}
