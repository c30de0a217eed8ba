/** No range of a damaged file makes more candidates for an address. */
const mostCandidates = 16;

/**
 * Which unit an address belongs to: ranges, added in any order and sorted once. Ranges of different units may overlap
 * (identical functions folded by the linker, damaged files): then there are several candidates, the narrowest first.
 */
export class AddressIndex {
  #lows: number[] = [];
  #highs: number[] = [];
  #units: number[] = [];
  /** The highest end of all ranges up to this one: how far to look back. */
  #reach: number[] = [];
  #sorted = true;

  get count(): number {
    return this.#lows.length;
  }

  /** Adds the range from `low` up to and without `high` of the unit at an offset. */
  add(low: number, high: number, unit: number): void {
    if (high > low) {
      this.#lows.push(low);
      this.#highs.push(high);
      this.#units.push(unit);
      this.#sorted = false;
    }
  }

  /** The offsets of the units whose ranges contain an address. */
  find(address: number): number[] {
    this.#sort();
    let from = 0;
    let to = this.#lows.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#lows[middle] ?? 0) <= address) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    const found: number[] = [];
    for (let each = from - 1; each >= 0 && (this.#reach[each] ?? 0) > address; each--) {
      const unit = this.#units[each] ?? 0;
      if ((this.#highs[each] ?? 0) > address && !found.includes(unit)) {
        found.push(unit);
        if (found.length >= mostCandidates) {
          break;
        }
      }
    }
    return found;
  }

  #sort(): void {
    if (this.#sorted) {
      return;
    }
    this.#sorted = true;
    const order = sortedOrder(this.#lows);
    const [lows, highs, units] = [this.#lows, this.#highs, this.#units];
    this.#lows = [];
    this.#highs = [];
    this.#units = [];
    this.#reach = [];
    let reach = Number.NEGATIVE_INFINITY;
    for (const each of order) {
      const high = highs[each] ?? 0;
      reach = Math.max(reach, high);
      this.#lows.push(lows[each] ?? 0);
      this.#highs.push(high);
      this.#units.push(units[each] ?? 0);
      this.#reach.push(reach);
    }
  }
}

/**
 * The order that sorts some integers. The sort without a comparison function is several times as fast, which counts
 * in a process that looks up one address: value and index are packed into one number where they fit, and a kernel's do.
 */
function sortedOrder(values: readonly number[]): Iterable<number> {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const count = values.length;
  if ((most - least + 1) * count < Number.MAX_SAFE_INTEGER) {
    const keys = Float64Array.from(values, (value, index) => (value - least) * count + index).sort();
    return keys.map((key) => key % count);
  }
  return values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
}
