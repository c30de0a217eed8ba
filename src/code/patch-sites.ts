import { signedAddress, wordRange } from '../elf/address.ts';
import { sectionFlag } from '../elf/constants.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import type { SectionHeader } from '../elf/section-table.ts';
import type { CodeDifference } from '../model/explanation.ts';
import type { CodeFile } from './code-references.ts';

/** Code that the kernel may change when it boots or runs. Addresses are those of the file, see `elf/address.ts`. */
export interface PatchSite {
  readonly start: number;
  /** Behind it; absent if it is the instruction that begins there. */
  readonly end?: number;
  readonly cause: CodeDifference['cause'];
}

/** How an entry of a table says where the code is, and how many bytes. */
interface EntryFormat {
  readonly bytes: number;
  /** `relative`: 32 bits, counted from the entry. `absolute`: as wide as an address. */
  readonly place: 'relative' | 'absolute';
  /** Where the entry has the number of bytes that may change, in one byte. */
  readonly lengthAt?: number;
  /** So many bytes may change, where it is always the same number. */
  readonly length?: number;
  /** Of 32-bit files only, or of 64-bit ones. */
  readonly bits?: 32 | 64;
}

/** A table of code that may change. */
interface PatchTable {
  readonly cause: CodeDifference['cause'];
  readonly section: string;
  /** Symbols that it lies between, where the linker puts it into another section (include/asm-generic/vmlinux.lds.h). */
  readonly between?: readonly [start: string, end: string];
  /** The first one that fits is taken. */
  readonly formats: readonly EntryFormat[];
}

const relative4: readonly EntryFormat[] = [{ bytes: 4, place: 'relative' }];

/**
 * Tables of the kernel. Those that are missing in a file are passed over: which there are depends on version,
 * architecture and configuration.
 */
const tables: readonly PatchTable[] = [
  {
    cause: 'alternative',
    section: '.altinstructions',
    // struct alt_instr. arm64, and x86 before 4.1 and from 5.13 on: offsets, feature (16 bits), lengths. x86 4.1 to 5.12
    // has a third length (padlen); from 6.4 on the feature has 16 bits of flags beside it.
    formats: [
      { bytes: 14, place: 'relative', lengthAt: 12 },
      { bytes: 12, place: 'relative', lengthAt: 10 },
      { bytes: 13, place: 'relative', lengthAt: 10 },
    ],
  },
  {
    cause: 'paravirt',
    section: '.parainstructions',
    // struct paravirt_patch_site: pointer, type, length; until 6.7.
    formats: [
      { bytes: 16, place: 'absolute', lengthAt: 9, bits: 64 },
      { bytes: 8, place: 'absolute', lengthAt: 5, bits: 32 },
    ],
  },
  // arch/x86/kernel/alternative.c patches these as it does alternatives.
  { cause: 'alternative', section: '.retpoline_sites', formats: relative4 },
  { cause: 'alternative', section: '.return_sites', formats: relative4 },
  { cause: 'alternative', section: '.call_sites', formats: relative4 },
  { cause: 'alternative', section: '.ibt_endbr_seal', formats: relative4 },
  { cause: 'alternative', section: '.cfi_sites', formats: relative4 },
  // On one processor the lock prefixes become ds prefixes.
  { cause: 'alternative', section: '.smp_locks', formats: [{ bytes: 4, place: 'relative', length: 1 }] },
  {
    cause: 'static-key',
    section: '__jump_table',
    between: ['__start___jump_table', '__stop___jump_table'],
    // struct jump_entry: code, target, key; relative since 4.19 (arm64, x86-64).
    formats: [
      { bytes: 16, place: 'relative', bits: 64 },
      { bytes: 24, place: 'absolute', bits: 64 },
      { bytes: 12, place: 'relative', bits: 32 },
      { bytes: 12, place: 'absolute', bits: 32 },
    ],
  },
  {
    cause: 'static-call',
    section: '.static_call_sites',
    between: ['__start_static_call_sites', '__stop_static_call_sites'],
    formats: [{ bytes: 8, place: 'relative' }],
  },
  {
    cause: 'ftrace',
    section: '__mcount_loc',
    between: ['__start_mcount_loc', '__stop_mcount_loc'],
    formats: [
      { bytes: 8, place: 'absolute', bits: 64 },
      { bytes: 4, place: 'absolute', bits: 32 },
    ],
  },
];

/** The largest table of a distribution's kernel, .call_sites, has 1.2 MB. */
const maxTableBytes = 16_777_216;
/** A format fits if so many entries, or all of them, lead to code. */
const checkedEntries = 32;
/** No place that is patched is longer. */
const maxSiteBytes = 255;
/** No function has more places of one kind: one for each byte that is taken of it. */
const mostSites = 65_536;

