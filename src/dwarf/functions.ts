import { Row, rowStride, Trait } from './abbreviations.ts';
import type { Cursor } from './cursor.ts';
import { variableSize } from './forms.ts';
import { FunctionEntry } from './function-entry.ts';
import { type Inlined, InlineWalker } from './inlines.ts';
import { Ranges } from './ranges.ts';
import { firstFrom } from './search.ts';
import { deepestEntry, siblingOf, skipVarying, tooDeep, unknownCode } from './skip.ts';
import type { Unit } from './unit.ts';

/** The function that an address lies in. */
export interface FunctionMatch {
  /** Offset of its entry in `.debug_info`. */
  readonly entry: number;
  /** Bytes of code of the function. */
  readonly size: number;
  /** The innermost inlined call at the address, which knows those around it; unless these are left out. */
  readonly innermost: Inlined | undefined;
}

/** Finds the functions and inlined calls of a unit that addresses lie in. */
export class FunctionFinder {
  readonly #entry = new FunctionEntry();
  readonly #ranges = new Ranges();
  readonly #inlines = new InlineWalker();
  readonly #withInlines: boolean;
  /** How many addresses have no function yet. */
  #missing = 0;

  /** @param withInlines false leaves out the inlined calls. */
  constructor(withInlines = true) {
    this.#withInlines = withInlines;
  }

  /**
   * The matches of ascending addresses, undefined where no function covers one. The cursor stands before the unit's
   * first entry, all of which are loaded.
   */
  find(unit: Unit, cursor: Cursor, addresses: readonly number[]): (FunctionMatch | undefined)[] {
    const found: (FunctionMatch | undefined)[] = addresses.map(() => undefined);
    const start = cursor.position;
    this.#missing = addresses.length;
    this.#scan(unit, cursor, addresses, found, false);
    if (this.#missing > 0 && !unit.isAssembly) {
      // Functions may lie in others, and in structures; looking everywhere costs more and is seldom needed.
      cursor.position = start;
      this.#scan(unit, cursor, addresses, found, true);
    }
    return found;
  }

  /** Goes through the entries of a unit until all addresses have a function: all entries with `everywhere`, else those of the top and of namespaces. */
  #scan(
    unit: Unit,
    cursor: Cursor,
    addresses: readonly number[],
    found: (FunctionMatch | undefined)[],
    everywhere: boolean,
  ): void {
    const table = unit.abbreviations;
    const { bytes, end } = cursor;
    const { rows } = table;
    const unitOffset = unit.header.offset;
    // Functions of assembly may lie within others (arm64's AES), so that a smaller one may follow.
    const mayStop = !unit.isAssembly;
    const { hasChildren, function: isFunction, scope } = Trait;
    let depth = 0;
    // Entries deeper than this are only stepped over: what has no sibling attribute is gone through to find its end.
    let deepestOfInterest = deepestEntry;
    let position = cursor.position;
    while (position < end) {
      const at = position;
      let code = bytes[position++] ?? 0;
      if (code === 0) {
        if (--depth <= 0) {
          return;
        }
        if (depth <= deepestOfInterest) {
          deepestOfInterest = deepestEntry;
        }
        continue;
      }
      if (code >= 0x80) {
        const next = bytes[position] ?? 0;
        if (next < 0x80) {
          code = (code & 0x7f) | (next << 7);
          position++;
        } else {
          cursor.position = at;
          code = cursor.uleb();
          position = cursor.position;
        }
      }
      const index = table.indexOf(code);
      const row = index * rowStride;
      const trait = rows[row];
      if (trait === undefined) {
        throw unknownCode(cursor, code, position);
      }
      if ((trait & isFunction) !== 0 && depth <= deepestOfInterest) {
        this.#function(unit, cursor, at, position, index, addresses, found);
        if (this.#missing === 0 && mayStop) {
          return;
        }
      }
      if ((trait & hasChildren) !== 0) {
        if (depth > 0 && !everywhere && (trait & scope) === 0) {
          const sibling = siblingOf(cursor, table, index, position, unitOffset);
          if (sibling >= 0) {
            position = sibling;
            continue;
          }
          if (depth < deepestOfInterest) {
            deepestOfInterest = depth;
          }
        }
        if (++depth > deepestEntry) {
          throw tooDeep(cursor, position);
        }
      } else if (depth === 0) {
        return;
      }
      const size = rows[row + 1] ?? 0;
      position = size < variableSize ? position + size : skipVarying(cursor, table, index, position);
    }
  }

  /** Matches the addresses in the function whose entry is at `at`, and whose attributes are at `start`. */
  #function(
    unit: Unit,
    cursor: Cursor,
    at: number,
    start: number,
    index: number,
    addresses: readonly number[],
    found: (FunctionMatch | undefined)[],
  ): void {
    cursor.position = start;
    this.#entry.take(cursor, unit.abbreviations, index);
    this.#entry.ranges(unit, this.#ranges);
    const hits = this.#hits(addresses);
    unit.tables.budget.spendRanges(hits.length, '.debug_info', unit.header.offset);
    if (hits.length === 0) {
      return;
    }
    const { size } = this.#ranges;
    const traits = unit.abbreviations.rows[index * rowStride + Row.traits] ?? 0;
    const inlined =
      this.#withInlines && (traits & Trait.hasChildren) !== 0
        ? this.#inlines.find(
            unit,
            cursor,
            hits.map((each) => addresses[each] ?? 0),
          )
        : [];
    for (const [nth, each] of hits.entries()) {
      const known = found[each];
      this.#missing -= known === undefined ? 1 : 0;
      // Of functions that overlap, the smaller one; of two of a size, the first.
      if (known === undefined || size < known.size) {
        found[each] = { entry: cursor.base + at, size, innermost: inlined[nth] };
      }
    }
  }

  /** The indexes of the addresses that lie in the ranges that were just read. */
  #hits(addresses: readonly number[]): number[] {
    const { lows, highs } = this.#ranges;
    const hits: number[] = [];
    for (let each = 0; each < lows.length; each++) {
      const high = highs[each] ?? 0;
      for (let index = firstFrom(addresses, lows[each] ?? 0); index < addresses.length; index++) {
        if ((addresses[index] ?? 0) >= high) {
          break;
        }
        hits.push(index);
      }
    }
    return hits;
  }
}
