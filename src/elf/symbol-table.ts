import { type ElfLayout, type ElfMachine, sectionFlag, sectionIndex, symbolBinding, symbolType } from './constants.ts';
import { type Alias, compareAliases, nameFilter } from './kallsyms-rules.ts';
import type { LayoutRegion } from './module-layout.ts';
import { NameIndex } from './name-index.ts';
import type { SectionHeader } from './section-table.ts';
import { type SortedAddresses, sortByAddress } from './sort-addresses.ts';
import type { StringTable } from './string-table.ts';
import type { SymbolEntries } from './symbol-entries.ts';

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
  /** The same, but no further than the section: a module loaded in another way may have printed this one. */
  readonly sizeInSection: number;
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
const maxGapBytes = 0x20_0000;
/** More names of one address, or symbols of one name, are not told. */
const maxMatches = 4096;

/** Types of symbols that the kernel's table never has. */
const passedOver: ReadonlySet<number> = new Set([symbolType.section, symbolType.file, symbolType.tls]);

/**
 * The symbols of a file. What the kernel's own table would not have (see `kallsyms-rules.ts`) is found by number
 * only. All that takes time is done when it is first asked for.
 */
export class SymbolTable {
  readonly #entries: SymbolEntries;
  readonly #names: StringTable;
  readonly #context: SymbolContext;
  #sorted: SortedAddresses | undefined;
  #byName: NameIndex | undefined;

  constructor(entries: SymbolEntries, names: StringTable, context: SymbolContext) {
    this.#entries = entries;
    this.#names = names;
    this.#context = context;
  }

  /** All entries, the empty one at 0 included. */
  get count(): number {
    return this.#entries.count;
  }

  /** The address of an entry, also of those that are no symbols of the kernel; 0 for undefined ones. */
  addressOf(index: number): number {
    if (index >= this.#entries.count) return 0;
    const value = this.#entries.value(index);
    if (this.#context.regions === undefined) return value;
    if (!this.#entries.inSection(index)) return this.#entries.section(index) === sectionIndex.absolute ? value : 0;
    return value + (this.#context.sections[this.#entries.section(index)]?.address ?? 0);
  }

  /** The entry of that number. */
  entry(index: number): ElfSymbol | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.#entries.count) return undefined;
    return {
      index,
      name: this.#names.text(this.#entries.nameAt(index)),
      address: this.addressOf(index),
      symbolSize: this.#entries.size(index),
      type: this.#entries.type(index),
      binding: this.#entries.binding(index),
      section: this.#sectionOf(index),
    };
  }

  /** All symbols of exactly this name, by address. */
  named(name: string): KernelSymbol[] {
    const entries = this.#entries;
    this.#byName ??= new NameIndex(this.#names, this.#kept().indexes, (index) => entries.nameAt(index));
    return this.#symbols(this.#byName.find(name, maxMatches));
  }

  /**
   * All symbols of this name with anything behind a dot (`.cold`, `.isra.0`, `.llvm.123`), by address. This goes
   * through all names.
   */
  variantsOf(name: string): KernelSymbol[] {
    const wanted = Buffer.from(`${name}.`, 'latin1');
    const bytes = this.#names.bytes;
    const found: number[] = [];
    for (const index of this.#kept().indexes) {
      const at = this.#entries.nameAt(index);
      let same = 0;
      while (same < wanted.length && bytes[at + same] === wanted[same]) same++;
      if (same === wanted.length && found.length < maxMatches) found.push(index);
    }
    return this.#symbols(found);
  }

  /** The symbol that the kernel would name an address by, with the name it would print. */
  at(address: number): KernelSymbol | undefined {
    const { addresses, indexes } = this.#kept();
    const beyond = this.#firstBeyond(address);
    if (beyond === 0) return undefined;
    const start = addresses[beyond - 1] ?? 0;
    const aliases = this.#aliasesAt(start);
    const index = aliases[0]?.index ?? indexes[beyond - 1];
    const symbol = index === undefined ? undefined : this.#kernelSymbol(index);
    return symbol !== undefined && this.#reaches(symbol, address) ? symbol : undefined;
  }

  /** Addresses of all symbols in order, each once for every name; and the numbers of the entries. Not to be written to. */
  sorted(): SortedAddresses {
    return this.#kept();
  }

  #reaches(symbol: KernelSymbol, address: number): boolean {
    const sectionEnd = symbol.section.address + symbol.section.size;
    if (address < sectionEnd) return true;
    // Between sections: padding up to the next one belongs to the last symbol, wide spaces do not.
    return address < symbol.address + symbol.size && address - sectionEnd < maxGapBytes;
  }

  #symbols(indexes: readonly number[]): KernelSymbol[] {
    return indexes
      .map((index) => this.#kernelSymbol(index))
      .filter((symbol) => symbol !== undefined)
      .sort((a, b) => a.address - b.address);
  }

  #kernelSymbol(index: number): KernelSymbol | undefined {
    const symbol = this.entry(index);
    if (symbol?.section === undefined) return undefined;
    const { section, address } = symbol;
    const sectionEnd = section.address + section.size;
    const next = this.#kept().addresses[this.#firstBeyond(address)];
    const limit = this.#regionEnd(address);
    const end = Math.min(next ?? Math.max(limit ?? sectionEnd, address), limit ?? Number.POSITIVE_INFINITY);
    const names = this.#aliasesAt(address);
    return {
      ...symbol,
      section,
      size: end - address,
      sizeInSection: Math.max(Math.min(end, sectionEnd) - address, 0),
      aliases: names.filter((alias) => alias.name !== symbol.name).map((alias) => alias.name),
    };
  }

  /** Where the memory ends that the kernel allocated for a module's code, data, or init code. */
  #regionEnd(address: number): number | undefined {
    const region = this.#context.regions?.find(({ start, end }) => address >= start && address <= end);
    return region === undefined ? undefined : Math.ceil(region.end / pageBytes) * pageBytes;
  }

