import { Attribute, Form } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import type { FormValue } from './forms.ts';
import type { Unit } from './unit.ts';

/** Entries of location lists since DWARF 5 (7.7.3); the last is GNU's of before. */
const LocationEntry = {
  endOfList: 0x00,
  baseAddressx: 0x01,
  startxEndx: 0x02,
  startxLength: 0x03,
  offsetPair: 0x04,
  defaultLocation: 0x05,
  baseAddress: 0x06,
  startEnd: 0x07,
  startLength: 0x08,
  viewPair: 0x09,
} as const;

/** Entries of GNU's split units before DWARF 5 (`DW_LLE_GNU_*`). */
const SplitEntry = { endOfList: 0x00, baseAddress: 0x01, startEnd: 0x02, startLength: 0x03, offsetPair: 0x04 } as const;

/** Without its expression: a kind, two addresses or LEB128 numbers, and a length. */
const longestHead = 64;
const window = 4096;
/** The longest lists of a kernel have some hundred entries. */
const mostEntries = 1 << 16;
/** The longest expressions of a kernel have some hundred bytes. */
const longestExpression = 1 << 20;

/** Where an expression holds: from `low` up to and without `high`, or everywhere else. */
export interface LocationRange {
  readonly low: number;
  readonly high: number;
  readonly isDefault: boolean;
  /** Reads the expression; only until the next range is asked for. */
  readonly expression: () => Uint8Array;
}

/**
 * The ranges of the location list that an attribute refers to, in their order; undefined where its form is none of a
 * list. Pairs of views (GCC's) are left out: they tell apart places at one address.
 */
export function locationRanges(unit: Unit, { form, value }: FormValue): Iterable<LocationRange> | undefined {
  const { version } = unit.header;
  switch (form) {
    case Form.secOffset:
      return version >= 5 ? readList(unit, value) : readOldList(unit, value);
    case Form.loclistx:
      return readList(unit, listOffset(unit, value));
    // Before version 4 there was no form for offsets; as locations, constants are nothing else.
    case Form.data4:
    case Form.data8:
      return version <= 3 ? readOldList(unit, value) : undefined;
    default:
      return undefined;
  }
}

/** The expression that a location list has for an address: of the first range with it, else the one for all others. */
export function locationAt(ranges: Iterable<LocationRange>, address: number): Uint8Array | undefined {
  let fallback: Uint8Array | undefined;
  for (const { low, high, isDefault, expression } of ranges) {
    if (isDefault) {
      fallback ??= expression();
    } else if (address >= low && address < high) {
      return expression();
    }
  }
  return fallback;
}

function cursorOf(unit: Unit, kind: 'loclists' | 'loc', offset: number): Cursor {
  const cursor = unit.tables.cursor(kind);
  if (cursor === undefined) {
    throw dwarfError('DAMAGED', `.debug_${kind}`, offset, 'a location list is referred to, but the section is missing');
  }
  return cursor;
}

/** Where the list with an index begins: the table of offsets stands at the base, from which they count (7.29). */
function listOffset(unit: Unit, index: number): number {
  const { is64 } = unit.header;
  const cursor = cursorOf(unit, 'loclists', 0);
  // Split units have no base: theirs is behind the header of the only table.
  const base = unit.attribute(Attribute.loclistsBase)?.value ?? (is64 ? 20 : 12);
  const width = is64 ? 8 : 4;
  cursor.go(base + index * width, width, window);
  return base + cursor.sectionOffset(is64);
}

/** Steps over an expression of some bytes; what it gives reads them. */
function expressionAt(cursor: Cursor, length: number): () => Uint8Array {
  const { section, offset } = cursor;
  if (length > longestExpression) {
    throw dwarfError('DAMAGED', section.name, offset, `an expression of ${length} bytes`);
  }
  const end = offset + length;
  if (end > section.size) {
    throw dwarfError('TRUNCATED', section.name, offset, `${length} bytes reach beyond the section's end`);
  }
  cursor.go(end, 0, window);
  return () => section.read(offset, length);
}

