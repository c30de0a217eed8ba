import { Form } from '../../src/dwarf/constants.ts';
import type { DebugSectionName, DebugSections } from '../../src/dwarf/sections.ts';

/** Writes numbers as DWARF has them. */
export class ByteWriter {
  readonly bytes: number[] = [];
  readonly littleEndian: boolean;

  constructor(littleEndian = true) {
    this.littleEndian = littleEndian;
  }

  get length(): number {
    return this.bytes.length;
  }

  number(value: number | bigint, size: number): this {
    const bytes = Array.from({ length: size }, (_, each) =>
      Number((BigInt.asUintN(64, BigInt(value)) >> BigInt(8 * each)) & 0xffn),
    );
    this.bytes.push(...(this.littleEndian ? bytes : bytes.reverse()));
    return this;
  }

  u8(value: number): this {
    return this.number(value, 1);
  }

  uleb(value: number | bigint): this {
    let rest = BigInt(value);
    do {
      const byte = Number(rest & 0x7fn);
      rest >>= 7n;
      this.u8(rest === 0n ? byte : byte | 0x80);
    } while (rest !== 0n);
    return this;
  }

  sleb(value: number | bigint): this {
    let rest = BigInt(value);
    for (;;) {
      const byte = Number(rest & 0x7fn);
      rest >>= 7n;
      const isLast = rest === (byte & 0x40 ? -1n : 0n);
      this.u8(isLast ? byte : byte | 0x80);
      if (isLast) {
        return this;
      }
    }
  }

  string(text: string): this {
    return this.raw([...Buffer.from(text, 'utf8'), 0]);
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) {
      this.bytes.push(byte);
    }
    return this;
  }

  /** A length, which counts what `body` writes; 64-bit DWARF announces it. */
  withLength(is64: boolean, body: (writer: ByteWriter) => void): this {
    const inner = new ByteWriter(this.littleEndian);
    body(inner);
    if (is64) {
      this.number(0xffffffff, 4);
    }
    return this.number(inner.length, is64 ? 8 : 4).raw(inner.bytes);
  }
}

/** The value of an attribute: a number, a text for forms of strings, the label of an entry for forms of references. */
export type AttributeValue = number | bigint | string;

/** An attribute, its form and its value. */
export type WrittenAttribute = readonly [attribute: number, form: number, value: AttributeValue];

export interface WrittenEntry {
  readonly tag: number;
  readonly attributes: readonly WrittenAttribute[];
  readonly children?: readonly WrittenEntry[];
  /** A name that references use. */
  readonly label?: string;
}

export interface WrittenUnit {
  readonly version?: number;
  readonly is64?: boolean;
  /** The unit type of DWARF 5; 1 is a compilation unit. */
  readonly type?: number;
  readonly dwoId?: bigint;
  readonly root: WrittenEntry;
}

/** A tuple of `.debug_aranges`. */
export interface WrittenArange {
  /** Which unit, by its place. */
  readonly unit: number;
  readonly ranges: readonly (readonly [low: number | bigint, length: number | bigint])[];
}

export interface WrittenDwarf {
  readonly littleEndian?: boolean;
  readonly addressSize?: 4 | 8;
  readonly units: readonly WrittenUnit[];
  readonly aranges?: readonly WrittenArange[];
  /** Whether the sections' names end in `.dwo`. */
  readonly split?: boolean;
  /** Sections as they are, made with `ByteWriter`. */
  readonly sections?: Partial<Record<DebugSectionName, readonly number[]>>;
}

/** Sections in memory by their names. */
export type SectionBytes = ReadonlyMap<string, Uint8Array>;

/** Writes the sections of some units. Abbreviations, strings, string offsets and addresses are collected on the way. */
export function writeDwarf(dwarf: WrittenDwarf): Map<string, Uint8Array> {
  const labels = new Map<string, number>();
  // Twice: references lead forward too, and no size depends on a value that is not known the first time.
  new InfoWriter(dwarf, labels).write();
  return new InfoWriter(dwarf, labels).write();
}

/** Lets `DebugInfo` read sections in memory. */
export function memorySections(
  sections: SectionBytes,
  { littleEndian = true, addressSize = 8 }: { littleEndian?: boolean; addressSize?: 4 | 8 } = {},
): DebugSections {
  return {
    littleEndian,
    addressSize,
    get(name) {
      const bytes = sections.get(name);
      return bytes && memorySection(name, bytes);
    },
  };
}

