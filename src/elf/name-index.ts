import { longestName } from './name-search.ts';
import type { StringTable } from './string-table.ts';
import type { SymbolEntries } from './symbol-entries.ts';

/** Bytes of a name that are hashed; names are compared as a whole. */
const hashedBytes = 128;

/**
 * Finds symbols by name. The names stay bytes in their table: a hash over each, and chains of those that share a
 * bucket, cost a fifth of a Map of strings.
 */
export class NameIndex {
  readonly #names: StringTable;
  readonly #indexes: Uint32Array;
  /** Where the name of each begins. */
  readonly #starts: Uint32Array;
  /** For every bucket the place in `indexes` of its first symbol and one; 0 is the end. */
  readonly #buckets: Uint32Array;
  readonly #next: Uint32Array;

  /** @param indexes the symbols to be found. */
  constructor(names: StringTable, indexes: Uint32Array, entries: SymbolEntries) {
    const bytes = names.bytes;
    const starts = entries.namesAt(indexes);
    const buckets = new Uint32Array(2 ** Math.ceil(Math.log2(indexes.length + 1)));
    const next = new Uint32Array(indexes.length);
    const mask = buckets.length - 1;
    for (let at = 0; at < starts.length; at++) {
      const bucket = hash(bytes, starts[at] ?? 0) & mask;
      next[at] = buckets[bucket] ?? 0;
      buckets[bucket] = at + 1;
    }
    this.#names = names;
    this.#indexes = indexes;
    this.#starts = starts;
    this.#buckets = buckets;
    this.#next = next;
  }

  /** The symbols of this name, at most so many of them. */
  find(name: string, limit: number): number[] {
    if (name.length > longestName) return [];
    // A name that is not latin1 would be cut to other letters.
    const wanted = Buffer.from(`${name}\0`, 'latin1');
    if (name === '' || name.includes('\0') || wanted.toString('latin1') !== `${name}\0`) return [];
    const bytes = this.#names.bytes;
    const found: number[] = [];
    let link = this.#buckets[hash(wanted, 0) & (this.#buckets.length - 1)] ?? 0;
    while (link !== 0 && found.length < limit) {
      const at = this.#starts[link - 1] ?? 0;
      if (at + wanted.length <= bytes.length && bytes.compare(wanted, 0, wanted.length, at, at + wanted.length) === 0)
        found.push(this.#indexes[link - 1] ?? 0);
      link = this.#next[link - 1] ?? 0;
    }
    return found.reverse();
  }
}

/** FNV-1a up to the NUL. */
function hash(bytes: Uint8Array, at: number): number {
  let value = 0x811c9dc5;
  for (let i = at; i < at + hashedBytes; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0) break;
    value = Math.imul(value ^ byte, 0x01000193);
  }
  return (value ^ (value >>> 15)) >>> 0;
}
