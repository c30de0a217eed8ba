/** Writes small ELF files from readable literals, so that a test shows all that its file has. */

export interface SectionLiteral {
  readonly name: string;
  /** Default PROGBITS (1), NOBITS (8) where `size` is given, NOTE (7) for names with `note`. */
  readonly type?: number;
  readonly flags?: number;
  readonly address?: bigint;
  readonly contents?: Uint8Array | string;
  /** Of a section without contents. */
  readonly size?: bigint;
  readonly link?: number;
  readonly info?: number;
  readonly alignment?: number;
  readonly entrySize?: number;
}

export interface SymbolLiteral {
  readonly name: string;
  readonly value: bigint;
  readonly size?: bigint;
  /** Default STT_FUNC (2). */
  readonly type?: number;
  /** Default STB_GLOBAL (1). */
  readonly binding?: number;
  /** Name of its section, or a number (0 undefined, 0xfff1 absolute). */
  readonly section: string | number;
}

export interface RelocationLiteral {
  readonly offset: bigint;
  /** Name of a symbol. */
  readonly symbol: string;
  readonly type: number;
  /** None: an entry of a REL table. */
  readonly addend?: bigint;
}

export interface SegmentLiteral {
  readonly type: number;
  /** The section that it covers. */
  readonly section: string;
  readonly virtualAddress?: bigint;
  readonly alignment?: number;
}

export interface ElfLiteral {
  readonly bits?: 32 | 64;
  readonly endian?: 'little' | 'big';
  /** e_type; default ET_EXEC (2). ET_REL is 1, ET_DYN 3, ET_CORE 4. */
  readonly type?: number;
  /** e_machine; default x86-64 (62). */
  readonly machine?: number;
  readonly sections?: readonly SectionLiteral[];
  readonly symbols?: readonly SymbolLiteral[];
  /** By the name of the section that they apply to. */
  readonly relocations?: Readonly<Record<string, readonly RelocationLiteral[]>>;
  readonly segments?: readonly SegmentLiteral[];
  /** Counts in section 0 even where they would fit into the header. */
  readonly extendedNumbers?: boolean;
  /** Bytes behind all others: a module's signature. */
  readonly appended?: Uint8Array | string;
}

/** Flags of sections. */
export const flag = { write: 1, alloc: 2, execute: 4, compressed: 0x800 } as const;

/** Bytes that grow as numbers are put behind them. */
export class ByteWriter {
  readonly #parts: number[] = [];
  readonly #little: boolean;
  readonly #is64: boolean;

  constructor(endian: 'little' | 'big' = 'little', bits: 32 | 64 = 64) {
    this.#little = endian === 'little';
    this.#is64 = bits === 64;
  }

