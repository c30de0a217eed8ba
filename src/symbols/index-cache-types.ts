import type { KnownTypes, TypesToKnow } from '../btf/known-types.ts';
import type { BtfTypeId } from '../btf/type.ts';
import { hashOfName } from './index-cache-bytes.ts';
import type { IndexFile } from './index-cache-file.ts';
import type { PageWriter } from './index-cache-pages.ts';

// Of types, what would take going through all of the BTF: where each begins, and which have a name. What types are is
// read from the BTF itself.
//
// An entry of types, by the number of the first of some: the word that it begins at, and the words of each. The entry of
// `void`, which is nowhere: bytes of types and of strings, the number of types, whether enumerations tell signs, sections.
//
// An entry of names, by their hash: twice the number of each type of the name; of enumerations that have an enumerator
// of the name, one more.

/** Types of an entry: to find one, the lengths of those before it are added up. */
const together = 32;
/** Types of one hash. */
const mostOfHash = 65_536;
/** Sections of a kernel's BTF; most have one. */
const mostSections = 256;

/** What must be as it is in the BTF for the rest to be of use. */
type Facts = Pick<KnownTypes, 'typeBytes' | 'stringBytes' | 'count' | 'tellsSigns' | 'sections'>;

/** Writes what there is to know of the types of a file. */
export function writeTypes(known: TypesToKnow, types: PageWriter, names: PageWriter): void {
  const { typeBytes, stringBytes, tellsSigns, sections, starts } = known;
  if (sections.length > mostSections) return;
  const facts = types.entry(0);
  for (const number of [typeBytes, stringBytes, starts.length, Number(tellsSigns), ...sections]) facts.number(number);
  for (let first = 0; first + 1 < starts.length; first += together) {
    const into = types.entry(first + 1);
    into.number(starts[first] ?? 0);
    const end = Math.min(first + together, starts.length - 1);
    for (let each = first; each < end; each++) into.number((starts[each + 1] ?? 0) - (starts[each] ?? 0));
  }
  types.end();
  writeNames(known, names);
}

function writeNames({ names, enumerators }: TypesToKnow, writer: PageWriter): void {
  const byHash = new Map<number, number[]>();
  const add = (name: string, ids: readonly BtfTypeId[], isEnumerator: number): void => {
    const hash = hashOfName(name);
    const those = byHash.get(hash) ?? [];
    for (const id of ids) those.push(id * 2 + isEnumerator);
    byHash.set(hash, those);
  };
  for (const [name, ids] of names) add(name, ids, 0);
  for (const [name, ids] of enumerators) add(name, ids, 1);
  for (const hash of Uint32Array.from(byHash.keys()).sort()) {
    const numbers = byHash.get(hash) ?? [];
    const into = writer.entry(hash);
    // One that cannot be read is not known.
    for (const number of numbers.length > mostOfHash ? [] : numbers) into.number(number);
  }
  writer.end();
}

/** The types of an index; undefined if it has none. @param open gives the index, as long as it is there */
export function readTypes(open: () => IndexFile | undefined): KnownTypes | undefined {
  const file = open();
  if (file?.has('types') !== true) return undefined;
  const found = file.find('types', 0);
  if (found === undefined || found.page.keyOf(found.entry) !== 0) return undefined;
  const from = found.page.read(found.entry);
  const [typeBytes, stringBytes, count, tells] = [from.number(), from.number(), from.number(), from.number()];
  const sections: BtfTypeId[] = [];
  while (!from.isAtEnd && !from.failed && sections.length < mostSections) sections.push(from.number());
  if (from.failed) return undefined;
  return new CachedTypes(open, { typeBytes, stringBytes, count, tellsSigns: tells === 1, sections });
}

class CachedTypes implements KnownTypes {
  readonly typeBytes: number;
  readonly stringBytes: number;
  readonly count: number;
  readonly tellsSigns: boolean;
  readonly sections: readonly BtfTypeId[];
  readonly #open: () => IndexFile | undefined;

  constructor(open: () => IndexFile | undefined, { typeBytes, stringBytes, count, tellsSigns, sections }: Facts) {
    this.#open = open;
    this.typeBytes = typeBytes;
    this.stringBytes = stringBytes;
    this.count = count;
    this.tellsSigns = tellsSigns;
    this.sections = sections;
  }

  start(id: BtfTypeId): number | undefined {
    const found = this.#open()?.find('types', id);
    const first = found?.page.keyOf(found.entry) ?? 0;
    if (found === undefined || first === 0 || id - first >= together) return undefined;
    const from = found.page.read(found.entry);
    let at = from.number();
    for (let each = first; each < id; each++) at += from.number();
    return from.failed || from.isAtEnd ? undefined : at;
  }

  named(name: string): readonly BtfTypeId[] | undefined {
    return this.#withHash(name, 0);
  }

  withEnumerator(name: string): readonly BtfTypeId[] | undefined {
    return this.#withHash(name, 1);
  }

  #withHash(name: string, isEnumerator: number): readonly BtfTypeId[] | undefined {
    const file = this.#open();
    const hash = hashOfName(name);
    const found = file?.find('typeNames', hash);
    if (file === undefined || file.isDamaged) return undefined;
    const ids: BtfTypeId[] = [];
    if (found === undefined || found.page.keyOf(found.entry) !== hash) return ids;
    const from = found.page.read(found.entry);
    if (from.isAtEnd) return undefined;
    while (!from.isAtEnd && !from.failed) {
      const number = from.number();
      if (number % 2 === isEnumerator) ids.push((number - isEnumerator) / 2);
    }
    return from.failed ? undefined : ids;
  }
}
