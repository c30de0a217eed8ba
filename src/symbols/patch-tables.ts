import type { ElfFile } from '../elf/elf-file.ts';
import type { SectionHeader } from '../elf/section-table.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import type { CodeDifference } from '../model/explanation.ts';
import { type EntryFormat, EntryReader, type TablePlace } from './patch-entries.ts';

/** Code that the kernel may change when it boots or runs. Addresses are those of the file, see `elf/address.ts`. */
export interface PatchSite {
  readonly start: number;
  /** Behind it; undefined if it is the instruction that begins there. */
  readonly end: number | undefined;
  readonly cause: CodeDifference['cause'];
  /** Which of `patchTables` names it. */
  readonly table: number;
}

/** A file with such tables. */
export interface PatchedFile {
  readonly elf: ElfFile;
  /** The symbols of each of some names. */
  symbolsNamedEach(names: readonly string[]): readonly (readonly KernelSymbol[])[];
}

/** A table of code that may change. */
export interface PatchTable {
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
export const patchTables: readonly PatchTable[] = [
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
/** No place that is patched is longer. */
export const maxSiteBytes = 255;

/**
 * The places of one table that begin in a range of addresses, or reach into it, in the order of where they begin.
 * @throws KtriageError KT-ELF-*
 */
export function sitesOf(file: PatchedFile, nth: number, from: number, to: number): PatchSite[] {
  const table = patchTables[nth];
  const opened = table && openTable(file, table);
  if (table === undefined || opened === undefined) return [];
  const { reader, format } = opened;
  const sites: PatchSite[] = [];
  for (const at of reader.startingWithin(format, from - maxSiteBytes, to)) {
    const start = reader.start(format, at);
    const length = reader.length(format, at);
    const end = length === undefined ? undefined : start + length;
    const site = { start, end, cause: table.cause, table: nth };
    if (isWithin(site, from, to)) sites.push(site);
  }
  return sites.sort(byPlace);
}

/** Whether a place begins in a range of addresses, or reaches into it. */
export function isWithin({ start, end }: PatchSite, from: number, to: number): boolean {
  return start < to && (end ?? start + 1) > from;
}

/** Sorts places by where they begin, and then by where they end. */
function byPlace(a: PatchSite, b: PatchSite): number {
  return a.start - b.start || (a.end ?? Number.MAX_SAFE_INTEGER) - (b.end ?? Number.MAX_SAFE_INTEGER);
}

/** Takes a place: the number of its table, where it begins, its length; undefined if it is one instruction. */
export type TakeSite = (table: number, start: number, length: number | undefined) => void;

/**
 * Gives all places that tables of the file name, of which there are some hundred thousand.
 * @throws KtriageError KT-ELF-*
 */
export function allSites(file: PatchedFile, take: TakeSite): void {
  for (const [nth, table] of patchTables.entries()) {
    const opened = openTable(file, table);
    opened?.reader.each(opened.format, (start, length) => take(nth, start, length));
  }
}

/** A table with the format that it has. */
interface OpenedTable {
  readonly reader: EntryReader;
  readonly format: EntryFormat;
}

/** The tables of files that were read before: several functions of one report are asked about. */
const opened = new WeakMap<ElfFile, Map<PatchTable, OpenedTable | undefined>>();

function openTable(file: PatchedFile, table: PatchTable): OpenedTable | undefined {
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
function boundSymbols(file: PatchedFile): ReadonlyMap<string, number> {
  const { elf } = file;
  const known = bounds.get(elf);
  if (known !== undefined) return known;
  const wanted = patchTables.flatMap(({ section, between }) =>
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

function placeOf(file: PatchedFile, table: PatchTable): TablePlace | undefined {
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
