import { kindCount, kindLayout, kindOf, typeWords } from './format.ts';
import type { BtfParts } from './header.ts';

/** Where the types of one piece of BTF are, counted from 0, and what is there. */
export interface TypeTable {
  readonly count: number;
  /** The first word of a type; 0 of one that there is not. */
  start(index: number): number;
  /** A word of the types, in the order of bytes of this machine; 0 behind the last one. */
  word(at: number): number;
}

/** A table of all types. */
export class WholeTable implements TypeTable {
  readonly words: Uint32Array;
  /** The first word of each type. */
  readonly starts: Uint32Array;
  /** Why there may be more types than these. */
  readonly problem: string | undefined;

  constructor(words: Uint32Array, starts: Uint32Array, problem?: string) {
    this.words = words;
    this.starts = starts;
    this.problem = problem;
  }

  get count(): number {
    return this.starts.length;
  }

  start(index: number): number {
    return this.starts[index] ?? 0;
  }

  word(at: number): number {
    return this.words[at] ?? 0;
  }
}

export const isLittleHost = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const unknown = 0xff;

/** Finds the beginnings of all types; those behind one whose length cannot be known are left out. */
export function readTypeTable({ types, layout, littleEndian }: BtfParts): WholeTable {
  const words = wordsOf(types, littleEndian);
  const { fixed, perElement } = lengths(layout);
  const end = words.length;
  const starts = new Uint32Array(Math.floor(end / typeWords));
  let count = 0;
  let at = 0;
  // Runs once over all types, mostly before it is compiled: without calls, whatever they are named.
  while (at < end) {
    const info = words[at + 1] ?? 0;
    const kind = (info >>> 24) & 0x7f;
    const each = perElement[kind] ?? unknown;
    const next = at + (fixed[kind] ?? 0) + (info & 0xffffff) * each;
    if (each === unknown || next > end) break;
    starts[count] = at;
    count += 1;
    at = next;
  }
  const problem = at < end ? problemAt(words, at, count, perElement) : undefined;
  return new WholeTable(words, starts.slice(0, count), problem);
}

/** Why the types end before all words do. */
function problemAt(words: Uint32Array, at: number, count: number, perElement: Uint8Array): string {
  const kind = kindOf(words[at + 1] ?? 0);
  const why =
    perElement[kind] === unknown
      ? `kind ${kind} is not known, nor its length`
      : `one of kind ${kind} reaches beyond the end`;
  return `types behind the first ${count} (from byte ${at * 4} of ${words.length * 4}) are left out: ${why}`;
}

/** All of a type is made of words of 4 bytes, so that bytes of the other order can be turned at once. */
function wordsOf(bytes: Uint8Array, littleEndian: boolean): Uint32Array {
  const count = Math.floor(bytes.length / 4);
  if (littleEndian === isLittleHost && bytes.byteOffset % 4 === 0)
    return new Uint32Array(bytes.buffer, bytes.byteOffset, count);
  const copy = Buffer.alloc(count * 4);
  copy.set(bytes.subarray(0, count * 4));
  if (littleEndian !== isLittleHost) copy.swap32();
  return new Uint32Array(copy.buffer, copy.byteOffset, count);
}

/**
 * Words of each kind. What is not known here may be told by the BTF itself (`struct btf_layout`: bytes of the type, bytes
 * of each element, flags; since 7.1).
 */
function lengths(layout: Uint8Array): { fixed: Uint8Array; perElement: Uint8Array } {
  const fixed = new Uint8Array(kindCount);
  const perElement = new Uint8Array(kindCount).fill(unknown);
  for (let kind = 1; kind < kindCount; kind++) {
    const known = kindLayout(kind);
    const [info = 1, element = 1] = layout.subarray(kind * 4, kind * 4 + 4);
    if (known !== undefined) {
      fixed[kind] = typeWords + known.words;
      perElement[kind] = known.elementWords;
    } else if (info % 4 === 0 && element % 4 === 0) {
      fixed[kind] = typeWords + info / 4;
      perElement[kind] = element / 4;
    }
  }
  return { fixed, perElement };
}
