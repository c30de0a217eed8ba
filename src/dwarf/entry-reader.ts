import { Row, rowStride, Trait } from './abbreviations.ts';
import { Form } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { type Entry, readEntry } from './entry.ts';
import { dwarfError } from './errors.ts';
import type { FormValue } from './forms.ts';
import { deepestEntry, skipAttributes, skipEntry } from './skip.ts';
import type { Unit } from './unit.ts';
import type { UnitStore } from './unit-store.ts';

/** An entry with its place. */
export interface PlacedEntry extends Entry {
  /** Of `.debug_info`. */
  readonly offset: number;
  readonly unit: Unit;
  readonly hasChildren: boolean;
  /** Where its attributes end: its first child begins there, if it has any. */
  readonly end: number;
}

/** An entry of which only the kind and the place were read. The same object serves for the next one. */
export interface EntryHead {
  readonly offset: number;
  readonly tag: number;
  /** Of its abbreviation. */
  readonly index: number;
  /** Where its attributes begin: in `.debug_info`, behind the code. */
  readonly start: number;
}

/** Bytes of units that are held: those of a trace's frames have some hundred thousand each. */
const mostLoaded = 1 << 25;
/** Entries with more children are damaged, or of no interest: an enumeration may have thousands. */
const mostChildren = 1 << 20;

interface LoadedUnit {
  readonly unit: Unit;
  readonly cursor: Cursor;
}

/**
 * Reads entries of `.debug_info` by their offsets, with all their attributes: for variables and types, of which a
 * question needs some hundred. The units that they lie in are loaded as a whole.
 */
export class EntryReader {
  readonly store: UnitStore;
  readonly #loaded = new Map<number, LoadedUnit>();
  #latest: LoadedUnit | undefined;
  #held = 0;

  constructor(store: UnitStore) {
    this.store = store;
  }

  /** The cursor on a unit's entries, all of which are loaded, standing before the first. */
  load(unit: Unit): Cursor {
    const { offset, entries } = unit.header;
    // One entry after the other is read of the same unit.
    if (this.#latest?.unit.header.offset === offset) {
      const { cursor } = this.#latest;
      cursor.position = entries - cursor.base;
      return cursor;
    }
    let loaded = this.#loaded.get(offset);
    if (loaded === undefined) {
      const cursor = this.store.cursor();
      this.store.load(unit, cursor);
      loaded = { unit, cursor };
      this.#held += cursor.bytes.length;
      for (const [oldest, { cursor: old }] of this.#loaded) {
        if (this.#held <= mostLoaded) {
          break;
        }
        this.#loaded.delete(oldest);
        this.#held -= old.bytes.length;
      }
    } else {
      this.#loaded.delete(offset);
    }
    // The latest is the last.
    this.#loaded.set(offset, loaded);
    this.#latest = loaded;
    loaded.cursor.position = entries - loaded.cursor.base;
    return loaded.cursor;
  }

  /** The unit that an offset lies in; `near` is where it mostly is. */
  unitOf(offset: number, near?: Unit): Unit {
    if (near !== undefined && offset >= near.header.entries && offset < near.header.end) {
      return near;
    }
    for (const { unit } of this.#loaded.values()) {
      if (offset >= unit.header.entries && offset < unit.header.end) {
        return unit;
      }
    }
    return this.store.unitAround(offset);
  }

  /**
   * The entry at an offset of `.debug_info`; undefined where there is none: the end of siblings, or an offset of the
   * file that several files share, which are below zero.
   */
  at(offset: number, near?: Unit): PlacedEntry | undefined {
    if (!(offset > 0)) {
      return undefined;
    }
    const unit = this.unitOf(offset, near);
    return this.#read(unit, this.load(unit), offset);
  }

  /** The first entry of a unit. */
  root(unit: Unit): PlacedEntry | undefined {
    return this.at(unit.header.entries, unit);
  }

  /** The children of an entry, in their order; those that `wanted` does not want are stepped over. */
  *children(parent: PlacedEntry, wanted?: (head: EntryHead) => boolean): Generator<PlacedEntry> {
    if (!parent.hasChildren) {
      return;
    }
    const { unit } = parent;
    const table = unit.abbreviations;
    const head = { offset: 0, tag: 0, index: 0, start: 0 };
    let next = parent.end;
    for (let count = 0; count < mostChildren && next < unit.header.end; count++) {
      // Somebody may have read in between.
      const cursor = this.load(unit);
      cursor.position = next - cursor.base;
      const code = cursor.uleb();
      if (code === 0) {
        return;
      }
      const index = table.indexOf(code);
      if (index < 0) {
        throw dwarfError('DAMAGED', cursor.section.name, next, `the unit has no abbreviation ${code}`);
      }
      const offset = next;
      const start = cursor.position;
      const hasChildren = ((table.rows[index * rowStride + Row.traits] ?? 0) & Trait.hasChildren) !== 0;
      const behind = hasChildren
        ? skipEntry(cursor, table, index, start, unit.header.offset)
        : skipAttributes(cursor, table, index, start);
      next = cursor.base + behind;
      head.offset = offset;
      head.tag = table.tag(index);
      head.index = index;
      head.start = cursor.base + start;
      if (wanted === undefined || wanted(head)) {
        const child = this.#read(unit, cursor, offset);
        if (child !== undefined) {
          yield child;
        }
      }
    }
  }

