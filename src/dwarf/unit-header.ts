import { UnitType } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import type { Encoding } from './forms.ts';

/** The longest header: 64-bit DWARF 5 of a type unit. */
export const longestUnitHeader = 12 + 2 + 1 + 1 + 8 + 8 + 8;

/** The header of a unit of `.debug_info`; all offsets are of the section. */
export interface UnitHeader extends Encoding {
  readonly offset: number;
  /** Where its first entry begins. */
  readonly entries: number;
  /** Where the next unit begins. */
  readonly end: number;
  readonly abbreviations: number;
  /** One of `UnitType`; units before DWARF 5 say `compile`, as their header does not tell. */
  readonly type: number;
  /** What a skeleton unit and its split unit have in common; since DWARF 5 in the header. */
  readonly dwoId: bigint | undefined;
}

/** A length that may be of 64-bit DWARF, and whether it is (7.4). */
export interface InitialLength {
  readonly length: number;
  readonly is64: boolean;
}

/** Reads the length that every unit, line program and set of `.debug_aranges` begins with. */
export function readInitialLength(cursor: Cursor): InitialLength {
  const length = cursor.u32();
  if (length === 0xffffffff) {
    return { length: cursor.sectionOffset(true), is64: true };
  }
  if (length >= 0xfffffff0) {
    throw dwarfError(
      'DAMAGED',
      cursor.section.name,
      cursor.offset - 4,
      `0x${length.toString(16)} is reserved as length`,
    );
  }
  return { length, is64: false };
}

/** Reads the header that the cursor stands before; it must have `longestUnitHeader` bytes or all of the section. */
export function readUnitHeader(cursor: Cursor): UnitHeader {
  const { section, offset } = cursor;
  const { length, is64 } = readInitialLength(cursor);
  const end = cursor.offset + length;
  if (end > section.size) {
    throw dwarfError('TRUNCATED', section.name, offset, `a unit of ${length} bytes reaches beyond the section's end`);
  }
  const version = cursor.u16();
  if (version < 2 || version > 5) {
    throw dwarfError('UNSUPPORTED', section.name, offset, `a unit of DWARF version ${version}; 2 to 5 are known`);
  }
  let type: number = UnitType.compile;
  let dwoId: bigint | undefined;
  let addressSize: number;
  let abbreviations: number;
  if (version >= 5) {
    type = cursor.u8();
    addressSize = cursor.u8();
    abbreviations = cursor.sectionOffset(is64);
    if (type === UnitType.skeleton || type === UnitType.splitCompile) {
      dwoId = cursor.u64Exact();
    } else if (type === UnitType.type || type === UnitType.splitType) {
      cursor.take(8);
      cursor.sectionOffset(is64);
    }
  } else {
    abbreviations = cursor.sectionOffset(is64);
    addressSize = cursor.u8();
  }
  if (addressSize !== 4 && addressSize !== 8) {
    throw dwarfError('DAMAGED', section.name, offset, `a unit with addresses of ${addressSize} bytes`);
  }
  if (cursor.offset > end) {
    throw dwarfError('DAMAGED', section.name, offset, `a unit of ${length} bytes is too short for its header`);
  }
  return { offset, entries: cursor.offset, end, version, addressSize, is64, abbreviations, type, dwoId };
}