/**
 * What of the code from an address up to another may be changed by the kernel: the places that begin there, or reach
 * into it. Tables are read when they are needed: a kernel's have a megabyte, and some of them are found by names only.
 */
export class PatchSites {
  readonly #file: CodeFile;
  readonly #from: number;
  readonly #to: number;
  readonly #known = new Map<PatchTable, readonly PatchSite[]>();

  constructor(file: CodeFile, from: number, to: number) {
    this.#file = file;
    this.#from = from;
    this.#to = to;
  }

  /**
   * The first place within a part of the code, or that reaches into it, of some causes or any.
   * @throws KtriageError KT-ELF-*
   */
  within(from: number, to: number, causes?: ReadonlySet<PatchSite['cause']>): PatchSite | undefined {
    for (const table of tables) {
      if (causes !== undefined && !causes.has(table.cause)) continue;
      const site = this.#sites(table).find(({ start, end }) => start < to && (end ?? start + 1) > from);
      if (site !== undefined) return site;
    }
    return undefined;
  }

  #sites(table: PatchTable): readonly PatchSite[] {
    const known = this.#known.get(table);
    if (known !== undefined) return known;
    const opened = openTable(this.#file, table);
    const sites = opened === undefined ? [] : sitesOf(opened, table.cause, this.#from, this.#to);
    this.#known.set(table, sites);
    return sites;
  }
}

/** A table's bytes, and the address of the first. */
interface TablePlace {
  readonly address: number;
  readonly bytes: Uint8Array;
  /** What the section header says of entries; mostly nothing. */
  readonly entrySize: number;
}

/** A table with the format that it has. */
interface OpenedTable {
  readonly reader: EntryReader;
  readonly format: EntryFormat;
}

/** The tables of files that were read before: several functions of one report are asked about. */
const opened = new WeakMap<ElfFile, Map<PatchTable, OpenedTable | undefined>>();

function openTable(file: CodeFile, table: PatchTable): OpenedTable | undefined {
  const { elf } = file;
  const known = opened.get(elf) ?? new Map<PatchTable, OpenedTable | undefined>();
  opened.set(elf, known);
  if (known.has(table)) return known.get(table);
  const place = placeOf(file, table);
  const reader = place && new EntryReader(elf, place);
  const format = reader && table.formats.find((each) => reader.fits(each));
  const found = reader && format && { reader, format };
  known.set(table, found);
  return found;
}

/** Addresses of the symbols that tables lie between, by file. */
const bounds = new WeakMap<ElfFile, ReadonlyMap<string, number>>();

/** They are looked for together, which takes hardly longer than one. */
function boundSymbols(file: CodeFile): ReadonlyMap<string, number> {
  const { elf } = file;
  const known = bounds.get(elf);
  if (known !== undefined) return known;
  const wanted = tables.flatMap(({ section, between }) =>
    between === undefined || elf.section(section) !== undefined ? [] : between,
  );
  const found = new Map<string, number>();
  for (const [nth, symbols] of file.symbolsNamedEach(wanted).entries()) {
    const [symbol] = symbols;
    if (symbol !== undefined) found.set(wanted[nth] ?? '', symbol.address);
  }
  bounds.set(elf, found);
  return found;
}

function placeOf(file: CodeFile, table: PatchTable): TablePlace | undefined {
  const { elf } = file;
  const section = elf.section(table.section);
  if (section !== undefined) return tableBytes(elf, section, section.address, section.address + section.size);
  if (table.between === undefined) return undefined;
  const [start = 0, end = 0] = table.between.map((name) => boundSymbols(file).get(name) ?? 0);
  const holder = start < end ? elf.sectionAt(start) : undefined;
  return holder === undefined ? undefined : tableBytes(elf, holder, start, end);
}

function tableBytes(elf: ElfFile, section: SectionHeader, start: number, end: number): TablePlace | undefined {
  if (!elf.hasContents(section) || end - start > maxTableBytes) return undefined;
  const bytes = elf.data(section).read(start - section.address, end - start);
  return { address: start, bytes, entrySize: section.entrySize };
}

function sitesOf({ reader, format }: OpenedTable, cause: PatchSite['cause'], from: number, to: number): PatchSite[] {
  const sites: PatchSite[] = [];
  for (const at of reader.startingWithin(format, from - maxSiteBytes, to)) {
    const start = reader.start(format, at);
    const length = reader.length(format, at);
    if (length === undefined ? start < from : start + length <= from) continue;
    sites.push({ start, cause, ...(length !== undefined && { end: start + length }) });
  }
  return sites;
}

/** Of this machine. */
const hasLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Reads a table by one format or another. */
class EntryReader {
  readonly #elf: ElfFile;
  readonly #place: TablePlace;
  readonly #view: DataView;
  readonly #code: readonly SectionHeader[];

