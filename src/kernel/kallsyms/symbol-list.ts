import type { NewSymbols } from './build-elf.ts';
import { indexesOf, type Kallsyms, namesOf } from './find-kallsyms.ts';

/** A symbol that the kernel's own tables do not have. */
export interface FoundSymbol {
  readonly name: string;
  /** As a number: see `elf/address.ts`. */
  readonly address: number;
}

/** Names of which each is sought; for more all are gone through. */
const manyNames = 64;
/** A letter for data. */
const data = 'D'.charCodeAt(0);

/** The symbols of a kernel by their addresses as they are now: those that it knows, and others that were found. */
export class SymbolList {
  readonly #kallsyms: Kallsyms;
  readonly #addresses: Float64Array;
  readonly #known = new Map<string, number | undefined>();
  readonly #more = new Map<string, number>();
  /** All names of kallsyms are in `#known`. */
  #isComplete = false;

  /** @param moved what is added to the values of kallsyms to have addresses; nothing if they are addresses. */
  constructor(kallsyms: Kallsyms, moved: number) {
    const { kind, values } = kallsyms.at;
    this.#kallsyms = kallsyms;
    this.#addresses = kind === 'virtual' ? values : values.map((value) => value + moved);
  }

  /** Looks for some names together, which is faster. */
  prepare(names: readonly string[]): void {
    const found = indexesOf(this.#kallsyms, names);
    for (const name of names) {
      const index = found.get(name);
      this.#known.set(name, index === undefined ? undefined : this.#addresses[index]);
    }
  }

  address(name: string): number | undefined {
    const more = this.#more.get(name);
    if (more !== undefined) return more;
    if (!this.#known.has(name) && !this.#isComplete) this.prepare([name]);
    return this.#known.get(name);
  }

  /** Adds symbols; those that are known stay as they are. */
  add(symbols: readonly FoundSymbol[]): void {
    if (symbols.length > manyNames) this.#prepareAll();
    else this.prepare(symbols.map(({ name }) => name));
    for (const { name, address } of symbols) if (this.address(name) === undefined) this.#more.set(name, address);
  }

  #prepareAll(): void {
    const names = namesOf(this.#kallsyms);
    this.#isComplete = true;
    for (const [index, name] of names.entries())
      if (!this.#known.has(name)) this.#known.set(name, this.#addresses[index]);
  }

  /** The highest address that is known. */
  get highest(): number {
    let highest = this.#addresses.at(-1) ?? 0;
    for (const address of this.#more.values()) highest = Math.max(highest, address);
    return highest;
  }

  /** The end of the per-CPU variables that are at addresses from 0 on (x86-64 before 6.15); 0 if there are none. */
  get perCpuEnd(): number {
    let end = 0;
    for (const address of this.#addresses) if (address >= 0) end = Math.max(end, address + 1);
    return end;
  }

  all(): NewSymbols {
    const { text, places, types, count } = this.#kallsyms;
    const names = Buffer.from([...this.#more.keys()].map((name) => `${name}\0`).join(''), 'latin1');
    const total = count + this.#more.size;
    const joined = new Uint8Array(1 + text.length + names.length);
    joined.set(text, 1);
    joined.set(names, 1 + text.length);
    const all = {
      ...{ count: total, text: joined, places: new Uint32Array(total) },
      ...{ addresses: new Float64Array(total), types: new Uint8Array(total).fill(data) },
    };
    all.places.set(places.map((place) => place + 1));
    all.addresses.set(this.#addresses);
    all.types.set(types);
    let index = count;
    let at = 1 + text.length;
    for (const [name, address] of this.#more) {
      all.places[index] = at;
      all.addresses[index++] = address;
      at += name.length + 1;
    }
    return all;
  }
}
