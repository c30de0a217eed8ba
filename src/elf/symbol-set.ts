import { type AddressList, AddressOrder, addressList } from './address-order.ts';
import { symbolBinding } from './constants.ts';
import { type Alias, compareAliases } from './kallsyms-rules.ts';
import { NameIndex } from './name-index.ts';
import { findNames, longestName } from './name-search.ts';
import type { StringTable } from './string-table.ts';
import type { SymbolEntries } from './symbol-entries.ts';

/** After so many steps over names that the kernel does not have, they are all taken out. */
const maxSteps = 65_536;
/** More names of one address, or symbols of one name, are not told. */
const maxMatches = 512;
/** Names are sought by going through all symbols so often; who asks for more gets an index of them, which costs as much as ten times that. */
const searches = 6;
/** The same for more names than these at once. */
const soughtTogether = 256;

/** How symbols of a file are told apart from what the kernel leaves out, and which of several names comes first. */
export interface SymbolRules {
  /** Whether the kernel knows a symbol whose name begins there. */
  readonly keepsName: (at: number) => boolean;
  /** Whether the first of a table is printed, whatever its name (modules), and not the best. */
  readonly firstOfTable: boolean;
}

/**
 * Symbols by address and by name. That the kernel does not know some of them by their names is found out where it matters:
 * to look at all names takes longer than to sort the addresses.
 */
export class SymbolSet {
  #order: AddressOrder;
  /** The symbols in the order of their table. */
  readonly #indexes: Uint32Array;
  readonly #entries: SymbolEntries;
  readonly #names: StringTable;
  readonly #rules: SymbolRules;
  #byName: NameIndex | undefined;
  #searched = 0;
  #steps = 0;

  /** `symbols` has their numbers in the order of their table. */
  constructor(symbols: AddressList, entries: SymbolEntries, names: StringTable, rules: SymbolRules) {
    this.#order = new AddressOrder(symbols);
    this.#indexes = symbols.indexes;
    this.#entries = entries;
    this.#names = names;
    this.#rules = rules;
  }

  /** The address of the last symbol at or before an address. */
  startBefore(address: number): number | undefined {
    for (let at = this.#order.firstBeyond(address) - 1; at >= 0; at--) {
      if (this.#keeps(at)) return this.#order.addressAt(at);
      if (this.#tooManySteps()) return this.startBefore(address);
    }
    return undefined;
  }

  /** The address of the first symbol beyond an address. */
  startBeyond(address: number): number | undefined {
    for (let at = this.#order.firstBeyond(address); at < this.#order.length; at++) {
      if (this.#keeps(at)) return this.#order.addressAt(at);
      if (this.#tooManySteps()) return this.startBeyond(address);
    }
    return undefined;
  }

  /** Symbols at exactly this address, the one first that the kernel prints. */
  aliasesAt(address: number): Alias[] {
    const aliases: Alias[] = [];
    const order = this.#order;
    for (let at = order.firstBeyond(address) - 1; at >= 0 && order.addressAt(at) === address; at--) {
      if (aliases.length >= maxMatches) break;
      if (!this.#keeps(at)) {
        if (this.#tooManySteps()) return this.aliasesAt(address);
        continue;
      }
      const index = order.indexAt(at);
      const weak = this.#entries.binding(index) === symbolBinding.weak;
      aliases.push({ name: this.#names.text(this.#entries.nameAt(index)), weak, index });
    }
    return aliases.sort(this.#rules.firstOfTable ? (a, b) => a.index - b.index : compareAliases);
  }

  /** Numbers of the symbols of each of some names, in their order. */
  named(names: readonly string[]): number[][] {
    if (names.length === 0) return [];
    this.#searched++;
    if (this.#searched > searches || names.length > soughtTogether)
      this.#byName ??= new NameIndex(this.#names, this.#indexes, this.#entries);
    const found =
      this.#byName === undefined
        ? findNames(names, this.#names, this.#indexes, this.#entries, maxMatches)
        : names.map((name) => this.#byName?.find(name, maxMatches) ?? []);
    return found.map((indexes) => indexes.filter((index) => this.#rules.keepsName(this.#entries.nameAt(index))));
  }

  /** Numbers of the symbols whose names begin so. Goes through all names. */
  beginningWith(prefix: string): number[] {
    if (prefix.length > longestName) return [];
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

  /** Numbers of all that the kernel has, in the order of their table. */
  all(): Uint32Array {
    return this.#indexes.filter((index) => this.#rules.keepsName(this.#entries.nameAt(index)));
  }

  #keeps(at: number): boolean {
    return this.#steps < 0 || this.#rules.keepsName(this.#entries.nameAt(this.#order.indexAt(at)));
  }

  /** True when they were taken out just now. */
  #tooManySteps(): boolean {
    if (this.#steps < 0 || ++this.#steps < maxSteps) return false;
    const addresses = new Float64Array(this.#order.length);
    const indexes = new Uint32Array(this.#order.length);
    let count = 0;
    for (let at = 0; at < indexes.length; at++) {
      if (!this.#keeps(at)) continue;
      addresses[count] = this.#order.addressAt(at) ?? 0;
      indexes[count++] = this.#order.indexAt(at);
    }
    this.#order = new AddressOrder(addressList(addresses.subarray(0, count), indexes.subarray(0, count)));
    this.#steps = -1;
    return true;
  }
}
