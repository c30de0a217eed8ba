import { type AbbreviationTable, specificationStride } from './abbreviations.ts';
import { Attribute, Form } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { formSize, readNumber, skipVariable, variableSize } from './forms.ts';
import { type Ranges, readLowHigh, readRanges } from './ranges.ts';
import type { Unit } from './unit.ts';

/** The attributes of functions and inlined calls that positions need, in the order of their places. */
const kept = [
  Attribute.lowPc,
  Attribute.highPc,
  Attribute.ranges,
  Attribute.name,
  Attribute.linkageName,
  Attribute.abstractOrigin,
  Attribute.specification,
  Attribute.callFile,
  Attribute.callLine,
  Attribute.callColumn,
] as const;

const place = {
  lowPc: 0,
  highPc: 1,
  ranges: 2,
  name: 3,
  linkageName: 4,
  origin: 5,
  specification: 6,
  callFile: 7,
  callLine: 8,
  callColumn: 9,
} as const;

const notKept = 255;

/** Places by attribute: a table instead of comparisons, as this runs for every attribute of every call. */
const places = new Uint8Array(256).fill(notKept);
for (const [index, attribute] of kept.entries()) {
  places[attribute] = index;
}

/**
 * What positions need of functions and inlined calls. One object is used again for every entry, as there are hundreds
 * of thousands; what is kept of it must be copied.
 */
export class FunctionEntry {
  /** By place; a form of 0 says that the entry has no such attribute. */
  readonly #forms = kept.map((): number => 0);
  readonly #values = kept.map((): number => 0);

  /** Reads the attributes of an entry; the cursor stands behind its code, and in the end behind the entry. */
  read(cursor: Cursor, table: AbbreviationTable, index: number): void {
    const forms = this.#forms;
    const values = this.#values;
    forms.fill(0);
    const specification = table.specification(index);
    const { encoding, formSizes } = table;
    for (let each = 0; each < specification.length; each += specificationStride) {
      const attribute = specification[each] ?? 0;
      const form = specification[each + 1] ?? 0;
      const at = attribute === Attribute.mipsLinkageName ? place.linkageName : (places[attribute] ?? notKept);
      if (at !== notKept) {
        forms[at] = form;
        values[at] = readNumber(cursor, form, specification[each + 2] ?? 0, encoding, formSizes);
      } else {
        const size = formSize(form, formSizes, encoding);
        if (size < variableSize) {
          cursor.take(size);
        } else {
          skipVariable(cursor, form, encoding);
        }
      }
    }
  }

  /** The ranges of the entry's code, instead of what `into` holds. */
  ranges(unit: Unit, into: Ranges): void {
    into.clear();
    const [lowForm = 0, highForm = 0, rangesForm = 0] = this.#forms;
    const [low = 0, high = 0, list = 0] = this.#values;
    if (rangesForm !== 0) {
      readRanges(unit, rangesForm, list, into);
    } else if (lowForm !== 0 && highForm !== 0) {
      readLowHigh(unit, low, lowForm, high, highForm, into);
    }
  }

  /** Offset in `.debug_info` of what the entry is an instance of; 0 where there is none. */
  origin(unit: Unit): number {
    return this.#reference(place.origin, unit);
  }

  /** Offset in `.debug_info` of what the entry defines; 0 where there is none. */
  specification(unit: Unit): number {
    return this.#reference(place.specification, unit);
  }

  name(unit: Unit): string | undefined {
    return this.#string(place.name, unit);
  }

  linkageName(unit: Unit): string | undefined {
    return this.#string(place.linkageName, unit);
  }

  /** Index of the line program's files, or 0. */
  get callFile(): number {
    return this.#number(place.callFile);
  }

  get callLine(): number {
    return this.#number(place.callLine);
  }

  get callColumn(): number {
    return this.#number(place.callColumn);
  }

  #number(at: number): number {
    return this.#forms[at] === 0 ? 0 : (this.#values[at] ?? 0);
  }

  #string(at: number, unit: Unit): string | undefined {
    const form = this.#forms[at] ?? 0;
    return form === 0 ? undefined : unit.string(form, this.#values[at] ?? 0);
  }

  /** Those into type units and files of `dwz` lead nowhere: functions are not there, or not to be found. */
  #reference(at: number, unit: Unit): number {
    const value = this.#values[at] ?? 0;
    switch (this.#forms[at]) {
      case Form.ref1:
      case Form.ref2:
      case Form.ref4:
      case Form.ref8:
      case Form.refUdata:
        return unit.header.offset + value;
      case Form.refAddr:
        return value;
      default:
        return 0;
    }
  }
}
