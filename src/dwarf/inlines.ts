import { Row, rowStride, Trait } from './abbreviations.ts';
import type { Cursor } from './cursor.ts';
import { FunctionEntry } from './function-entry.ts';
import { Ranges } from './ranges.ts';
import { deepestEntry, skipAttributes, skipEntry, tooDeep, unknownCode } from './skip.ts';
import type { Unit } from './unit.ts';

/** A call that was inlined: whose code is there, and where it would have been called. */
export interface Inlined {
  /** Offset of the called function's entry in `.debug_info`; 0 where it is not told. */
  readonly origin: number;
  /** Where the call stands: index of the line program's files, line and column; 0 where they are not told. */
  readonly callFile: number;
  readonly callLine: number;
  readonly callColumn: number;
  /** Bytes of code. */
  readonly size: number;
  /** The inlined call that this one was within; undefined for one within the function itself. */
  readonly parent: Inlined | undefined;
  readonly depth: number;
}

/** Finds the inlined calls that addresses of one function lie in. */
export class InlineWalker {
  readonly #entry = new FunctionEntry();
  readonly #ranges = new Ranges();

  /**
   * The innermost inlined call at each of some addresses. The cursor stands before the first child of the function.
   * Of calls that overlap the deepest counts, of two at the same depth the smaller one: GCC interleaves the ranges of
   * neighbours, and a range may be told twice.
   */
  find(unit: Unit, cursor: Cursor, addresses: readonly number[]): (Inlined | undefined)[] {
    const found: (Inlined | undefined)[] = addresses.map(() => undefined);
    const table = unit.abbreviations;
    const { bytes, end } = cursor;
    const unitOffset = unit.header.offset;
    const around: (Inlined | undefined)[] = [undefined];
    let position = cursor.position;
    while (around.length > 0 && position < end) {
      let code = bytes[position++] ?? 0;
      if (code === 0) {
        around.pop();
        continue;
      }
      if (code >= 0x80) {
        const next = bytes[position] ?? 0;
        if (next < 0x80) {
          code = (code & 0x7f) | (next << 7);
          position++;
        } else {
          cursor.position = position - 1;
          code = cursor.uleb();
          position = cursor.position;
        }
      }
      const index = table.indexOf(code);
      const trait = table.rows[index * rowStride + Row.traits];
      if (trait === undefined) {
        throw unknownCode(cursor, code, position);
      }
      const start = position;
      const parent = around[around.length - 1];
      let inside = parent;
      let descends = (trait & Trait.block) !== 0;
      if ((trait & Trait.inlined) !== 0) {
        cursor.position = position;
        this.#entry.take(cursor, table, index);
        position = cursor.position;
        inside = this.#call(unit, parent, addresses, found);
        descends = inside !== undefined;
      } else if (descends || (trait & Trait.hasChildren) === 0) {
        position = skipAttributes(cursor, table, index, position);
      }
      if ((trait & Trait.hasChildren) === 0) {
        continue;
      }
      if (!descends) {
        position = skipEntry(cursor, table, index, start, unitOffset);
        continue;
      }
      around.push(inside);
      if (around.length > deepestEntry) {
        throw tooDeep(cursor, position);
      }
    }
    return found;
  }

  /** Takes the call that was just read for the addresses in it; undefined where there are none. */
  #call(
    unit: Unit,
    parent: Inlined | undefined,
    addresses: readonly number[],
    found: (Inlined | undefined)[],
  ): Inlined | undefined {
    const entry = this.#entry;
    entry.ranges(unit, this.#ranges);
    unit.tables.budget.spendRanges(this.#ranges.count * addresses.length, '.debug_info', unit.header.offset);
    let call: Inlined | undefined;
    for (let each = 0; each < addresses.length; each++) {
      if (!this.#ranges.contains(addresses[each] ?? 0)) {
        continue;
      }
      call ??= {
        origin: entry.origin(unit),
        callFile: entry.callFile,
        callLine: entry.callLine,
        callColumn: entry.callColumn,
        size: this.#ranges.size,
        parent,
        depth: (parent?.depth ?? 0) + 1,
      };
      const known = found[each];
      if (known === undefined || call.depth > known.depth || (call.depth === known.depth && call.size < known.size)) {
        found[each] = call;
      }
    }
    return call;
  }
}
