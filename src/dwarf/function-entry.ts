import { type AbbreviationTable, specificationStride } from './abbreviations.ts';
import { Attribute, Form } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { formSize, readNumber, skipVariable, variableSize } from './forms.ts';
import { type Ranges, readLowHigh, readRanges } from './ranges.ts';
import type { Unit } from './unit.ts';

/** No reference: offset 0 of `.debug_info` is a unit's header and never an entry. */
const none = 0;

/**
 * The attributes of functions and inlined calls that positions need. One object is used again for every entry, as
 * there are hundreds of thousands; what is kept of it must be copied.
 */
export class FunctionEntry {
  lowForm = 0;
  low = 0;
  highForm = 0;
  high = 0;
  rangesForm = 0;
  rangesAt = 0;
  nameForm = 0;
  nameAt = 0;
  linkageForm = 0;
  linkageAt = 0;
  /** Offsets of `.debug_info`; 0 where there is none. */
  origin = none;
  specification = none;
  callFile = 0;
  callLine = 0;
  callColumn = 0;

  /** Reads the attributes of an entry; the cursor stands behind its code, and in the end behind the entry. */
  read(cursor: Cursor, table: AbbreviationTable, index: number, unit: Unit): void {
    this.#reset();
    const specification = table.specification(index);
    const { encoding, formSizes } = table;
    for (let each = 0; each < specification.length; each += specificationStride) {
      const attribute = specification[each] ?? 0;
      const form = specification[each + 1] ?? 0;
      if (wanted(attribute)) {
        this.#set(attribute, form, readNumber(cursor, form, specification[each + 2] ?? 0, encoding), unit);
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
    if (this.rangesForm !== 0) {
      readRanges(unit, this.rangesForm, this.rangesAt, into);
    } else if (this.lowForm !== 0 && this.highForm !== 0) {
      readLowHigh(unit, this.low, this.lowForm, this.high, this.highForm, into);
    }
  }

  #set(attribute: number, form: number, value: number, unit: Unit): void {
    switch (attribute) {
      case Attribute.lowPc:
        this.low = value;
        this.lowForm = form;
        return;
      case Attribute.highPc:
        this.high = value;
        this.highForm = form;
        return;
      case Attribute.ranges:
        this.rangesAt = value;
        this.rangesForm = form;
        return;
      case Attribute.name:
        this.nameAt = value;
        this.nameForm = form;
        return;
      case Attribute.linkageName:
      case Attribute.mipsLinkageName:
        this.linkageAt = value;
        this.linkageForm = form;
        return;
      case Attribute.abstractOrigin:
        this.origin = reference(form, value, unit);
        return;
      case Attribute.specification:
        this.specification = reference(form, value, unit);
        return;
      case Attribute.callFile:
        this.callFile = value;
        return;
      case Attribute.callLine:
        this.callLine = value;
        return;
      case Attribute.callColumn:
        this.callColumn = value;
        return;
    }
  }

  #reset(): void {
    this.lowForm = 0;
    this.highForm = 0;
    this.rangesForm = 0;
    this.nameForm = 0;
    this.linkageForm = 0;
    this.origin = none;
    this.specification = none;
    this.callFile = 0;
    this.callLine = 0;
    this.callColumn = 0;
  }
}

function wanted(attribute: number): boolean {
  switch (attribute) {
    case Attribute.lowPc:
    case Attribute.highPc:
    case Attribute.ranges:
    case Attribute.name:
    case Attribute.linkageName:
    case Attribute.mipsLinkageName:
    case Attribute.abstractOrigin:
    case Attribute.specification:
    case Attribute.callFile:
    case Attribute.callLine:
    case Attribute.callColumn:
      return true;
    default:
      return false;
  }
}

/** The offset of `.debug_info` that a reference means; 0 for those into type units and files of `dwz`. */
function reference(form: number, value: number, unit: Unit): number {
  switch (form) {
    case Form.ref1:
    case Form.ref2:
    case Form.ref4:
    case Form.ref8:
    case Form.refUdata:
      return unit.header.offset + value;
    case Form.refAddr:
      return value;
    default:
      return none;
  }
}
