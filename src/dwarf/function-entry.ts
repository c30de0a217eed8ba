import { type AbbreviationTable, Row, rowStride, specificationStride } from './abbreviations.ts';
import { Attribute, Form } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { readNumber, skipForm, variableSize } from './forms.ts';
import { type Ranges, readLowHigh, readRanges } from './ranges.ts';
import type { Unit } from './unit.ts';

/** The attributes of functions and inlined calls that positions need. The place of each is its index. */
const kept: readonly number[] = [
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
];

const Place = {
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

/** Where the kept attributes of an entry stand behind its code; by place, -1 for those that it does not have. */
interface Layout {
  readonly offsets: number[];
  readonly forms: number[];
  readonly constants: number[];
}

/** Layouts of abbreviations whose entries all have the same size, by index. */
const layouts = new WeakMap<AbbreviationTable, Map<number, Layout>>();

/** Places of attributes by their code, and one; 0 for those that are not kept. All of the standard's are below. */
const places = new Uint8Array(256);
for (const [place, attribute] of kept.entries()) {
  places[attribute] = place + 1;
}

function placeOf(attribute: number): number {
  return (places[attribute === Attribute.mipsLinkageName ? Attribute.linkageName : attribute] ?? 0) - 1;
}

/** The layout of the entry that the cursor stands in, behind its code; the cursor goes behind the entry. */
function layOut(cursor: Cursor, table: AbbreviationTable, index: number): Layout {
  const start = cursor.position;
  const specification = table.specification(index);
  const layout: Layout = {
    offsets: [-1, -1, -1, -1, -1, -1, -1, -1, -1, -1],
    forms: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    constants: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  };
  for (let each = 0; each < specification.length; each += specificationStride) {
    const form = specification[each + 1] ?? 0;
    const place = placeOf(specification[each] ?? 0);
    if (place >= 0) {
      layout.offsets[place] = cursor.position - start;
      layout.forms[place] = form;
      layout.constants[place] = specification[each + 2] ?? 0;
    }
    skipForm(cursor, form, table.encoding, table.formSizes);
  }
  return layout;
}

/**
 * What positions need of functions and inlined calls. One object is used again for every entry, as there are hundreds
 * of thousands, and reads of each only what it is asked for: mostly where its code is, which is elsewhere. What is kept
 * must be copied.
 */
export class FunctionEntry {
  #cursor: Cursor | undefined;
  #table: AbbreviationTable | undefined;
  #start = 0;
  #layout: Layout | undefined;
  #known = new Map<number, Layout>();

  /**
   * Takes an entry; the cursor stands behind its code, and in the end behind the entry. It must hold the entry as long
   * as this is asked.
   */
  take(cursor: Cursor, table: AbbreviationTable, index: number): void {
    if (this.#table !== table) {
      this.#table = table;
      this.#known = layouts.get(table) ?? new Map();
      layouts.set(table, this.#known);
    }
    this.#cursor = cursor;
    this.#start = cursor.position;
    const size = table.rows[index * rowStride + Row.size] ?? 0;
    const known = this.#known.get(index);
    if (known !== undefined) {
      cursor.take(size);
      this.#layout = known;
      return;
    }
    const layout = layOut(cursor, table, index);
    this.#layout = layout;
    if (size < variableSize) {
      this.#known.set(index, layout);
    }
  }

  /** The ranges of the entry's code, instead of what `into` holds. */
  ranges(unit: Unit, into: Ranges): void {
    into.clear();
    const { ranges, lowPc, highPc } = Place;
    const list = this.#form(ranges);
    const low = this.#form(lowPc);
    const high = this.#form(highPc);
    if (list !== 0) {
      readRanges(unit, list, this.#value(ranges), into);
    } else if (low !== 0 && high !== 0) {
      readLowHigh(unit, this.#value(lowPc), low, this.#value(highPc), high, into);
    }
  }

  /** Offset in `.debug_info` of what the entry is an instance of; 0 where there is none, below it in the supplement. */
  origin(unit: Unit): number {
    return this.#reference(Place.origin, unit);
  }

  /** Offset in `.debug_info` of what the entry defines; 0 where there is none, below it in the supplement. */
  specification(unit: Unit): number {
    return this.#reference(Place.specification, unit);
  }

  name(unit: Unit): string | undefined {
    return this.#string(Place.name, unit);
  }

  linkageName(unit: Unit): string | undefined {
    return this.#string(Place.linkageName, unit);
  }

  /** Index of the line program's files, or 0. */
  get callFile(): number {
    return this.#value(Place.callFile);
  }

  get callLine(): number {
    return this.#value(Place.callLine);
  }

  get callColumn(): number {
    return this.#value(Place.callColumn);
  }

  #form(place: number): number {
    return this.#layout?.forms[place] ?? 0;
  }

  #value(place: number): number {
    const cursor = this.#cursor;
    const table = this.#table;
    const layout = this.#layout;
    const offset = layout?.offsets[place] ?? -1;
    if (cursor === undefined || table === undefined || layout === undefined || offset < 0) {
      return 0;
    }
    const { position } = cursor;
    cursor.position = this.#start + offset;
    const form = layout.forms[place] ?? 0;
    const value = readNumber(cursor, form, layout.constants[place] ?? 0, table.encoding, table.formSizes);
    cursor.position = position;
    return value;
  }

  #string(place: number, unit: Unit): string | undefined {
    const form = this.#form(place);
    return form === 0 ? undefined : unit.string(form, this.#value(place));
  }

  /** Those into type units lead nowhere: functions are not there. Those into the supplement are below zero. */
  #reference(place: number, unit: Unit): number {
    switch (this.#form(place)) {
      case Form.ref1:
      case Form.ref2:
      case Form.ref4:
      case Form.ref8:
      case Form.refUdata:
        return unit.header.offset + this.#value(place);
      case Form.refAddr:
        return this.#value(place);
      case Form.gnuRefAlt:
      case Form.refSup4:
      case Form.refSup8:
        return -this.#value(place);
      default:
        return 0;
    }
  }
}
