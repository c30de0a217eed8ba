import { Attribute, Form, RangeEntry } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import type { Unit } from './unit.ts';

/** The longest entry: a kind, an address or a LEB128, and a LEB128. */
const longestEntry = 40;
const window = 8192;
/** The most ranges that one entry of Debian's kernels has are some hundred; a unit has some thousand. */
const mostEntries = 1 << 20;

/** Address ranges, each from `lows[i]` up to and without `highs[i]`; empty ones are left out. Made to be used again. */
export class Ranges {
  readonly lows: number[] = [];
  readonly highs: number[] = [];

  clear(): void {
    this.lows.length = 0;
    this.highs.length = 0;
  }

  add(low: number, high: number): void {
    if (high > low) {
      this.lows.push(low);
      this.highs.push(high);
    }
  }

  get count(): number {
    return this.lows.length;
  }

  /** Bytes covered; what overlaps counts twice. */
  get size(): number {
    let size = 0;
    for (let each = 0; each < this.lows.length; each++) {
      size += (this.highs[each] ?? 0) - (this.lows[each] ?? 0);
    }
    return size;
  }

  contains(address: number): boolean {
    for (let each = 0; each < this.lows.length; each++) {
      if (address >= (this.lows[each] ?? 0) && address < (this.highs[each] ?? 0)) {
        return true;
      }
    }
    return false;
  }
}

/** Adds the ranges from `DW_AT_low_pc` to `DW_AT_high_pc`, which is an address or a length. */
export function readLowHigh(
  unit: Unit,
  low: number,
  lowForm: number,
  high: number,
  highForm: number,
  into: Ranges,
): void {
  const from = unit.address(lowForm, low);
  into.add(from, isAddress(highForm) ? unit.address(highForm, high) : from + high);
}

function isAddress(form: number): boolean {
  switch (form) {
    case Form.addr:
    case Form.addrx:
    case Form.addrx1:
    case Form.addrx2:
    case Form.addrx3:
    case Form.addrx4:
    case Form.gnuAddrIndex:
      return true;
    default:
      return false;
  }
}

/** Adds the ranges that a `DW_AT_ranges` of a unit's entry refers to. */
export function readRanges(unit: Unit, form: number, value: number, into: Ranges): void {
  if (unit.header.version >= 5) {
    readRangeList(unit, form === Form.rnglistx ? rangeListOffset(unit, value) : value, into);
  } else {
    readOldRangeList(unit, value, into);
  }
}

/** Where the range list with an index begins: the table of offsets stands at the base, from which they count (7.28). */
function rangeListOffset(unit: Unit, index: number): number {
  const { is64 } = unit.header;
  const cursor = unit.tables.cursor('rnglists');
  if (cursor === undefined) {
    throw dwarfError('DAMAGED', '.debug_rnglists', 0, 'a range list is referred to, but the section is missing');
  }
  // Split units have no base: theirs is behind the header of the only table.
  const base = unit.attribute(Attribute.rnglistsBase)?.value ?? (is64 ? 20 : 12);
  const width = is64 ? 8 : 4;
  cursor.go(base + index * width, width, window);
  return base + cursor.sectionOffset(is64);
}

/** A range list since DWARF 5 (2.17.3). */
function readRangeList(unit: Unit, offset: number, into: Ranges): void {
  const cursor = unit.tables.cursor('rnglists');
  if (cursor === undefined) {
    throw dwarfError('DAMAGED', '.debug_rnglists', offset, 'a range list is referred to, but the section is missing');
  }
  const { addressSize } = unit.header;
  let base = unit.lowPc;
  cursor.go(offset, longestEntry, window);
  for (let entries = 0; entries < mostEntries; entries++) {
    cursor.ensure(longestEntry, window);
    const kind = cursor.u8();
    switch (kind) {
      case RangeEntry.endOfList:
        unit.tables.budget.spendRanges(entries + 1, cursor.section.name, offset);
        return;
      case RangeEntry.baseAddressx:
        base = unit.addressAt(cursor.uleb());
        break;
      case RangeEntry.startxEndx: {
        const start = unit.addressAt(cursor.uleb());
        into.add(start, unit.addressAt(cursor.uleb()));
        break;
      }
      case RangeEntry.startxLength: {
        const start = unit.addressAt(cursor.uleb());
        into.add(start, start + cursor.uleb());
        break;
      }
      case RangeEntry.offsetPair: {
        const start = base + cursor.uleb();
        into.add(start, base + cursor.uleb());
        break;
      }
      case RangeEntry.baseAddress:
        base = cursor.address(addressSize);
        break;
      case RangeEntry.startEnd: {
        const start = cursor.address(addressSize);
        into.add(start, cursor.address(addressSize));
        break;
      }
      case RangeEntry.startLength: {
        const start = cursor.address(addressSize);
        into.add(start, start + cursor.uleb());
        break;
      }
      default:
        throw dwarfError('DAMAGED', cursor.section.name, cursor.offset - 1, `no kind ${kind} of range is known`);
    }
  }
  throw tooMany(cursor);
}

/** A range list before DWARF 5: pairs of addresses that count from a base, which a pair may set anew. */
function readOldRangeList(unit: Unit, value: number, into: Ranges): void {
  // GNU's split units have their ranges in the file of the skeleton, behind a base that only the skeleton names.
  const owner = unit.skeleton ?? unit;
  const offset = value + (unit.skeleton?.attribute(Attribute.gnuRangesBase)?.value ?? 0);
  const cursor = owner.tables.cursor('ranges');
  if (cursor === undefined) {
    throw dwarfError('DAMAGED', '.debug_ranges', offset, 'a range list is referred to, but the section is missing');
  }
  const { addressSize } = unit.header;
  const selectsBase = addressSize === 8 ? -1 : 0xffffffff;
  let base = unit.lowPc;
  cursor.go(offset, 2 * addressSize, window);
  for (let entries = 0; entries < mostEntries; entries++) {
    cursor.ensure(2 * addressSize, window);
    const start = cursor.address(addressSize);
    const end = cursor.address(addressSize);
    if (start === 0 && end === 0) {
      unit.tables.budget.spendRanges(entries + 1, cursor.section.name, offset);
      return;
    }
    if (start === selectsBase) {
      base = end;
    } else {
      into.add(base + start, base + end);
    }
  }
  throw tooMany(cursor);
}

function tooMany(cursor: Cursor): Error {
  return dwarfError('DAMAGED', cursor.section.name, cursor.offset, `a list of more than ${mostEntries} ranges`);
}
