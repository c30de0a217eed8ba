import { believedBytes, believedRatio } from '../io/decompress-bytes.ts';
import type { RandomAccess } from '../io/random-access.ts';
import { compressedContents, isOldCompressed } from './compressed-section.ts';
import { type ElfLayout, type ElfMachine, type ElfType, sectionFlag, sectionType } from './constants.ts';
import { badSection, truncated } from './elf-error.ts';
import { type ElfHeader, readHeader } from './header.ts';
import { type LayoutRegion, layOutSections } from './module-layout.ts';
import { buildIdOf, type ElfNote, maxNoteBytes, noteSegments, parseNotes } from './notes.ts';
import { type ProgramHeader, readProgramHeaders } from './program-headers.ts';
import { relocatedContents } from './relocated-section.ts';
import { RelocationTable } from './relocation-table.ts';
import { relocationRules } from './relocation-types.ts';
import { fileContents, sectionData } from './section-contents.ts';
import type { SectionData } from './section-data.ts';
import { readSections, type SectionHeader } from './section-table.ts';
import { StringTable } from './string-table.ts';
import { SymbolEntries } from './symbol-entries.ts';
import { SymbolTable } from './symbol-table.ts';

/** Tables of names of more bytes are not read: that of a kernel has 6 MB. */
const maxStringBytes = 268_435_456;
/** Relocations need these to be applied themselves, so that those of them would lead in a circle. */
const neverRelocated: ReadonlySet<number> = new Set([
  ...[sectionType.null, sectionType.nobits, sectionType.rela, sectionType.rel],
  ...[sectionType.symtab, sectionType.dynsym, sectionType.strtab, sectionType.symtabShndx],
]);
/** Tables of relocations of one section: there is one, or one of each form. */
const maxTables = 8;

/**
 * An ELF file of which nothing is held but the section headers, and what was asked for. Addresses are numbers, as
 * `address.ts` says. All methods throw KtriageError (KT-ELF-TRUNCATED, KT-ELF-SECTION, KT-ELF-UNSUPPORTED) where the
 * file is damaged.
 */
export class ElfFile implements ElfLayout {
  /** What the file is called in messages: its path. */
  readonly name: string;
  readonly is64: boolean;
  readonly littleEndian: boolean;
  readonly machine: ElfMachine;
  readonly type: ElfType;
  /** In the order of the file; the first is the empty one. */
  readonly sections: readonly SectionHeader[];
  /** Where the file is relocatable: the groups of sections, as `module-layout.ts` laid them out. */
  readonly regions: readonly LayoutRegion[] | undefined;
  readonly #access: RandomAccess;
  readonly #header: ElfHeader;
  readonly #byName = new Map<string, SectionHeader>();
  readonly #contents = new Map<number, SectionData>();
  /** Bytes that all compressed sections become which were asked for. */
  #decompressed = 0;
  #notes: readonly ElfNote[] | undefined;
  #programHeaders: readonly ProgramHeader[] | undefined;
  #symbols: SymbolTable | undefined;
  #relocations: Map<number, SectionHeader[]> | undefined;

