import type { UnitRange } from '../dwarf/address-index.ts';
import type { FoundEntry } from './index-cache-file.ts';
import type { PageWriter } from './index-cache-pages.ts';

// An entry of units: the length of a range of code, and where in `.debug_info` the unit begins that it is of.

/**
 * Writes the ranges, which come in the order of their beginnings. Those that overlap are left out: which unit is meant
 * there is decided by what the units have.
 */
export function writeUnits(ranges: Iterable<UnitRange>, writer: PageWriter, base: number): void {
  let pending: UnitRange | undefined;
  /** Where the last range before the pending one ends. */
  let reach = Number.NEGATIVE_INFINITY;
  const flush = (end: number): void => {
    if (pending === undefined) return;
    const { low, high, unit } = pending;
    if (low >= base && low >= reach && high <= end) {
      const entry = writer.entry(low - base);
      entry.number(high - low);
      entry.number(unit);
    }
    reach = Math.max(reach, high);
  };
  for (const range of ranges) {
    flush(range.low);
    pending = range;
  }
  flush(Number.POSITIVE_INFINITY);
  writer.end();
}

/** The unit of an address, which counts from the base as the keys do; undefined if the entry does not cover it. */
export function readUnit({ page, entry }: FoundEntry, address: number): number | undefined {
  const from = page.read(entry);
  const length = from.number();
  const unit = from.number();
  return from.failed || address - page.keyOf(entry) >= length ? undefined : unit;
}
