import { Form } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';

/** How wide the values of a unit are; forms depend on nothing else. */
export interface Encoding {
  readonly version: number;
  readonly addressSize: number;
  /** Whether the unit is 64-bit DWARF, where offsets have 8 bytes. */
  readonly is64: boolean;
}

/** In a sum of sizes, what stands for a size that only the bytes themselves tell. */
export const variableSize = 1 << 24;

/** Forms from 0 to here are in the tables; GNU's few are treated one by one. */
const tabledForms = 0x2d;

function fixedSize(form: number, { version, addressSize, is64 }: Encoding): number {
  const offsetSize = is64 ? 8 : 4;
  switch (form) {
    case Form.flagPresent:
    case Form.implicitConst:
      return 0;
    case Form.data1:
    case Form.flag:
    case Form.ref1:
    case Form.strx1:
    case Form.addrx1:
      return 1;
    case Form.data2:
    case Form.ref2:
    case Form.strx2:
    case Form.addrx2:
      return 2;
    case Form.strx3:
    case Form.addrx3:
      return 3;
    case Form.data4:
    case Form.ref4:
    case Form.refSup4:
    case Form.strx4:
    case Form.addrx4:
      return 4;
    case Form.data8:
    case Form.ref8:
    case Form.refSig8:
    case Form.refSup8:
      return 8;
    case Form.data16:
      return 16;
    case Form.addr:
      return addressSize;
    case Form.refAddr:
      // DWARF 2 wrote it as wide as an address.
      return version <= 2 ? addressSize : offsetSize;
    case Form.secOffset:
    case Form.strp:
    case Form.strpSup:
    case Form.lineStrp:
    case Form.gnuRefAlt:
    case Form.gnuStrpAlt:
      return offsetSize;
    default:
      return variableSize;
  }
}

const sizeTables = new Map<number, Int32Array>();

/** The sizes of the forms in an encoding, by form; `variableSize` where it varies. */
export function formSizes(encoding: Encoding): Int32Array {
  const key = encoding.addressSize * 4 + (encoding.is64 ? 2 : 0) + (encoding.version <= 2 ? 1 : 0);
  let sizes = sizeTables.get(key);
  if (sizes === undefined) {
    sizes = Int32Array.from({ length: tabledForms }, (_, form) => fixedSize(form, encoding));
    sizeTables.set(key, sizes);
  }
  return sizes;
}

/** The size of one form; also of those that no table has. */
export function formSize(form: number, sizes: Int32Array, encoding: Encoding): number {
  return sizes[form] ?? fixedSize(form, encoding);
}

/** Steps over a value. */
export function skipForm(cursor: Cursor, form: number, encoding: Encoding, sizes: Int32Array): void {
  const size = formSize(form, sizes, encoding);
  if (size < variableSize) {
    cursor.take(size);
    return;
  }
  switch (form) {
    case Form.string: {
      const zero = cursor.bytes.indexOf(0, cursor.position);
      if (zero < 0 || zero >= cursor.end) {
        throw dwarfError('TRUNCATED', cursor.section.name, cursor.offset, 'a string does not end');
      }
      cursor.position = zero + 1;
      return;
    }
    case Form.block1:
      cursor.take(cursor.u8());
      return;
    case Form.block2:
      cursor.take(cursor.u16());
      return;
    case Form.block4:
      cursor.take(cursor.u32());
      return;
    case Form.block:
    case Form.exprloc:
      cursor.take(cursor.uleb());
      return;
    case Form.sdata:
    case Form.udata:
    case Form.refUdata:
    case Form.strx:
    case Form.addrx:
    case Form.loclistx:
    case Form.rnglistx:
    case Form.gnuAddrIndex:
    case Form.gnuStrIndex:
      cursor.uleb();
      return;
    case Form.indirect: {
      skipForm(cursor, indirectForm(cursor), encoding, sizes);
      return;
    }
    default:
      throw dwarfError('UNSUPPORTED', cursor.section.name, cursor.offset, `no form 0x${form.toString(16)} is known`);
  }
}

/** The form that stands before a value of `DW_FORM_indirect`; it cannot be indirect again, nor without a value. */
function indirectForm(cursor: Cursor): number {
  const actual = cursor.uleb();
  if (actual === Form.indirect || actual === Form.implicitConst) {
    throw dwarfError('DAMAGED', cursor.section.name, cursor.offset, 'an indirect form that points to none');
  }
  return actual;
}

/** The value of an attribute as it is written: an index stays an index, a string is told by where it begins. */
export interface FormValue {
  /** The form; never indirect. */
  readonly form: number;
  /** The number; for strings in place, blocks and 16 bytes the section's offset of the first byte. */
  readonly value: number;
  /** Where in the section the value is written. */
  readonly offset: number;
}

/**
 * Reads a value as a number, whatever its form; blocks, strings in place and `data16` give their section's offset.
 * All forms of 1, 2 or 4 bytes are the same: unsigned.
 */
export function readNumber(
  cursor: Cursor,
  form: number,
  constant: number,
  encoding: Encoding,
  sizes: Int32Array,
): number {
  switch (sizes[form]) {
    case 1:
      return cursor.u8();
    case 2:
      return cursor.u16();
    case 4:
      return cursor.u32();
    default:
      return readOtherNumber(cursor, form, constant, encoding);
  }
}

function readOtherNumber(cursor: Cursor, form: number, constant: number, encoding: Encoding): number {
  switch (form) {
    case Form.addr:
      return cursor.address(encoding.addressSize);
    case Form.data1:
    case Form.ref1:
    case Form.flag:
    case Form.strx1:
    case Form.addrx1:
      return cursor.u8();
    case Form.data2:
    case Form.ref2:
    case Form.strx2:
    case Form.addrx2:
      return cursor.u16();
    case Form.strx3:
    case Form.addrx3:
      return cursor.u24();
    case Form.data4:
    case Form.ref4:
    case Form.refSup4:
    case Form.strx4:
    case Form.addrx4:
      return cursor.u32();
    case Form.data8:
    case Form.refSig8:
      return cursor.i64();
    case Form.ref8:
    case Form.refSup8:
      return cursor.sectionOffset(true);
    case Form.sdata:
      return cursor.sleb();
    case Form.udata:
    case Form.refUdata:
    case Form.strx:
    case Form.addrx:
    case Form.loclistx:
    case Form.rnglistx:
    case Form.gnuAddrIndex:
    case Form.gnuStrIndex:
      return cursor.uleb();
    case Form.secOffset:
    case Form.strp:
    case Form.strpSup:
    case Form.lineStrp:
    case Form.gnuRefAlt:
    case Form.gnuStrpAlt:
      return cursor.sectionOffset(encoding.is64);
    case Form.refAddr:
      return encoding.version <= 2 ? cursor.address(encoding.addressSize) : cursor.sectionOffset(encoding.is64);
    case Form.flagPresent:
      return 1;
    case Form.implicitConst:
      return constant;
    case Form.data16: {
      const at = cursor.offset;
      cursor.take(16);
      return at;
    }
    case Form.indirect:
      return readOtherNumber(cursor, indirectForm(cursor), 0, encoding);
    default: {
      const at = cursor.offset;
      skipForm(cursor, form, encoding, formSizes(encoding));
      return at;
    }
  }
}

/** Reads a value and says what form it has in the end. */
export function readValue(cursor: Cursor, form: number, constant: number, encoding: Encoding): FormValue {
  const actual = form === Form.indirect ? indirectForm(cursor) : form;
  const offset = cursor.offset;
  return { form: actual, value: readOtherNumber(cursor, actual, constant, encoding), offset };
}
