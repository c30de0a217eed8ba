import { Row, rowStride, Trait } from './abbreviations.ts';
import { Attribute, Tag } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { variableSize } from './forms.ts';
import { FunctionEntry } from './function-entry.ts';
import { Ranges } from './ranges.ts';
import { deepestEntry, siblingOf, skipVarying, tooDeep, unknownCode } from './skip.ts';
import type { Unit } from './unit.ts';

/** An inlined call of a function: as `Inlined`, with its ranges. */
export interface UnitCall {
  readonly origin: number;
  readonly callFile: number;
  readonly callLine: number;
  readonly callColumn: number;
  readonly size: number;
  /** The index of the call around it, or -1. */
  readonly parent: number;
  readonly depth: number;
  readonly lows: readonly number[];
  readonly highs: readonly number[];
}

/** A function of a unit with all calls that were inlined into it, in the order of their entries. */
export interface UnitFunction {
  /** Offset of its entry in `.debug_info`. */
  readonly entry: number;
  readonly lows: readonly number[];
  readonly highs: readonly number[];
  readonly calls: UnitCall[];
}

/** Languages whose structures have no functions in them: C in its editions, and assembly (7.12). */
const plainLanguages: ReadonlySet<number> = new Set([0x01, 0x02, 0x0c, 0x1d, 0x2c, 0x8001]);
/** What no function is within, in any language. */
const alwaysBare: readonly number[] = [
  Tag.arrayType,
  Tag.enumerationType,
  Tag.subroutineType,
  Tag.callSite,
  Tag.gnuCallSite,
];
const bareInC: readonly number[] = [...alwaysBare, Tag.structureType, Tag.unionType];

/** The children of an entry are no part of a function's calls. */
const notCounted = -2;
const noCall = -1;

/** All functions of a unit that have code, wherever they stand. The cursor stands before the first entry, all are loaded. */
export function collectFunctions(unit: Unit, cursor: Cursor): UnitFunction[] {
  const table = unit.abbreviations;
  const { bytes, end } = cursor;
  const { rows } = table;
  const unitOffset = unit.header.offset;
  const language = unit.attribute(Attribute.language)?.value ?? 0;
  const bare: ReadonlySet<number> = new Set(plainLanguages.has(language) ? bareInC : alwaysBare);
  const { isAssembly } = unit;
  const entry = new FunctionEntry();
  const ranges = new Ranges();
  const functions: UnitFunction[] = [];
  // What the children at each depth belong to.
  const owners: (UnitFunction | undefined)[] = [undefined];
  const callsAt: number[] = [notCounted];
  const { hasChildren, function: isFunction, inlined: isInlined, block } = Trait;
  let depth = 0;
  let position = cursor.position;
  while (position < end) {
    const at = position;
    let code = bytes[position++] ?? 0;
    if (code === 0) {
      if (--depth <= 0) break;
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
    if (trait === undefined) throw unknownCode(cursor, code, position);
    const descends = (trait & hasChildren) !== 0;
    // Functions of assembly are not looked for within other entries.
    if ((trait & isFunction) !== 0 && (depth <= 1 || !isAssembly)) {
      cursor.position = position;
      entry.take(cursor, table, index);
      position = cursor.position;
      entry.ranges(unit, ranges);
      const made =
        ranges.count === 0
          ? undefined
          : { entry: cursor.base + at, lows: [...ranges.lows], highs: [...ranges.highs], calls: [] };
      if (made !== undefined) functions.push(made);
      if (descends) {
        owners[++depth] = made;
        callsAt[depth] = made === undefined ? notCounted : noCall;
      }
    } else if ((trait & isInlined) !== 0 && callsAt[depth] !== notCounted) {
      const owner = owners[depth];
      const parent = callsAt[depth] ?? notCounted;
      cursor.position = position;
      entry.take(cursor, table, index);
      position = cursor.position;
      entry.ranges(unit, ranges);
      let call = notCounted;
      if (owner !== undefined && ranges.count > 0) {
        call = owner.calls.length;
        owner.calls.push({
          origin: entry.origin(unit),
          callFile: entry.callFile,
          callLine: entry.callLine,
          callColumn: entry.callColumn,
          size: ranges.size,
          parent,
          depth: (owner.calls[parent]?.depth ?? 0) + 1,
          lows: [...ranges.lows],
          highs: [...ranges.highs],
        });
      }
      if (descends) {
        owners[++depth] = owner;
        callsAt[depth] = call;
      }
    } else {
      if (descends) {
        if (bare.has(rows[row + Row.tag] ?? 0)) {
          const sibling = siblingOf(cursor, table, index, position, unitOffset);
          if (sibling >= 0) {
            position = sibling;
            continue;
          }
        }
        const goesOn = (trait & block) !== 0;
        const owner = goesOn ? owners[depth] : undefined;
        const call = goesOn ? (callsAt[depth] ?? notCounted) : notCounted;
        owners[++depth] = owner;
        callsAt[depth] = call;
      }
      const size = rows[row + Row.size] ?? 0;
      position = size < variableSize ? position + size : skipVarying(cursor, table, index, position);
    }
    if (depth > deepestEntry) throw tooDeep(cursor, position);
    if (depth === 0) break;
  }
  return functions;
}
