import type { AbbreviationTable } from './abbreviations.ts';
import { Attribute, assemblerLanguage, Form } from './constants.ts';
import type { Entry } from './entry.ts';
import type { FormValue } from './forms.ts';
import type { UnitHeader } from './unit-header.ts';
import type { UnitTables } from './unit-tables.ts';

/**
 * A unit whose first entry was read: its encoding, its bases into the tables that indexes refer to, and what the first
 * entry says of it. The bytes of its entries are not part of it.
 */
export class Unit {
  readonly header: UnitHeader;
  readonly abbreviations: AbbreviationTable;
  readonly tables: UnitTables;
  readonly root: Entry;
  /** The skeleton that a split unit belongs to: it has the addresses, the line program and the directory. */
  readonly skeleton: Unit | undefined;

  constructor(
    header: UnitHeader,
    abbreviations: AbbreviationTable,
    tables: UnitTables,
    root: Entry,
    skeleton?: Unit | undefined,
  ) {
    this.header = header;
    this.abbreviations = abbreviations;
    this.tables = tables;
    this.root = root;
    this.skeleton = skeleton;
  }

  attribute(attribute: number): FormValue | undefined {
    return this.root.attributes.get(attribute);
  }

  /** Offset of the line program in `.debug_line`; a split unit's is its skeleton's. */
  get lineProgram(): number | undefined {
    return this.skeleton === undefined ? this.attribute(Attribute.stmtList)?.value : this.skeleton.lineProgram;
  }

  get directory(): string | undefined {
    return this.text(Attribute.compDir) ?? this.skeleton?.directory;
  }

  get name(): string | undefined {
    return this.text(Attribute.name);
  }

  /** Whether it was assembled: then lines need no function to be true. */
  get isAssembly(): boolean {
    return this.attribute(Attribute.language)?.value === assemblerLanguage;
  }

  /** The number of an attribute of the first entry that is compared with others: all of its 64 bits. */
  exact(attribute: number): bigint | undefined {
    const found = this.attribute(attribute);
    return found?.form === Form.data8 ? this.tables.infoNumber(found.offset) : undefined;
  }

  /** The address that ranges without a base of their own count from. */
  get lowPc(): number {
    const own = this.attribute(Attribute.lowPc);
    return own === undefined ? (this.skeleton?.lowPc ?? 0) : this.address(own.form, own.value);
  }

  /** The string of a value; undefined where the form is none of a string, or the file it refers to is another. */
  string(form: number, value: number): string | undefined {
    switch (form) {
      case Form.string:
        return this.tables.info(value);
      case Form.strp:
        return this.tables.string(value);
      case Form.lineStrp:
        return this.tables.lineString(value);
      case Form.strx:
      case Form.strx1:
      case Form.strx2:
      case Form.strx3:
      case Form.strx4:
      case Form.gnuStrIndex:
        return this.tables.indexedString(value, this.attribute(Attribute.strOffsetsBase)?.value, this.header);
      case Form.gnuStrpAlt:
      case Form.strpSup:
        return this.tables.supplement?.string(value);
      default:
        return undefined;
    }
  }

  /** A string of the unit's line program, whose strings in place stand in `.debug_line`. */
  lineString(form: number, value: number): string | undefined {
    return form === Form.string ? this.tables.line(value) : this.string(form, value);
  }

  /** The address of a value: itself, or what its index means. */
  address(form: number, value: number): number {
    return form === Form.addr ? value : this.addressAt(value);
  }

  /** The address with an index of `.debug_addr`. */
  addressAt(index: number): number {
    return this.#addressOwner().#addressAt(index);
  }

  #addressAt(index: number): number {
    const base = (this.attribute(Attribute.addrBase) ?? this.attribute(Attribute.gnuAddrBase))?.value;
    return this.tables.indexedAddress(index, base, this.header);
  }

  /** A split unit has its addresses in the file of its skeleton. */
  #addressOwner(): Unit {
    return this.skeleton ?? this;
  }

  /** The string of an attribute of the first entry. */
  text(attribute: number): string | undefined {
    const found = this.attribute(attribute);
    return found === undefined ? undefined : this.string(found.form, found.value);
  }
}