  private constructor(access: RandomAccess, name: string) {
    const header = readHeader(access, name);
    const sections = readSections(access, name, header);
    const layout = header.type === 'rel' ? layOutSections(sections) : undefined;
    this.name = name;
    this.is64 = header.is64;
    this.littleEndian = header.littleEndian;
    this.machine = header.machine;
    this.type = header.type;
    this.sections = layout?.sections ?? sections;
    this.regions = layout?.regions;
    this.#access = access;
    this.#header = header;
    for (const section of this.sections) if (!this.#byName.has(section.name)) this.#byName.set(section.name, section);
  }

  /**
   * Reads the headers. The file is closed with `close()`, also after an error of this.
   * @throws KtriageError KT-ELF-NOT-ELF, KT-ELF-TRUNCATED, KT-ELF-SECTION
   */
  static open(access: RandomAccess, name: string): ElfFile {
    return new ElfFile(access, name);
  }

  /** The entry point. */
  get entry(): number {
    return this.#header.entry;
  }

  /** The first section of that name; `.debug_x` finds `.zdebug_x` as well. */
  section(name: string): SectionHeader | undefined {
    const found = this.#byName.get(name);
    if (found !== undefined || !name.startsWith('.debug_')) return found;
    return this.#byName.get(`.z${name.slice(1)}`);
  }

  /** All sections of that name: there are several in files that group them (COMDAT). */
  sectionsNamed(name: string): SectionHeader[] {
    return this.sections.filter((section) => section.name === name);
  }

  /** The loaded section that an address is in. */
  sectionAt(address: number): SectionHeader | undefined {
    return this.sections.find(
      (section) =>
        (section.flags & sectionFlag.alloc) !== 0 &&
        address >= section.address &&
        address < section.address + section.size,
    );
  }

  /** The contents of a section: decompressed, and relocated where the file is relocatable. Zeros if it has none. */
  data(section: SectionHeader): SectionData {
    let contents = this.#contents.get(section.index);
    if (contents === undefined) {
      contents = this.#relocated(section, this.#plain(section));
      this.#contents.set(section.index, contents);
    }
    return contents;
  }

  /** True if the file has the section's contents, and not only its header as files of debug information do. */
  hasContents(section: SectionHeader): boolean {
    return section.type !== sectionType.nobits && section.type !== sectionType.null && section.size > 0;
  }

  /** True if the file has debug information of functions and lines. */
  get hasDebugInfo(): boolean {
    const section = this.section('.debug_info');
    return section !== undefined && this.hasContents(section) && this.section('.debug_line') !== undefined;
  }

  get programHeaders(): readonly ProgramHeader[] {
    this.#programHeaders ??= readProgramHeaders(this.#access, this.name, this.#header);
    return this.#programHeaders;
  }

  /** Notes of all note sections, or of the segments where there are no sections (dumps, /proc/kcore). */
  notes(): readonly ElfNote[] {
    this.#notes ??= this.#readNotes();
    return this.#notes;
  }

  /** The build ID in hex: in `.notes` of a vmlinux, in `.note.gnu.build-id` of a module. */
  get buildId(): string | undefined {
    return buildIdOf(this.notes());
  }

  /** The symbols of `.symtab`, else of `.dynsym`; none if there is neither. */
  symbols(): SymbolTable {
    this.#symbols ??= this.#readSymbols();
    return this.#symbols;
  }

  close(): void {
    this.#access.close();
  }

  #plain(section: SectionHeader): SectionData {
    const { name, type, offset, size } = section;
    if (!Number.isSafeInteger(size)) throw badSection(this.name, name, `it has ${size} bytes`);
    if (type === sectionType.null) return sectionData(name, 0, () => 0);
    if (type === sectionType.nobits)
      return sectionData(name, size, (into) => {
        into.fill(0);
        return into.length;
      });
    if (offset + size > this.#access.size)
      throw truncated(
        this.name,
        name === '' ? `section ${section.index}` : name,
        `it reaches to byte ${offset + size}, the file has ${this.#access.size}`,
      );
    const stored = fileContents(this.#access, name, offset, size);
    const compressed = (section.flags & sectionFlag.compressed) !== 0 || isOldCompressed(name);
    if (!compressed) return stored;
    const contents = compressedContents(this.name, stored, this.#header);
    // Many sections may lie at the same place of the file.
    this.#decompressed += contents.size;
    if (this.#decompressed > Math.max(believedBytes, believedRatio * this.#access.size))
      throw badSection(this.name, name, 'it and others would become more than is believed');
    return contents;
  }

  #relocated(section: SectionHeader, plain: SectionData): SectionData {
    // Linked files may keep their relocations (--emit-relocs, as in vmlinux): theirs were applied already.
    if (this.type !== 'rel' || plain.size === 0) return plain;
    const headers = this.#relocationsOf(section);
    if (headers.length === 0) return plain;
    if (headers.length > maxTables)
      throw badSection(this.name, section.name, `it has ${headers.length} tables of relocations`);
    const tables = headers.map(
      (header) => new RelocationTable(this.name, this.data(header), this.#header, header.type === sectionType.rela),
    );
    const symbols = this.symbols();
    return relocatedContents(plain, tables, {
      ...this.#layout(),
      rules: relocationRules(this.machine, this.is64),
      address: section.address,
      symbolValue: (index) => symbols.addressOf(index),
    });
  }

  /** Sections of relocations that apply to a section. */
  #relocationsOf(section: SectionHeader): SectionHeader[] {
    if (this.#relocations === undefined) {
      this.#relocations = new Map();
      for (const header of this.sections) {
        if (header.type !== sectionType.rela && header.type !== sectionType.rel) continue;
        const known = this.#relocations.get(header.info);
        if (known === undefined) this.#relocations.set(header.info, [header]);
        else known.push(header);
      }
    }
    return neverRelocated.has(section.type) ? [] : (this.#relocations.get(section.index) ?? []);
  }

  #readNotes(): ElfNote[] {
    const sections = this.sections.filter(({ type }) => type === sectionType.note);
    const notes: ElfNote[] = [];
    let left = maxNoteBytes;
    const add = (bytes: Uint8Array, alignment: number): void => {
      left -= bytes.length;
      for (const note of parseNotes(bytes, alignment, this.#header)) notes.push(note);
    };
    for (const section of sections)
      if (left > 0) add(this.data(section).read(0, Math.min(section.size, left)), section.alignment);
    if (sections.length > 0) return notes;
    for (const { offset, fileSize, alignment } of noteSegments(this.programHeaders)) {
      const bytes = new Uint8Array(Math.max(0, Math.min(fileSize, left, this.#access.size - offset)));
      if (bytes.length > 0) add(bytes.subarray(0, this.#access.readInto(bytes, offset)), alignment);
    }
    return notes;
  }

  #readSymbols(): SymbolTable {
    const table =
      this.sections.find(({ type }) => type === sectionType.symtab) ??
      this.sections.find(({ type }) => type === sectionType.dynsym);
    const far = this.sections.find(
      ({ type, link }) => type === sectionType.symtabShndx && link === (table?.index ?? -1),
    );
    const strings = table === undefined ? undefined : this.sections[table.link];
    if (table !== undefined && strings?.type !== sectionType.strtab && strings?.type !== sectionType.nobits)
      throw badSection(this.name, table.name, `its names should be in section ${table.link}, which has none`);
    const entries = new SymbolEntries(
      this.name,
      // Without contents (in a file split off) there are none.
      table === undefined || table.type === sectionType.nobits ? sectionData('', 0, () => 0) : this.data(table),
      far === undefined ? undefined : this.data(far),
      this.#header,
    );
    return new SymbolTable(entries, this.#strings(strings), {
      ...this.#layout(),
      machine: this.machine,
      sections: this.sections,
      regions: this.regions,
    });
  }

  #strings(section: SectionHeader | undefined): StringTable {
    if (section === undefined || section.type === sectionType.nobits) return new StringTable(new Uint8Array(0));
    if (section.size > maxStringBytes) throw badSection(this.name, section.name, `it has ${section.size} bytes`);
    return new StringTable(this.data(section));
  }

  #layout(): ElfLayout {
    return { is64: this.is64, littleEndian: this.littleEndian };
  }
}
