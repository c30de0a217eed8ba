import { type ElfLayout, type ElfMachine, sectionFlag, sectionIndex, symbolType } from './constants.ts';
import { type Alias, nameFilter } from './kallsyms-rules.ts';
import type { LayoutRegion } from './module-layout.ts';
import type { SectionHeader } from './section-table.ts';
import type { StringTable } from './string-table.ts';
import { nearby, type SymbolEntries } from './symbol-entries.ts';
import { SymbolSet } from './symbol-set.ts';

/** A symbol as the file has it. Addresses are numbers: see `address.ts`. */
export interface ElfSymbol {
  /** Its number in the table. */
  readonly index: number;
  readonly name: string;
  /** In a relocatable file, within the layout that the sections were given. */
  readonly address: number;
  /** `st_size`: rarely what an oops prints, and 0 for many of assembly. */
  readonly symbolSize: number;
  readonly type: number;
  readonly binding: number;
  /** The section it is in, if it is in one. */
  readonly section: SectionHeader | undefined;
}

/** A symbol that the kernel knows, with what it would print of it. */
export interface KernelSymbol extends ElfSymbol {
  readonly section: SectionHeader;
  /**
   * Bytes to the next symbol of another address: the size behind the slash of `symbol+0xoff/0xsize`
   * (get_symbol_pos() in kernel/kallsyms.c, find_kallsyms_symbol() in kernel/module/kallsyms.c).
   */
  readonly size: number;
  /** The same, but no further than the section. */
  readonly sizeInSection: number;
  /**
   * False for the last symbol of a module's code or data: its size reaches to where the memory ends that the kernel
   * allocated, which depends on the size of pages and on what it added; and for the last one before a section that it
   * fills itself (arm64: .plt).
   */
  readonly sizeIsCertain: boolean;
  /** Other names of the address, the one that the kernel would rather print first. */
  readonly aliases: readonly string[];
}

/** What a table of symbols belongs to. */
export interface SymbolContext extends ElfLayout {
  readonly machine: ElfMachine;
  readonly sections: readonly SectionHeader[];
  /** Where the file is relocatable: the groups of sections as they were laid out. */
  readonly regions: readonly LayoutRegion[] | undefined;
}

/** A module's code ends with a page; of 4 KiB where nothing else is known. */
const pageBytes = 4096;
/** Sections of an image are aligned to 2 MiB at most: a symbol goes on in a gap of that size behind its section. */
export const maxGapBytes = 0x20_0000;
/** module_frob_arch_sections() in arch/arm64/kernel/module-plts.c (arm, riscv alike): one byte long in the file. */
const filledByKernel = /^\.plt$|^\.text\.ftrace_trampoline$/;
/** More addresses are looked up faster with all symbols in order. */
const mostExpected = 64;
const noAliases: readonly string[] = [];
/** Names that one run asks for at different times: for one of them all symbols are gone through, as for all of them. */
const soughtTogether: ReadonlySet<string> = new Set([
  'linux_banner',
  '__start___jump_table',
  '__stop___jump_table',
  '__start_static_call_sites',
  '__stop_static_call_sites',
  '__start_mcount_loc',
  '__stop_mcount_loc',
]);
/** Types of symbols that the kernel's table never has. */
const passedOver: ReadonlySet<number> = new Set([symbolType.section, symbolType.file, symbolType.tls]);

/**
 * The symbols of a file. What the kernel's own table would not have (see `kallsyms-rules.ts`) is found by number
 * only. All that takes time is done when it is first asked for, and for code and data apart: most questions are about
 * code, and half of a kernel's symbols are none.
 */
export class SymbolTable {
  readonly #entries: SymbolEntries;
  readonly #names: StringTable;
  readonly #context: SymbolContext;
  #addresses: Float64Array | undefined;
  /** The symbols of `soughtTogether`, once one of them was asked for. */
  #together: ReadonlyMap<string, KernelSymbol[]> | undefined;
  #code: SymbolSet | undefined;
  #data: SymbolSet | undefined;
  #expected: readonly number[] = [];
  #near: SymbolSet | undefined;

  constructor(entries: SymbolEntries, names: StringTable, context: SymbolContext) {
    this.#entries = entries;
    this.#names = names;
    this.#context = context;
  }

  /** All entries, the empty one at 0 included. */
  get count(): number {
    return this.#entries.count;
  }

  /** Symbols in sections that can be executed. */
  get code(): SymbolSet {
    this.#code ??= this.#select(true);
    return this.#code;
  }

