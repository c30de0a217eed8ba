import { type AbbreviationTable, specificationStride } from './abbreviations.ts';
import type { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import { type FormValue, readValue } from './forms.ts';

/** An entry with all its attributes: for those that are read once, as a unit's first. */
export interface Entry {
  readonly tag: number;
  readonly attributes: ReadonlyMap<number, FormValue>;
}

/** Reads the entry that the cursor stands before and stands behind it; undefined for the end of siblings. */
export function readEntry(cursor: Cursor, table: AbbreviationTable): Entry | undefined {
  const at = cursor.offset;
  const code = cursor.uleb();
  if (code === 0) {
    return undefined;
  }
  const index = table.indexOf(code);
  if (index < 0) {
    throw dwarfError('DAMAGED', cursor.section.name, at, `the unit has no abbreviation ${code}`);
  }
  const specification = table.specification(index);
  const attributes = new Map<number, FormValue>();
  for (let each = 0; each < specification.length; each += specificationStride) {
    const [attribute = 0, form = 0, constant = 0] = specification.slice(each, each + specificationStride);
    const value = readValue(cursor, form, constant, table.encoding);
    if (!attributes.has(attribute)) {
      attributes.set(attribute, value);
    }
  }
  return { tag: table.tag(index), attributes };
}
