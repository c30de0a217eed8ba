import {
  type AbbreviationTable,
  Row,
  rowStride,
  skipBlock,
  skipNumber,
  skipString,
  specificationStride,
  Trait,
} from './abbreviations.ts';
import type { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import { skipForm, variableSize } from './forms.ts';

/** No compiler nests entries so deep; a damaged unit may. */
export const deepestEntry = 4096;

/**
 * Where an entry's attributes end. Positions here are of the cursor's bytes; `start` is behind the entry's code.
 * What is wrong is found at the latest where the next entry is read.
 */
export function skipAttributes(cursor: Cursor, table: AbbreviationTable, index: number, start: number): number {
  const size = table.rows[index * rowStride + Row.size] ?? 0;
  return size < variableSize ? start + size : skipVarying(cursor, table, index, start);
}

/**
 * The same where the size varies: nearly always by one short string, expression or number. This is small, and what it
 * leaves to others too large for the engine to copy into the loops that call it: what they cost to compile is most of
 * what the first few units cost.
 */
export function skipVarying(cursor: Cursor, table: AbbreviationTable, index: number, start: number): number {
  const { rows } = table;
  const { bytes } = cursor;
  const row = index * rowStride;
  let position = start + (rows[row + 3] ?? 0);
  const rest = rows[row + 5] ?? 0;
  switch (rows[row + 4]) {
    case skipBlock: {
      const length = bytes[position] ?? 0;
      return length < 0x80 ? position + 1 + length + rest : skipEach(cursor, table, index, start);
    }
    case skipString:
    case skipNumber: {
      // A string ends with a zero, a number with a byte below 0x80.
      const limit = rows[row + 4] === skipString ? 1 : 0x80;
      const { end } = cursor;
      while (position < end && (bytes[position] ?? 0) >= limit) {
        position++;
      }
      return position + 1 + rest;
    }
    default:
      return skipEach(cursor, table, index, start);
  }
}

function skipEach(cursor: Cursor, table: AbbreviationTable, index: number, start: number): number {
  cursor.position = start;
  const specification = table.specification(index);
  const { encoding, formSizes } = table;
  for (let each = 1; each < specification.length; each += specificationStride) {
    skipForm(cursor, specification[each] ?? 0, encoding, formSizes);
  }
  return cursor.position;
}

/**
 * Where the entry behind an entry's children begins, as `DW_AT_sibling` says; -1 where it does not say, or nonsense:
 * it must lead forward, within the unit.
 */
export function siblingOf(
  cursor: Cursor,
  table: AbbreviationTable,
  index: number,
  start: number,
  unitOffset: number,
): number {
  const at = table.rows[index * rowStride + Row.sibling] ?? -1;
  if (at < 0 || start + at + 4 > cursor.end) {
    return -1;
  }
  const sibling = unitOffset + cursor.u32At(start + at) - cursor.base;
  return sibling >= start + at + 4 && sibling <= cursor.end ? sibling : -1;
}

/** Where the entry behind an entry with children begins; `start` is behind the entry's code. */
export function skipEntry(
  cursor: Cursor,
  table: AbbreviationTable,
  index: number,
  start: number,
  unitOffset: number,
): number {
  const sibling = siblingOf(cursor, table, index, start, unitOffset);
  return sibling >= 0 ? sibling : skipChildren(cursor, table, skipAttributes(cursor, table, index, start), unitOffset);
}

/** Where the children that begin at `start` end, with the zero behind them. */
function skipChildren(cursor: Cursor, table: AbbreviationTable, start: number, unitOffset: number): number {
  const { bytes, end } = cursor;
  const { rows } = table;
  let depth = 1;
  let position = start;
  while (depth > 0) {
    if (position >= end) {
      cursor.position = end;
      throw dwarfError('TRUNCATED', cursor.section.name, cursor.offset, 'the children of an entry do not end');
    }
    let code = bytes[position++] ?? 0;
    if (code === 0) {
      depth--;
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
    const row = index * rowStride;
    const trait = rows[row];
    if (trait === undefined) {
      throw unknownCode(cursor, code, position);
    }
    if ((trait & Trait.hasChildren) !== 0) {
      const sibling = siblingOf(cursor, table, index, position, unitOffset);
      if (sibling >= 0) {
        position = sibling;
        continue;
      }
      depth++;
    }
    const size = rows[row + 1] ?? 0;
    position = size < variableSize ? position + size : skipVarying(cursor, table, index, position);
  }
  return position;
}

/** The error of an entry whose code no abbreviation has; the position is behind it. */
export function unknownCode(cursor: Cursor, code: number, position: number): Error {
  cursor.position = position;
  return dwarfError('DAMAGED', cursor.section.name, cursor.offset, `the unit has no abbreviation ${code}`);
}

/** The error of entries that are nested without end. */
export function tooDeep(cursor: Cursor, position: number): Error {
  cursor.position = position;
  return dwarfError('DAMAGED', cursor.section.name, cursor.offset, `entries are nested deeper than ${deepestEntry}`);
}