  constructor(elf: ElfFile, place: TablePlace) {
    const { bytes } = place;
    this.#elf = elf;
    this.#place = place;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const executable = sectionFlag.execute | sectionFlag.alloc;
    this.#code = elf.sections.filter(({ flags }) => (flags & executable) === executable);
  }

  /** True if a format is that of the table, as far as can be seen. */
  fits(format: EntryFormat): boolean {
    const { bytes, entrySize } = this.#place;
    if (format.bits !== undefined && format.bits !== (this.#elf.is64 ? 64 : 32)) return false;
    if (bytes.length % format.bytes !== 0) return false;
    // Since 6.13 or so x86 tells.
    if (entrySize > 4 && format.lengthAt !== undefined && entrySize !== format.bytes) return false;
    const end = Math.min(bytes.length, checkedEntries * format.bytes);
    for (let at = 0; at < end; at += format.bytes) {
      const start = this.start(format, at);
      if (!this.#code.some(({ address, size }) => start >= address && start < address + size)) return false;
    }
    return true;
  }

  /**
   * Where the entries are that lead into a range. It looks at all, of which there are 300,000 in one table, so numbers
   * are compared as they stand in the file where this machine can read them so.
   */
  startingWithin(format: EntryFormat, from: number, to: number): number[] {
    const words = this.#words();
    const size = to - from;
    if (words === undefined || (size | 0) !== size) return this.#slowly(format, from, to);
    return format.place === 'relative'
      ? this.#relative(words, format.bytes, from, size)
      : this.#absolute(words, format, from, to);
  }

  /** The table as signed numbers of 32 bits; undefined where its bytes are in another order, or do not lie so. */
  #words(): Int32Array | undefined {
    const { bytes } = this.#place;
    if (!hasLittleEndian || !this.#elf.littleEndian) return undefined;
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2);
  }

  #relative(words: Int32Array, step: number, from: number, size: number): number[] {
    const away = this.#place.address - from;
    // Counted from the range, nearly all of it fits into 32 bits, which is faster.
    if (step % 4 !== 0 || (away | 0) !== away)
      return this.#slowly({ bytes: step, place: 'relative' }, from, from + size);
    const found: number[] = [];
    const { length } = words;
    const stride = step >> 2;
    for (let word = 0; word + stride <= length; word += stride) {
      const value = words[word] ?? 0;
      // Modulo 2^32 first: numbers that fit into 32 bits cost nothing.
      const near = (away + word * 4 + value) | 0;
      if (near < 0 || near >= size || near !== away + word * 4 + value) continue;
      if (found.push(word * 4) >= mostSites) break;
    }
    return found;
  }

  #absolute(words: Int32Array, format: EntryFormat, from: number, to: number): number[] {
    const high = Math.floor(from / wordRange) | 0;
    // A kernel's code shares the upper halves of its addresses.
    if (!this.#elf.is64 || format.bytes % 4 !== 0 || Math.floor((to - 1) / wordRange) !== Math.floor(from / wordRange))
      return this.#slowly(format, from, to);
    const found: number[] = [];
    const first = from | 0;
    const size = to - from;
    const { length } = words;
    const stride = format.bytes >> 2;
    for (let word = 0; word + stride <= length; word += stride) {
      // Modulo 2^32 a distance within the range is one, as the range is shorter.
      const distance = ((words[word] ?? 0) - first) | 0;
      if (distance >= 0 && distance < size && words[word + 1] === high && found.push(word * 4) >= mostSites) break;
    }
    return found;
  }

  #slowly(format: EntryFormat, from: number, to: number): number[] {
    const found: number[] = [];
    const end = this.#place.bytes.length - format.bytes;
    for (let at = 0; at <= end && found.length < mostSites; at += format.bytes) {
      const start = this.start(format, at);
      if (start >= from && start < to) found.push(at);
    }
    return found;
  }

  start({ place }: EntryFormat, at: number): number {
    const little = this.#elf.littleEndian;
    if (place === 'relative') return this.#place.address + at + this.#view.getInt32(at, little);
    if (!this.#elf.is64) return this.#view.getUint32(at, little);
    const first = this.#view.getUint32(at, little);
    const second = this.#view.getUint32(at + 4, little);
    return little ? signedAddress(second, first) : signedAddress(first, second);
  }

  length({ lengthAt, length }: EntryFormat, at: number): number | undefined {
    return lengthAt === undefined ? length : this.#view.getUint8(at + lengthAt);
  }
}