/** A location list since DWARF 5 (2.6.2). */
function* readList(unit: Unit, offset: number): Generator<LocationRange> {
  const cursor = cursorOf(unit, 'loclists', offset);
  const { addressSize } = unit.header;
  let base = unit.lowPc;
  let next = offset;
  for (let entries = 0; entries < mostEntries; entries++) {
    cursor.go(next, longestHead, window);
    const kind = cursor.u8();
    let low = 0;
    let high = 0;
    switch (kind) {
      case LocationEntry.endOfList:
        return;
      case LocationEntry.baseAddressx:
        base = unit.addressAt(cursor.uleb());
        next = cursor.offset;
        continue;
      case LocationEntry.baseAddress:
        base = cursor.address(addressSize);
        next = cursor.offset;
        continue;
      case LocationEntry.viewPair:
        cursor.uleb();
        cursor.uleb();
        next = cursor.offset;
        continue;
      case LocationEntry.startxEndx:
        low = unit.addressAt(cursor.uleb());
        high = unit.addressAt(cursor.uleb());
        break;
      case LocationEntry.startxLength:
        low = unit.addressAt(cursor.uleb());
        high = low + cursor.uleb();
        break;
      case LocationEntry.offsetPair:
        low = base + cursor.uleb();
        high = base + cursor.uleb();
        break;
      case LocationEntry.defaultLocation:
        break;
      case LocationEntry.startEnd:
        low = cursor.address(addressSize);
        high = cursor.address(addressSize);
        break;
      case LocationEntry.startLength:
        low = cursor.address(addressSize);
        high = low + cursor.uleb();
        break;
      default:
        throw dwarfError('DAMAGED', cursor.section.name, next, `no kind ${kind} of location is known`);
    }
    const expression = expressionAt(cursor, cursor.uleb());
    next = cursor.offset;
    yield { low, high, isDefault: kind === LocationEntry.defaultLocation, expression };
  }
  throw tooMany(cursor);
}

/** A location list before DWARF 5: pairs of addresses that count from a base, which a pair may set anew. */
function* readOldList(unit: Unit, offset: number): Generator<LocationRange> {
  if (unit.skeleton !== undefined) {
    yield* readOldSplitList(unit, offset);
    return;
  }
  const cursor = cursorOf(unit, 'loc', offset);
  const { addressSize } = unit.header;
  const selectsBase = addressSize === 8 ? -1 : 0xffffffff;
  let base = unit.lowPc;
  let next = offset;
  for (let entries = 0; entries < mostEntries; entries++) {
    cursor.go(next, longestHead, window);
    const low = cursor.address(addressSize);
    const high = cursor.address(addressSize);
    if (low === 0 && high === 0) {
      return;
    }
    if (low === selectsBase) {
      base = high;
      next = cursor.offset;
      continue;
    }
    const expression = expressionAt(cursor, cursor.u16());
    next = cursor.offset;
    yield { low: base + low, high: base + high, isDefault: false, expression };
  }
  throw tooMany(cursor);
}

/** A location list of a split unit before DWARF 5, whose addresses are indexes. */
function* readOldSplitList(unit: Unit, offset: number): Generator<LocationRange> {
  const cursor = cursorOf(unit, 'loc', offset);
  let base = unit.lowPc;
  let next = offset;
  for (let entries = 0; entries < mostEntries; entries++) {
    cursor.go(next, longestHead, window);
    const kind = cursor.u8();
    let low = 0;
    let high = 0;
    switch (kind) {
      case SplitEntry.endOfList:
        return;
      case SplitEntry.baseAddress:
        base = unit.addressAt(cursor.uleb());
        next = cursor.offset;
        continue;
      case SplitEntry.startEnd:
        low = unit.addressAt(cursor.uleb());
        high = unit.addressAt(cursor.uleb());
        break;
      case SplitEntry.startLength:
        low = unit.addressAt(cursor.uleb());
        high = low + cursor.u32();
        break;
      case SplitEntry.offsetPair:
        low = base + cursor.u32();
        high = base + cursor.u32();
        break;
      default:
        throw dwarfError('DAMAGED', cursor.section.name, next, `no kind ${kind} of location is known`);
    }
    const expression = expressionAt(cursor, cursor.u16());
    next = cursor.offset;
    yield { low, high, isDefault: false, expression };
  }
  throw tooMany(cursor);
}

function tooMany(cursor: Cursor): Error {
  return dwarfError('DAMAGED', cursor.section.name, cursor.offset, `a list of more than ${mostEntries} locations`);
}
