import type { Translation, TranslationStep } from '../translation.ts';
import type { PageTableFormat, PageTableLevel } from './format.ts';
import type { TableEntries } from './table-entries.ts';

/** Pages that are remembered. */
const mostRemembered = 262_144;
/** What is remembered of pages: of 4 KiB, the smallest that there are. */
const unitBits = 12n;
const unitBytes = 4096;

/**
 * An address space: page tables that are walked. Every walk is as long as there are levels, whatever the tables say.
 */
export class AddressSpace {
  /** Physical address of the top table. */
  readonly root: bigint;
  readonly format: PageTableFormat;
  readonly #entries: TableEntries;
  /** Physical page of 4 KiB by virtual one; -1 of what is not mapped. */
  #remembered = new Map<number, number>();

  constructor(root: bigint, format: PageTableFormat, entries: TableEntries) {
    this.root = root;
    this.format = format;
    this.#entries = entries;
  }

  /** The physical address; undefined if nothing is mapped there. At once where it is known. */
  physical(address: bigint): bigint | undefined | Promise<bigint | undefined> {
    const unit = Number(BigInt.asUintN(64, address) >> unitBits);
    const known = this.#remembered.get(unit);
    if (known === -1) return undefined;
    if (known !== undefined) return BigInt(known) * BigInt(unitBytes) + (address & 0xfffn);
    return this.#walk(address, unit);
  }

  /** How an address is translated, step by step. */
  async translate(address: bigint): Promise<Translation> {
    const steps: TranslationStep[] = [];
    const refused = this.format.refuses(address);
    if (refused !== undefined) return { address, steps, why: refused };
    let table = this.root;
    for (const level of this.format.levels) {
      const at = entryAddress(table, level, address);
      const entry = await this.#entries.read(at);
      steps.push({ level: level.name, at, ...(entry !== undefined && { entry }) });
      if (entry === undefined) return { address, steps, why: `the ${level.name} entry could not be read` };
      const target = this.format.target(entry, level);
      if (target.kind === 'nothing') return { address, steps, why: `the ${level.name} entry is ${target.why}` };
      if (target.kind === 'page') return { address, steps, ...leaf(target.address, level, address) };
      table = target.address;
    }
    return { address, steps, why: 'the last entry leads to another table' };
  }

  /** Forgets everything: the machine ran meanwhile. The entries are to be told as well. */
  forget(): void {
    this.#remembered = new Map();
  }

  async #walk(address: bigint, unit: number): Promise<bigint | undefined> {
    const remembered = this.#remembered;
    const physical = await this.#follow(address);
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(unit, physical === undefined ? -1 : Number(physical >> unitBits));
    return physical;
  }

  async #follow(address: bigint): Promise<bigint | undefined> {
    if (this.format.refuses(address) !== undefined) return undefined;
    let table = this.root;
    for (const level of this.format.levels) {
      const at = entryAddress(table, level, address);
      const known = this.#entries.known(at);
      const entry = known === 'unread' ? await this.#entries.read(at) : known;
      if (entry === undefined) return undefined;
      const target = this.format.target(entry, level);
      if (target.kind === 'nothing') return undefined;
      if (target.kind === 'page') return leaf(target.address, level, address).physical;
      table = target.address;
    }
    return undefined;
  }
}

/** Physical address of the entry that an address chooses in a table. */
export function entryAddress(table: bigint, level: PageTableLevel, address: bigint): bigint {
  const index = (address >> BigInt(level.shift)) & ((1n << BigInt(level.bits)) - 1n);
  return table + index * 8n;
}

function leaf(page: bigint, level: PageTableLevel, address: bigint): { physical: bigint; pageBytes: number } {
  return { physical: page + (address & ((1n << BigInt(level.shift)) - 1n)), pageBytes: 2 ** level.shift };
}
