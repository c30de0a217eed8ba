import type { ElfFile } from '../elf/elf-file.ts';
import { Kind } from './format.ts';
import { readParts } from './header.ts';
import type { TypesToKnow } from './known-types.ts';
import { mostFound } from './name-index.ts';
import { readSource } from './open-btf.ts';
import { BtfStrings, longestText } from './strings.ts';
import type { BtfTypeId } from './type.ts';
import { readTypeTable } from './type-table.ts';
import { WholeSegment } from './whole-segment.ts';

/**
 * Goes through all types of a kernel's file, which takes a tenth of a second. Undefined where names would not be found in the
 * same way as in the BTF itself: it is damaged, continues other types, or was not written as libbpf writes it.
 * @throws KtriageError KT-BTF-*, KT-ELF-*
 */
export function typesToKnow(elf: ElfFile): TypesToKnow | undefined {
  const source = readSource(elf);
  const parts = readParts(source.name, source.bytes);
  const table = readTypeTable(parts);
  if (source.base !== undefined || parts.strings[0] !== 0 || table.problem !== undefined) return undefined;
  const strings = new BtfStrings(parts.strings);
  const segment = new WholeSegment(1, table, strings, (raw) => raw);
  const names = new NameCollector(strings);
  const enumerators = new NameCollector(strings);
  for (let index = 0; index < table.count; index++) {
    const id = segment.first + index;
    names.add(table.word(table.start(index)), id, mostFound);
    for (const offset of segment.enumeratorNames(index)) enumerators.add(offset, id, Number.POSITIVE_INFINITY);
  }
  const starts = new Uint32Array(table.count + 1);
  starts.set(table.starts);
  starts[table.count] = table.words.length;
  if (names.isOdd || enumerators.isOdd) return undefined;
  return {
    typeBytes: parts.types.length,
    stringBytes: parts.strings.length,
    tellsSigns: segment.tellsSigns,
    sections: segment.ofKinds([Kind.section]).map((index) => segment.first + index),
    starts,
    names: names.types,
    enumerators: enumerators.types,
  };
}

/** Collects types by names, which are given by where they are. */
class NameCollector {
  readonly types = new Map<string, BtfTypeId[]>();
  /** Whether there was a name that is there twice, is the end of another, is empty, or was cut. */
  isOdd = false;
  readonly #strings: BtfStrings;
  readonly #byOffset = new Map<number, BtfTypeId[]>();

  constructor(strings: BtfStrings) {
    this.#strings = strings;
  }

  /** Takes a type with a name, where that has not so many yet. Types come in their order. */
  add(offset: number, id: BtfTypeId, most: number): void {
    if (offset === 0) return;
    const types = this.#byOffset.get(offset) ?? this.#begin(offset);
    if (types.length < most && types.at(-1) !== id) types.push(id);
  }

  #begin(offset: number): BtfTypeId[] {
    const name = this.#strings.text(offset);
    const types: BtfTypeId[] = [];
    if (name === '' || this.types.has(name) || !this.#strings.beginsAt(offset) || name.length >= longestText)
      this.isOdd = true;
    this.types.set(name, types);
    this.#byOffset.set(offset, types);
    return types;
  }
}
