import { symbolBinding } from './constants.ts';
import { type Alias, compareAliases } from './kallsyms-rules.ts';
import { NameIndex } from './name-index.ts';
import type { SortedAddresses } from './sort-addresses.ts';
import type { StringTable } from './string-table.ts';
import type { SymbolEntries } from './symbol-entries.ts';

/** After so many steps over names that the kernel does not have, they are all taken out. */
const maxSteps = 65_536;
/** More names of one address, or symbols of one name, are not told. */
const maxMatches = 512;

/** How symbols of a file are told apart from what the kernel leaves out, and which of several names comes first. */
export interface SymbolRules {
  /** Whether the kernel knows a symbol whose name begins there. */
  readonly keepsName: (at: number) => boolean;
  /** Whether the first of a table is printed, whatever its name (modules), and not the best. */
  readonly firstOfTable: boolean;
}

/**
 * Symbols sorted by address. That the kernel does not know some of them by their names is found out where it matters:
 * to look at all names takes longer than to sort the addresses.
 */
export class SymbolSet {
  #addresses: Float64Array;
  #indexes: Uint32Array;
  readonly #entries: SymbolEntries;
  readonly #names: StringTable;
  readonly #rules: SymbolRules;
  #byName: NameIndex | undefined;
  #steps = 0;

  constructor(sorted: SortedAddresses, entries: SymbolEntries, names: StringTable, rules: SymbolRules) {
    this.#addresses = sorted.addresses;
    this.#indexes = sorted.indexes;
    this.#entries = entries;
    this.#names = names;
    this.#rules = rules;
  }

  /** The address of the last symbol at or before an address. */
  startBefore(address: number): number | undefined {
    for (let at = this.#firstBeyond(address) - 1; at >= 0; at--) {
      if (this.#keeps(at)) return this.#addresses[at];
      if (this.#tooManySteps()) return this.startBefore(address);
    }
    return undefined;
  }

  /** The address of the first symbol beyond an address. */
  startBeyond(address: number): number | undefined {
    for (let at = this.#firstBeyond(address); at < this.#addresses.length; at++) {
      if (this.#keeps(at)) return this.#addresses[at];
      if (this.#tooManySteps()) return this.startBeyond(address);
    }
    return undefined;
  }

  /** Symbols at exactly this address, the one first that the kernel prints. */
  aliasesAt(address: number): Alias[] {
    const aliases: Alias[] = [];
    for (let at = this.#firstBeyond(address) - 1; at >= 0 && this.#addresses[at] === address; at--) {
      if (aliases.length >= maxMatches) break;
      if (!this.#keeps(at)) {
        if (this.#tooManySteps()) return this.aliasesAt(address);
        continue;
      }
      const index = this.#indexes[at] ?? 0;
      const weak = this.#entries.binding(index) === symbolBinding.weak;
      aliases.push({ name: this.#names.text(this.#entries.nameAt(index)), weak, index });
    }
    return aliases.sort(this.#rules.firstOfTable ? (a, b) => a.index - b.index : compareAliases);
  }

  /** Numbers of the symbols of this name. */
  named(name: string): number[] {
    this.#byName ??= new NameIndex(this.#names, this.#indexes, this.#entries);
    return this.#byName.find(name, maxMatches).filter((index) => this.#rules.keepsName(this.#entries.nameAt(index)));
  }

  /** Numbers of the symbols whose names begin so. Goes through all names. */
  beginningWith(prefix: string): number[] {
    const wanted = Buffer.from(prefix, 'latin1');
    const bytes = this.#names.bytes;
    const found: number[] = [];
    for (const index of this.#indexes) {
      const at = this.#entries.nameAt(index);
      let same = 0;
      while (same < wanted.length && bytes[at + same] === wanted[same]) same++;
      if (same < wanted.length || !this.#rules.keepsName(at)) continue;
      found.push(index);
      if (found.length >= maxMatches) break;
    }
    return found;
  }

  /** All of them with the kernel's ones only. Not to be written to. */
  all(): SortedAddresses {
    this.#dropUnknown();
    return { addresses: this.#addresses, indexes: this.#indexes };
  }

  #keeps(at: number): boolean {
    return this.#steps < 0 || this.#rules.keepsName(this.#entries.nameAt(this.#indexes[at] ?? 0));
  }

  /** True when they were taken out just now. */
  #tooManySteps(): boolean {
    if (this.#steps < 0 || ++this.#steps < maxSteps) return false;
    this.#dropUnknown();
    return true;
  }

  #dropUnknown(): void {
    if (this.#steps < 0) return;
    const addresses = new Float64Array(this.#addresses.length);
    const indexes = new Uint32Array(this.#indexes.length);
    let count = 0;
    for (let at = 0; at < indexes.length; at++) {
      if (!this.#keeps(at)) continue;
      addresses[count] = this.#addresses[at] ?? 0;
      indexes[count++] = this.#indexes[at] ?? 0;
    }
    this.#addresses = addresses.subarray(0, count);
    this.#indexes = indexes.subarray(0, count);
    this.#steps = -1;
  }

  /** The first symbol whose address is above. */
  #firstBeyond(address: number): number {
    const addresses = this.#addresses;
    let low = 0;
    let high = addresses.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((addresses[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
