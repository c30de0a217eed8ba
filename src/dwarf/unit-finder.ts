import { AddressIndex, type UnitRange } from './address-index.ts';
import { readAranges } from './aranges.ts';
import { Attribute, UnitType } from './constants.ts';
import { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import type { Problems } from './problems.ts';
import { Ranges, readLowHigh, readRanges } from './ranges.ts';
import type { UnitHeader } from './unit-header.ts';
import type { UnitStore } from './unit-store.ts';

/** Larger than any, by two orders of magnitude. */
const largestAranges = 1 << 25;
/** All units of a kernel have ten thousand ranges. */
const mostRanges = 1 << 22;

/** Adds the ranges of units from a table of another sort, and says of which units it tells. */
export type ReadUnitRanges = (store: UnitStore, index: AddressIndex) => ReadonlySet<number>;

/** The offset of the only unit with code at an address; undefined where that is not known. */
export type KnownUnits = (address: number) => number | undefined;

/** Tells which units have code at an address. */
export class UnitFinder {
  readonly #store: UnitStore;
  readonly #problems: Problems;
  readonly #readOther: ReadUnitRanges | undefined;
  readonly #known: KnownUnits | undefined;
  readonly #index = new AddressIndex();
  /** The units that `.debug_aranges` tells of; undefined until it is read. */
  #told: ReadonlySet<number> | undefined;
  #scanned = false;

  /** `readOther` is for files without `.debug_aranges`. */
  constructor(store: UnitStore, problems: Problems, readOther?: ReadUnitRanges, known?: KnownUnits) {
    this.#store = store;
    this.#problems = problems;
    this.#readOther = readOther;
    this.#known = known;
  }

  /** Offsets of the units with code at an address, the likeliest first. */
  find(address: number): number[] {
    const known = this.#known?.(address);
    if (known !== undefined) return [known];
    this.#told ??= this.#readAranges();
    const found = this.#index.find(address);
    if (found.length > 0 || this.#scanned) {
      return found;
    }
    this.#scan(this.#told);
    return this.#index.find(address);
  }

  /** The ranges of all units in the order of their beginnings. */
  all(): Iterable<UnitRange> {
    this.#told ??= this.#readAranges();
    if (!this.#scanned) this.#scan(this.#told);
    return this.#index.ranges();
  }

  #readAranges(): ReadonlySet<number> {
    const section = this.#store.set.get('aranges');
    if (section === undefined || section.size > largestAranges) {
      return this.#problems.guard(() => this.#readOther?.(this.#store, this.#index)) ?? new Set();
    }
    const cursor = new Cursor(section, this.#store.set.littleEndian);
    return this.#problems.guard(() => readAranges(cursor, this.#index)) ?? new Set();
  }

  /** Reads the ranges of all units that `.debug_aranges` does not tell of. */
  #scan(told: ReadonlySet<number>): void {
    this.#scanned = true;
    this.#problems.guard(() => {
      if (this.#store.areAllIn(told)) return;
      for (const header of this.#store.headers()) {
        const hasCode = header.type === UnitType.compile || header.type === UnitType.skeleton;
        if (this.#index.count > mostRanges) {
          throw dwarfError('TOO-LARGE', '.debug_info', header.offset, `the units have more than ${mostRanges} ranges`);
        }
        if (hasCode && !told.has(header.offset)) {
          this.#problems.guard(() => this.#addUnit(header));
        }
      }
    });
  }

  #addUnit(header: UnitHeader): void {
    const unit = this.#store.rootOnly(header);
    const ranges = new Ranges();
    const list = unit.attribute(Attribute.ranges);
    const low = unit.attribute(Attribute.lowPc);
    const high = unit.attribute(Attribute.highPc);
    if (list !== undefined) {
      readRanges(unit, list.form, list.value, ranges);
    } else if (low !== undefined && high !== undefined) {
      readLowHigh(unit, low.value, low.form, high.value, high.form, ranges);
    }
    for (let each = 0; each < ranges.count; each++) {
      this.#index.add(ranges.lows[each] ?? 0, ranges.highs[each] ?? 0, header.offset);
    }
  }
}