  /** All others that are in memory. */
  get data(): SymbolSet {
    this.#data ??= this.#select(false);
    return this.#data;
  }

  /** The address of an entry, also of those that are no symbols of the kernel; 0 for undefined ones. */
  addressOf(index: number): number {
    const known = this.#addresses?.[index];
    // Relocations ask for the same few again and again. NaN: not asked for yet.
    if (known !== undefined && !Number.isNaN(known)) return known;
    if (!(index < this.#entries.count)) return 0;
    this.#addresses ??= new Float64Array(this.#entries.count).fill(Number.NaN);
    const address = this.#computeAddress(index);
    this.#addresses[index] = address;
    return address;
  }

  /** On arm the lowest bit of a function says that its code is Thumb; nm, kallsyms and modules leave it out. */
  #withoutMode(index: number, address: number): number {
    const isThumb = this.#context.machine === 'arm' && this.#entries.type(index) === symbolType.function;
    return isThumb ? address - (address % 2) : address;
  }

  #computeAddress(index: number): number {
    const value = this.#withoutMode(index, this.#entries.value(index));
    if (this.#context.regions === undefined) return value;
    if (!this.#entries.inSection(index)) return this.#entries.section(index) === sectionIndex.absolute ? value : 0;
    return value + (this.#context.sections[this.#entries.section(index)]?.address ?? 0);
  }

  /** The entry of that number. */
  entry(index: number): ElfSymbol | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.#entries.count) return undefined;
    const section = this.#entries.section(index);
    return {
      index,
      name: this.#names.text(this.#entries.nameAt(index)),
      address: this.#computeAddress(index),
      symbolSize: this.#entries.size(index),
      type: this.#entries.type(index),
      binding: this.#entries.binding(index),
      section: this.#entries.inSection(index) ? this.#context.sections[section] : undefined,
    };
  }

  /** All functions of exactly this name, by address; if there is none, all data. */
  named(name: string): KernelSymbol[] {
    return this.namedEach([name])[0] ?? [];
  }

  /** The same for some names at once, in their order: that takes hardly longer than for one. */
  namedEach(names: readonly string[]): KernelSymbol[][] {
    if (names.length === 0 || names.some((name) => !soughtTogether.has(name))) return this.#search(names);
    this.#together ??= new Map(this.#search([...soughtTogether]).map((symbols) => [symbols[0]?.name ?? '', symbols]));
    return names.map((name) => this.#together?.get(name) ?? []);
  }

  #search(names: readonly string[]): KernelSymbol[][] {
    const found = this.code.named(names).map((indexes) => this.#symbols(indexes, this.code));
    const missing = names.filter((_, nth) => found[nth]?.length === 0);
    const data = missing.length > 0 ? this.data.named(missing) : [];
    let nth = 0;
    return found.map((symbols) => (symbols.length > 0 ? symbols : this.#symbols(data[nth++] ?? [], this.data)));
  }

  /**
   * All functions of this name with anything behind a dot (`.cold`, `.isra.0`, `.llvm.123`), by address. This goes
   * through all names.
   */
  variantsOf(name: string): KernelSymbol[] {
    return this.#symbols(this.code.beginningWith(`${name}.`), this.code);
  }

  /** Names addresses that are about to be asked about: of a few, all others need not be sorted. */
  expect(addresses: readonly number[]): void {
    if (this.#context.regions === undefined && addresses.length <= mostExpected) this.#expected = addresses;
  }

  /** The symbol that the kernel would name an address by, with the name it would print. */
  at(address: number): KernelSymbol | undefined {
    return this.#atNear(address) ?? this.#at(address, this.code) ?? this.#at(address, this.data);
  }

  /** Undefined as well where what is near an address does not tell. */
  #atNear(address: number): KernelSymbol | undefined {
    if (this.#code !== undefined || this.#expected.length === 0) return undefined;
    this.#near ??= this.#select(true, this.#expected);
    const start = this.#near.startBefore(address);
    const next = start === undefined ? undefined : this.#near.startBeyond(start);
    // Nothing is missing between them only if the windows around the address reach as far.
    if (start === undefined || next === undefined || address - start > nearby || next - address > nearby)
      return undefined;
    const [first] = this.#near.aliasesAt(start);
    const section = first && this.entry(first.index)?.section;
    const isWithin = section !== undefined && next <= section.address + section.size;
    return isWithin && this.#expected.includes(address) ? this.#at(address, this.#near) : undefined;
  }

  #at(address: number, set: SymbolSet): KernelSymbol | undefined {
    const start = set.startBefore(address);
    const aliases = start === undefined ? [] : set.aliasesAt(start);
    const [first] = aliases;
    const symbol = first === undefined ? undefined : this.#kernelSymbol(first.index, set, aliases);
    if (symbol === undefined) return undefined;
    const beyondSection = address - (symbol.section.address + symbol.section.size);
    if (beyondSection < 0) return symbol;
    // Between sections: padding up to the next one belongs to the last symbol, wide spaces do not.
    return beyondSection < maxGapBytes && address < symbol.address + symbol.size ? symbol : undefined;
  }

  #symbols(indexes: readonly number[], set: SymbolSet): KernelSymbol[] {
    return indexes
      .map((index) => this.#kernelSymbol(index, set))
      .filter((symbol) => symbol !== undefined)
      .sort((a, b) => a.address - b.address);
  }

  #kernelSymbol(index: number, set: SymbolSet, known?: readonly Alias[]): KernelSymbol | undefined {
    const symbol = this.entry(index);
    if (symbol?.section === undefined) return undefined;
    const { section, address, name, symbolSize, type, binding } = symbol;
    const sectionEnd = section.address + section.size;
    const limit = this.#regionEnd(address);
    const next = this.#next(address, sectionEnd, set) ?? Math.max(limit ?? sectionEnd, address);
    const end = limit === undefined ? next : Math.min(next, limit);
    const aliases = known ?? set.aliasesAt(address);
    return {
      index,
      name,
      address,
      symbolSize,
      type,
      binding,
      section,
      size: end - address,
      sizeIsCertain: end !== limit && !this.#isFilledBetween(sectionEnd, end),
      sizeInSection: Math.max(Math.min(end, sectionEnd) - address, 0),
      aliases:
        aliases.length === 1 && aliases[0]?.name === name
          ? noAliases
          : aliases.map((alias) => alias.name).filter((alias) => alias !== name),
    };
  }

  /** Where the next symbol is. Those of the other kind are asked where there is none of the same in the section. */
  #next(address: number, sectionEnd: number, set: SymbolSet): number | undefined {
    const same = set.startBeyond(address);
    if (same !== undefined && same <= sectionEnd) return same;
    const other = (set === this.code ? this.data : this.code).startBeyond(address);
    return same === undefined || other === undefined ? (same ?? other) : Math.min(same, other);
  }

  /** Where the memory ends that the kernel allocated for a module's code, data, or init code. */
  #regionEnd(address: number): number | undefined {
    const region = this.#context.regions?.find(({ start, end }) => address >= start && address <= end);
    return region === undefined ? undefined : Math.ceil(region.end / pageBytes) * pageBytes;
  }

  /** Whether a module has a section there that the kernel makes as large as it needs. */
  #isFilledBetween(start: number, end: number): boolean {
    const { regions, sections } = this.#context;
    if (regions === undefined || end <= start) return false;
    return sections.some(({ name, address }) => filledByKernel.test(name) && address >= start && address < end);
  }

  #select(executable: boolean, near?: readonly number[]): SymbolSet {
    const { sections, machine, regions } = this.#context;
    const { alloc, execute } = sectionFlag;
    const wanted = executable ? alloc | execute : alloc;
    const chosen = sections.filter(({ flags, index }) => index > 0 && (flags & (alloc | execute)) === wanted);
    const flags = new Uint8Array(sections.length);
    let lowest = Number.POSITIVE_INFINITY;
    let highest = Number.NEGATIVE_INFINITY;
    for (const { index, address, size } of chosen) {
      flags[index] = 1;
      lowest = Math.min(lowest, address);
      highest = Math.max(highest, address + size);
    }
    const symbols = this.#entries.select({
      sections: flags,
      bases: Float64Array.from(sections, ({ address }) => (regions === undefined ? 0 : address)),
      types: Uint8Array.from({ length: 16 }, (_, type) => (passedOver.has(type) ? 0 : 1)),
      lowest,
      highest,
      ...(near && { near }),
    });
    const { base, offsets, indexes } = symbols;
    if (machine === 'arm')
      for (const [at, index] of indexes.entries())
        offsets[at] = this.#withoutMode(index, base + (offsets[at] ?? 0)) - base;
    return new SymbolSet(symbols, this.#entries, this.#names, {
      keepsName: nameFilter(this.#names, machine),
      firstOfTable: regions !== undefined,
    });
  }
}