  /** The offset of `.debug_info` that an attribute refers to; below zero in the supplement, undefined where to none. */
  reference(entry: PlacedEntry, attribute: number): number | undefined {
    const found = entry.attributes.get(attribute);
    return found && referenceOf(entry.unit, found);
  }

  /** The text of an attribute. */
  text(entry: PlacedEntry, attribute: number): string | undefined {
    const found = entry.attributes.get(attribute);
    return found && entry.unit.string(found.form, found.value);
  }

  /** The number of an attribute that is a constant; undefined where it is of another class. Inexact beyond 2^53. */
  number(entry: PlacedEntry, attribute: number): number | undefined {
    const found = entry.attributes.get(attribute);
    return found !== undefined && isConstant(found.form) ? found.value : undefined;
  }

  /** The flag of an attribute. */
  flag(entry: PlacedEntry, attribute: number): boolean {
    return (entry.attributes.get(attribute)?.value ?? 0) !== 0;
  }

  /** The bytes of a block or an expression in place; undefined where the form is of another class. */
  block(entry: PlacedEntry, { form, offset }: FormValue): Uint8Array | undefined {
    const cursor = this.load(entry.unit);
    cursor.position = offset - cursor.base;
    let length: number;
    switch (form) {
      case Form.block1:
        length = cursor.u8();
        break;
      case Form.block2:
        length = cursor.u16();
        break;
      case Form.block4:
        length = cursor.u32();
        break;
      case Form.block:
      case Form.exprloc:
        length = cursor.uleb();
        break;
      case Form.data16:
        length = 16;
        break;
      default:
        return undefined;
    }
    const from = cursor.take(length);
    return cursor.bytes.slice(from, from + length);
  }

  /** The number of a constant in all of its 64 bits, as it is written; undefined where the form is of another class. */
  constant(entry: PlacedEntry, { form, value, offset }: FormValue): bigint | undefined {
    switch (form) {
      case Form.data8: {
        const cursor = this.load(entry.unit);
        cursor.position = offset - cursor.base;
        return cursor.u64Exact();
      }
      case Form.sdata:
      case Form.udata:
        return Number.isSafeInteger(value) ? BigInt(value) : this.#longLeb(entry, offset, form === Form.sdata);
      default:
        return isConstant(form) && Number.isSafeInteger(value) ? BigInt(value) : undefined;
    }
  }

  #longLeb(entry: PlacedEntry, offset: number, isSigned: boolean): bigint {
    const cursor = this.load(entry.unit);
    cursor.position = offset - cursor.base;
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = cursor.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        const signed = BigInt.asIntN(Number(shift) + 7, value);
        return isSigned ? BigInt.asIntN(64, signed) : BigInt.asUintN(64, value);
      }
      if (shift > 128n) {
        throw cursor.longLeb();
      }
    }
  }

  #read(unit: Unit, cursor: Cursor, offset: number): PlacedEntry | undefined {
    const table = unit.abbreviations;
    cursor.position = offset - cursor.base;
    const code = cursor.uleb();
    const index = code === 0 ? -1 : table.indexOf(code);
    cursor.position = offset - cursor.base;
    const entry = readEntry(cursor, table);
    if (entry === undefined) {
      return undefined;
    }
    const hasChildren = ((table.rows[index * rowStride + Row.traits] ?? 0) & Trait.hasChildren) !== 0;
    return { ...entry, offset, unit, hasChildren, end: cursor.offset };
  }
}

/** The deepest that entries are followed into each other. */
export const deepestTree = deepestEntry;

/** The offset of `.debug_info` that a value refers to; below zero in the supplement. Type units are not followed. */
export function referenceOf(unit: Unit, { form, value }: FormValue): number | undefined {
  switch (form) {
    case Form.ref1:
    case Form.ref2:
    case Form.ref4:
    case Form.ref8:
    case Form.refUdata:
      return unit.header.offset + value;
    case Form.refAddr:
      return value;
    case Form.gnuRefAlt:
    case Form.refSup4:
    case Form.refSup8:
      return -value;
    default:
      return undefined;
  }
}

function isConstant(form: number): boolean {
  switch (form) {
    case Form.data1:
    case Form.data2:
    case Form.data4:
    case Form.data8:
    case Form.sdata:
    case Form.udata:
    case Form.implicitConst:
    case Form.flag:
    case Form.flagPresent:
      return true;
    default:
      return false;
  }
}