  #put(value: bigint, bytes: number): this {
    for (let i = 0; i < bytes; i++) {
      const shift = BigInt(8 * (this.#little ? i : bytes - 1 - i));
      this.#parts.push(Number((BigInt.asUintN(64, value) >> shift) & 0xffn));
    }
    return this;
  }

  u8(...values: number[]): this {
    for (const value of values) this.#put(BigInt(value), 1);
    return this;
  }

  u16(value: number): this {
    return this.#put(BigInt(value), 2);
  }

  u32(value: number): this {
    return this.#put(BigInt(value), 4);
  }

  u64(value: bigint): this {
    return this.#put(value, 8);
  }

  /** A word of the class: 4 or 8 bytes. */
  word(value: bigint | number): this {
    return this.#put(BigInt(value), this.#is64 ? 8 : 4);
  }

  bytes(bytes: Uint8Array | string): this {
    for (const byte of typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes) this.#parts.push(byte);
    return this;
  }

  /** Zeros up to a multiple. */
  align(unit: number): this {
    while (this.#parts.length % unit !== 0) this.#parts.push(0);
    return this;
  }

  get length(): number {
    return this.#parts.length;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#parts);
  }
}

/** A note: name and description padded to four. */
export function note(
  name: string,
  type: number,
  description: Uint8Array,
  endian: 'little' | 'big' = 'little',
): Uint8Array {
  return new ByteWriter(endian)
    .u32(name.length + 1)
    .u32(description.length)
    .u32(type)
    .bytes(`${name}\0`)
    .align(4)
    .bytes(description)
    .align(4)
    .done();
}

interface Strings {
  readonly bytes: Uint8Array;
  at(name: string): number;
}

function strings(names: readonly string[]): Strings {
  const offsets = new Map<string, number>([['', 0]]);
  let text = '\0';
  for (const name of names) {
    if (offsets.has(name)) continue;
    offsets.set(name, text.length);
    text += `${name}\0`;
  }
  return { bytes: Buffer.from(text, 'latin1'), at: (name) => offsets.get(name) ?? 0 };
}

interface Placed extends SectionLiteral {
  readonly offset: number;
  readonly length: bigint;
}

/** The file. Section 0 is the empty one; those of the literal follow, then what symbols and relocations need. */
export function writeElf(elf: ElfLiteral): Uint8Array {
  const { bits = 64, endian = 'little', symbols = [], relocations = {}, segments = [] } = elf;
  const writer = (): ByteWriter => new ByteWriter(endian, bits);
  const own = elf.sections ?? [];
  const indexOf = (name: string): number => own.findIndex((section) => section.name === name) + 1;
  const all: SectionLiteral[] = [{ name: '', type: 0 }, ...own];
  const symtabIndex = all.length;
  if (symbols.length > 0) {
    const names = strings(symbols.map(({ name }) => name));
    const table = writer();
    const far = writer().u32(0);
    entry(table, bits, 0, 0n, 0n, 0, 0);
    for (const { name, value, size = 0n, type = 2, binding = 1, section } of symbols) {
      const index = typeof section === 'number' ? section : indexOf(section);
      const isFar = typeof section === 'string' && index >= 0xff00;
      entry(table, bits, names.at(name), value, size, binding * 16 + type, isFar ? 0xffff : index);
      far.u32(isFar ? index : 0);
    }
    const entrySize = bits === 64 ? 24 : 16;
    all.push({ name: '.symtab', type: 2, contents: table.done(), link: symtabIndex + 1, entrySize, alignment: 8 });
    all.push({ name: '.strtab', type: 3, contents: names.bytes });
    if (own.length >= 0xff00) all.push({ name: '.symtab_shndx', type: 18, contents: far.done(), link: symtabIndex });
  }
  const symbolIndex = new Map(symbols.map(({ name }, index) => [name, index + 1]));
  for (const [section, entries] of Object.entries(relocations)) {
    const addends = entries.some(({ addend }) => addend !== undefined);
    const table = writer();
    for (const { offset, symbol, type, addend = 0n } of entries) {
      const index = BigInt(symbolIndex.get(symbol) ?? 0);
      table.word(offset).word(bits === 64 ? (index << 32n) | BigInt(type) : (index << 8n) | BigInt(type));
      if (addends) table.word(addend);
    }
    all.push({
      name: `${addends ? '.rela' : '.rel'}${section}`,
      type: addends ? 4 : 9,
      contents: table.done(),
      link: symtabIndex,
      info: indexOf(section),
    });
  }
  const namesIndex = all.length;
  const sectionNames = strings([...all.map(({ name }) => name), '.shstrtab']);
  all.push({ name: '.shstrtab', type: 3, contents: sectionNames.bytes });

  const headerBytes = bits === 64 ? 64 : 52;
  const segmentBytes = bits === 64 ? 56 : 32;
  const parts: Uint8Array[] = [];
  let end = headerBytes + segments.length * segmentBytes;
  const placed: Placed[] = all.map((section) => {
    const contents = typeof section.contents === 'string' ? Buffer.from(section.contents, 'latin1') : section.contents;
    const offset = Math.ceil(end / 8) * 8;
    if (contents === undefined) return { ...section, offset: 0, length: section.size ?? 0n };
    parts.push(new Uint8Array(offset - end), contents);
    end = offset + contents.length;
    return { ...section, offset, length: BigInt(contents.length) };
  });
  const tableAt = Math.ceil(end / 8) * 8;
  parts.push(new Uint8Array(tableAt - end));

  const many = elf.extendedNumbers === true || all.length >= 0xff00;
  const header = writer()
    .u8(0x7f, 0x45, 0x4c, 0x46, bits === 64 ? 2 : 1, endian === 'little' ? 1 : 2, 1, 0)
    .bytes(new Uint8Array(8))
    .u16(elf.type ?? 2)
    .u16(elf.machine ?? 62)
    .u32(1)
    .word(0n)
    .word(segments.length > 0 ? headerBytes : 0)
    .word(tableAt)
    .u32(0)
    .u16(headerBytes)
    .u16(segments.length > 0 ? segmentBytes : 0)
    .u16(many && segments.length > 0 ? 0xffff : segments.length)
    .u16(bits === 64 ? 64 : 40)
    .u16(many ? 0 : all.length)
    .u16(many ? 0xffff : namesIndex);
  for (const { type, section, virtualAddress = 0n, alignment = 4 } of segments) {
    const covered = placed[indexOf(section)];
    const words = [covered?.offset ?? 0, virtualAddress, virtualAddress, covered?.length ?? 0n, covered?.length ?? 0n];
    header.u32(type);
    if (bits === 64) header.u32(4);
    for (const word of words) header.word(word);
    if (bits === 32) header.u32(4);
    header.word(alignment);
  }
  const table = writer();
  placed.forEach((section, index) => {
    const { name, type, flags = 0, address = 0n, offset, length, link = 0, info = 0, alignment = 1 } = section;
    const standard = section.size !== undefined ? 8 : /^\.notes?\b/.test(name) ? 7 : 1;
    table
      .u32(sectionNames.at(name))
      .u32(type ?? standard)
      .word(flags)
      .word(address)
      .word(offset)
      .word(index === 0 && many ? all.length : length)
      .u32(index === 0 && many ? namesIndex : link)
      .u32(index === 0 && many ? segments.length : info)
      .word(alignment)
      .word(section.entrySize ?? 0);
  });
  const appended = typeof elf.appended === 'string' ? Buffer.from(elf.appended, 'latin1') : (elf.appended ?? []);
  return Uint8Array.from(Buffer.concat([header.done(), ...parts, table.done(), Uint8Array.from(appended)]));
}

function entry(
  table: ByteWriter,
  bits: 32 | 64,
  name: number,
  value: bigint,
  size: bigint,
  info: number,
  section: number,
): void {
  if (bits === 64) table.u32(name).u8(info, 0).u16(section).u64(value).u64(size);
  else table.u32(name).word(value).word(size).u8(info, 0).u16(section);
}