/** One section in memory. */
export function memorySection(name: string, bytes: Uint8Array): NonNullable<ReturnType<DebugSections['get']>> {
  return {
    name,
    size: bytes.length,
    readInto(into, offset) {
      const part = bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
    read(offset, length) {
      return bytes.slice(offset, offset + Math.max(0, length));
    },
  };
}

class InfoWriter {
  readonly #dwarf: WrittenDwarf;
  readonly #labels: Map<string, number>;
  readonly #info: ByteWriter;
  readonly #abbreviations: ByteWriter;
  readonly #strings = new StringTable();
  readonly #lineStrings = new StringTable();
  readonly #indexedStrings: number[] = [];
  readonly #indexedAddresses: (number | bigint)[] = [];
  readonly #offsets: number[] = [];
  readonly #addressSize: number;
  #codes = new Map<string, number>();
  #unitOffset = 0;

  constructor(dwarf: WrittenDwarf, labels: Map<string, number>) {
    this.#dwarf = dwarf;
    this.#labels = labels;
    this.#addressSize = dwarf.addressSize ?? 8;
    this.#info = this.#writer();
    this.#abbreviations = this.#writer();
  }

  write(): Map<string, Uint8Array> {
    for (const unit of this.#dwarf.units) {
      this.#unit(unit);
    }
    const suffix = this.#dwarf.split ? '.dwo' : '';
    const is64 = this.#dwarf.units.some((unit) => unit.is64 === true);
    const isOld = this.#dwarf.units.every((unit) => (unit.version ?? 5) < 5);
    const sections = new Map<string, Uint8Array>();
    const put = (name: string, writer: ByteWriter): void => {
      if (writer.length > 0) sections.set(`.debug_${name}${suffix}`, Uint8Array.from(writer.bytes));
    };
    put('info', this.#info);
    put('abbrev', this.#abbreviations);
    put('str', this.#writer().raw(this.#strings.bytes));
    put('line_str', this.#writer().raw(this.#lineStrings.bytes));
    if (this.#indexedStrings.length > 0) {
      const body = (to: ByteWriter): void => {
        for (const each of this.#indexedStrings) to.number(each, is64 ? 8 : 4);
      };
      const header = (to: ByteWriter): ByteWriter => to.number(5, 2).number(0, 2);
      const writer = this.#writer();
      if (isOld) body(writer);
      else writer.withLength(is64, (to) => body(header(to)));
      put('str_offsets', writer);
    }
    if (this.#indexedAddresses.length > 0) {
      const body = (to: ByteWriter): void => {
        for (const each of this.#indexedAddresses) to.number(each, this.#addressSize);
      };
      const writer = this.#writer();
      if (isOld) body(writer);
      else writer.withLength(is64, (to) => body(to.number(5, 2).u8(this.#addressSize).u8(0)));
      put('addr', writer);
    }
    if (this.#dwarf.aranges !== undefined) {
      const writer = this.#writer();
      for (const each of this.#dwarf.aranges) this.#aranges(writer, each);
      put('aranges', writer);
    }
    for (const [name, bytes] of Object.entries(this.#dwarf.sections ?? {})) {
      sections.set(name, Uint8Array.from(bytes));
    }
    return sections;
  }

  #writer(): ByteWriter {
    return new ByteWriter(this.#dwarf.littleEndian ?? true);
  }

  #aranges(writer: ByteWriter, { unit, ranges }: WrittenArange): void {
    const pair = 2 * this.#addressSize;
    writer.withLength(false, (to) => {
      to.number(2, 2)
        .number(this.#offsets[unit] ?? 0, 4)
        .u8(this.#addressSize)
        .u8(0);
      while ((to.length + 4) % pair !== 0) to.u8(0);
      for (const [low, length] of [...ranges, [0, 0] as const]) {
        to.number(low, this.#addressSize).number(length, this.#addressSize);
      }
    });
  }

  #unit(unit: WrittenUnit): void {
    const { version = 5, is64 = false, type = 1, dwoId } = unit;
    const offsetSize = is64 ? 8 : 4;
    this.#unitOffset = this.#info.length;
    this.#offsets.push(this.#unitOffset);
    this.#codes = new Map();
    const table = this.#abbreviations.length;
    const headerStart = this.#unitOffset + (is64 ? 12 : 4);
    const body = this.#writer();
    body.number(version, 2);
    if (version >= 5) {
      body.u8(type).u8(this.#addressSize).number(table, offsetSize);
      if (dwoId !== undefined) body.number(dwoId, 8);
    } else {
      body.number(table, offsetSize).u8(this.#addressSize);
    }
    this.#entry(body, unit.root, headerStart, unit);
    if (is64) this.#info.number(0xffffffff, 4);
    this.#info.number(body.length, offsetSize).raw(body.bytes);
    this.#abbreviations.u8(0);
  }

  #entry(to: ByteWriter, entry: WrittenEntry, base: number, unit: WrittenUnit): void {
    if (entry.label !== undefined) this.#labels.set(entry.label, base + to.length);
    to.uleb(this.#code(entry));
    for (const [, form, value] of entry.attributes) this.#value(to, form, value, unit);
    if (entry.children !== undefined) {
      for (const child of entry.children) this.#entry(to, child, base, unit);
      to.u8(0);
      this.#labels.set(`${entry.label} end`, base + to.length);
    }
  }

  #code(entry: WrittenEntry): number {
    const hasChildren = entry.children === undefined ? 0 : 1;
    const parts = entry.attributes.map(([attribute, form, value]) =>
      form === Form.implicitConst ? [attribute, form, Number(value)] : [attribute, form],
    );
    const key = JSON.stringify([entry.tag, hasChildren, parts]);
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    const code = this.#codes.size + 1;
    this.#codes.set(key, code);
    this.#abbreviations.uleb(code).uleb(entry.tag).u8(hasChildren);
    for (const [attribute, form, constant] of parts) {
      this.#abbreviations.uleb(attribute ?? 0).uleb(form ?? 0);
      if (constant !== undefined) this.#abbreviations.sleb(constant);
    }
    this.#abbreviations.u8(0).u8(0);
    return code;
  }

  #value(to: ByteWriter, form: number, value: AttributeValue, unit: WrittenUnit): void {
    const offsetSize = unit.is64 ? 8 : 4;
    switch (form) {
      case Form.string:
        to.string(String(value));
        return;
      case Form.strp:
        to.number(this.#strings.offset(String(value)), offsetSize);
        return;
      case Form.lineStrp:
        to.number(this.#lineStrings.offset(String(value)), offsetSize);
        return;
      case Form.strx:
      case Form.gnuStrIndex:
        to.uleb(this.#indexedString(String(value)));
        return;
      case Form.strx1:
        to.u8(this.#indexedString(String(value)));
        return;
      case Form.strx2:
        to.number(this.#indexedString(String(value)), 2);
        return;
      case Form.strx3:
      case Form.strx4:
        to.number(this.#indexedString(String(value)), form === Form.strx3 ? 3 : 4);
        return;
      case Form.addrx:
      case Form.gnuAddrIndex:
        to.uleb(this.#indexedAddress(value));
        return;
      case Form.addrx1:
        to.u8(this.#indexedAddress(value));
        return;
      case Form.ref1:
      case Form.ref2:
      case Form.ref4:
      case Form.ref8:
        to.number(this.#reference(value) - this.#unitOffset, 1 << (form - Form.ref1));
        return;
      case Form.refAddr:
        to.number(this.#reference(value), (unit.version ?? 5) <= 2 ? this.#addressSize : offsetSize);
        return;
      case Form.addr:
        to.number(BigInt(value), this.#addressSize);
        return;
      case Form.secOffset:
        to.number(BigInt(value), offsetSize);
        return;
      case Form.data1:
      case Form.flag:
        to.u8(Number(value));
        return;
      case Form.data2:
        to.number(BigInt(value), 2);
        return;
      case Form.data4:
        to.number(BigInt(value), 4);
        return;
      case Form.data8:
      case Form.refSig8:
        to.number(BigInt(value), 8);
        return;
      case Form.data16:
        to.number(BigInt(value), 8).number(0, 8);
        return;
      case Form.sdata:
        to.sleb(BigInt(value));
        return;
      case Form.udata:
      case Form.rnglistx:
      case Form.loclistx:
        to.uleb(BigInt(value));
        return;
      case Form.exprloc:
      case Form.block:
        to.uleb(String(value).length).raw(Buffer.from(String(value), 'latin1'));
        return;
      case Form.block1:
        to.u8(String(value).length).raw(Buffer.from(String(value), 'latin1'));
        return;
      case Form.flagPresent:
      case Form.implicitConst:
        return;
      default:
        throw new Error(`the writer does not know form ${form}`);
    }
  }

  /** A label's offset; of a number, itself. Unknown labels are 0 the first time. */
  #reference(value: AttributeValue): number {
    return typeof value === 'string' ? (this.#labels.get(value) ?? 0) : Number(value);
  }

  #indexedString(text: string): number {
    return this.#indexedStrings.push(this.#strings.offset(text)) - 1;
  }

  #indexedAddress(value: AttributeValue): number {
    return this.#indexedAddresses.push(BigInt(value)) - 1;
  }
}

class StringTable {
  readonly bytes: number[] = [0];
  readonly #offsets = new Map<string, number>();

  offset(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.bytes.length;
    this.bytes.push(...Buffer.from(text, 'utf8'), 0);
    this.#offsets.set(text, offset);
    return offset;
  }
}
