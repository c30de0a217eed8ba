import type { WholeTable } from './type-table.ts';

/** Types of one name: some files of a kernel have structures of their own. */
export const mostFound = 1024;

/** Types by where their name is: no name is read for it, so that it costs some milliseconds. */
export class NameIndex {
  readonly #table: WholeTable;
  /** For every bucket the first type in it and one; 0 is the end. */
  readonly #buckets: Uint32Array;
  readonly #next: Uint32Array;

  constructor(table: WholeTable) {
    const { words, starts } = table;
    const buckets = new Uint32Array(2 ** Math.ceil(Math.log2(starts.length + 1)));
    const next = new Uint32Array(starts.length);
    // From the last, so that those of one name are in their order.
    for (let at = starts.length - 1; at >= 0; at--) {
      const name = words[starts[at] ?? 0] ?? 0;
      if (name === 0) continue;
      const bucket = hash(name) & (buckets.length - 1);
      next[at] = buckets[bucket] ?? 0;
      buckets[bucket] = at + 1;
    }
    this.#table = table;
    this.#buckets = buckets;
    this.#next = next;
  }

  /** The types, counted from 0, whose name is at that offset; the first of too many. */
  find(name: number): number[] {
    const { words, starts } = this.#table;
    const found: number[] = [];
    let link = this.#buckets[hash(name) & (this.#buckets.length - 1)] ?? 0;
    while (link !== 0 && found.length < mostFound) {
      if (words[starts[link - 1] ?? 0] === name) found.push(link - 1);
      link = this.#next[link - 1] ?? 0;
    }
    return found;
  }
}

function hash(offset: number): number {
  const mixed = Math.imul(offset, 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
