import { elementsOf, Kind, typeWords } from './format.ts';
import { NameIndex } from './name-index.ts';
import { mostEnumerators, Segment, type SegmentTraits } from './segment.ts';
import type { BtfStrings } from './strings.ts';
import type { BtfTypeId } from './type.ts';
import type { WholeTable } from './type-table.ts';

/** A segment of which everything is in memory: it can be searched. */
export class WholeSegment extends Segment {
  readonly #whole: WholeTable;
  readonly #names: BtfStrings;
  #byName: NameIndex | undefined;
  #enumerations: readonly number[] | undefined;

  /** @param reference as of a segment */
  constructor(
    first: BtfTypeId,
    table: WholeTable,
    strings: BtfStrings,
    reference: (raw: number) => BtfTypeId,
    traits: SegmentTraits = {},
  ) {
    super(first, table, strings, reference, traits);
    this.#whole = table;
    this.#names = strings;
  }

  /** Types of that name, in their order. */
  named(name: string): BtfTypeId[] {
    this.#byName ??= new NameIndex(this.#whole);
    const byName = this.#byName;
    return this.#names.offsetsOf(name).flatMap((offset) => byName.find(offset).map((index) => this.first + index));
  }

  /** Enumerations that have one of these names, told without reading any. */
  withEnumerator(offsets: readonly number[]): BtfTypeId[] {
    if (offsets.length === 0) return [];
    this.#enumerations ??= this.ofKinds([Kind.enum, Kind.enum64]);
    return this.#enumerations.filter((index) => this.#hasEnumerator(index, offsets)).map((index) => this.first + index);
  }

  /** Types of some kinds (numbers of the format), counted from 0. */
  ofKinds(kinds: readonly number[]): readonly number[] {
    const found: number[] = [];
    for (let index = 0; index < this.count; index++) if (kinds.includes(this.kind(index))) found.push(index);
    return found;
  }

  /** Where the names of enumerators are among the strings; none of what is no enumeration. */
  enumeratorNames(index: number): number[] {
    const kind = this.kind(index);
    if (kind !== Kind.enum && kind !== Kind.enum64) return [];
    const { words } = this.#whole;
    const found: number[] = [];
    const { start, end, step } = this.#enumeratorWords(index);
    for (let each = start; each < end; each += step) found.push(words[each] ?? 0);
    return found;
  }

  #hasEnumerator(index: number, offsets: readonly number[]): boolean {
    const { words } = this.#whole;
    const { start, end, step } = this.#enumeratorWords(index);
    for (let each = start; each < end; each += step) if (offsets.includes(words[each] ?? 0)) return true;
    return false;
  }

  #enumeratorWords(index: number): { start: number; end: number; step: number } {
    const { words, starts } = this.#whole;
    const at = starts[index] ?? 0;
    const step = this.kind(index) === Kind.enum64 ? 3 : 2;
    const start = at + typeWords;
    return { start, end: start + Math.min(elementsOf(words[at + 1] ?? 0), mostEnumerators) * step, step };
  }
}