  #sectionOf(index: number): SectionHeader | undefined {
    return this.#entries.inSection(index) ? this.#context.sections[this.#entries.section(index)] : undefined;
  }

  /** Names of exactly this address, the one that is printed first. */
  #aliasesAt(address: number): Alias[] {
    const { addresses, indexes } = this.#kept();
    const aliases: Alias[] = [];
    for (let at = this.#firstBeyond(address) - 1; at >= 0 && addresses[at] === address; at--) {
      const index = indexes[at] ?? 0;
      const weak = this.#entries.binding(index) === symbolBinding.weak;
      aliases.push({ name: this.#names.text(this.#entries.nameAt(index)), weak, index });
      if (aliases.length >= maxMatches) break;
    }
    // In a module the first of the table is taken, whatever its name.
    return aliases.sort(this.#context.regions === undefined ? compareAliases : (a, b) => a.index - b.index);
  }

  /** The first of the sorted symbols whose address is above. */
  #firstBeyond(address: number): number {
    const { addresses } = this.#kept();
    let low = 0;
    let high = addresses.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((addresses[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #kept(): SortedAddresses {
    this.#sorted ??= this.#sort();
    return this.#sorted;
  }

  #sort(): SortedAddresses {
    const { sections, machine, regions } = this.#context;
    const names = this.#names.bytes;
    const { addresses, indexes } = this.#entries.select({
      sections: Uint8Array.from(sections, ({ flags, index }) =>
        index > 0 && (flags & sectionFlag.alloc) !== 0 ? 1 : 0,
      ),
      bases: Float64Array.from(sections, ({ address }) => (regions === undefined ? 0 : address)),
      types: Uint8Array.from({ length: 16 }, (_, type) => (passedOver.has(type) ? 0 : 1)),
      keepsName: nameFilter(names, machine),
    });
    return sortByAddress(addresses, indexes);
  }
}
