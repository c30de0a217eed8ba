import { KtriageError } from '../util/errors.ts';
import { specificationStride } from './abbreviations.ts';
import { Attribute, Form, Tag } from './constants.ts';
import type { EntryReader, PlacedEntry } from './entry-reader.ts';
import { isStructure, type TypeReader, type TypeRef } from './type-reader.ts';
import type { Unit } from './unit.ts';

/** Kinds of types that are searched for by name. */
export type NamedKind = 'struct' | 'union' | 'enum' | 'typedef' | 'base';

const mostNames = 1024;
/** Bytes of `.debug_info` read at once. */
const windowBytes = 1 << 20;
/** Names are looked for in this many bytes of strings. */
const mostStrings = 1 << 26;
const mostOccurrences = 64;
/** More than a code and a reference. */
const overlap = 16;

/**
 * Finds types by name: in a unit, and the definition of what is only declared there in the other units. These are
 * searched for the bytes of the reference to the name, which is much faster than going through their entries.
 */
export class TypeSearch {
  readonly #entries: EntryReader;
  readonly #inUnit = new Map<string, number | undefined>();
  readonly #elsewhere = new Map<string, number | undefined>();

  constructor(entries: EntryReader) {
    this.#entries = entries;
  }

  /** The type of a name at the top of a unit: its definition, else where it is declared, else nothing. */
  inUnit(unit: Unit, name: string, kind: NamedKind): number | undefined {
    const key = `${unit.header.offset} ${kind} ${name}`;
    if (!this.#inUnit.has(key)) {
      if (this.#inUnit.size >= mostNames) {
        this.#inUnit.clear();
      }
      this.#inUnit.set(key, this.#findInUnit(unit, name, kind, false));
    }
    return this.#inUnit.get(key);
  }

  /**
   * The definition of a structure, union or enumeration that an entry declares, in whatever unit it is; undefined
   * where there is none. The first search for a name reads all of `.debug_info`.
   */
  definitionOf(declaration: PlacedEntry): number | undefined {
    const name = this.#entries.text(declaration, Attribute.name);
    const kind = kindOf(declaration.tag);
    if (name === undefined || kind === undefined) {
      return undefined;
    }
    const found = this.inUnit(declaration.unit, name, kind);
    if (found !== undefined && this.#isDefinition(found)) {
      return found;
    }
    const reference = declaration.attributes.get(Attribute.name);
    return this.#search(name, kind, reference?.form === Form.strp ? [reference.value] : undefined);
  }

  /** The definition of a type that may be only declared where it is used, in whatever unit it is; else the type itself. */
  resolve(types: TypeReader, ref: TypeRef): TypeRef {
    const plain = types.plain(ref);
    const type = types.type(plain);
    if (plain === undefined || type.kind !== 'structure' || !type.isDeclaration) {
      return ref;
    }
    const entry = this.#entries.at(plain);
    return (entry && this.definitionOf(entry)) ?? ref;
  }

  /** The definition of a name in whatever unit it is. */
  anywhere(name: string, kind: NamedKind): number | undefined {
    return this.#search(name, kind, undefined);
  }

  #isDefinition(offset: number): boolean {
    const entry = this.#entries.at(offset);
    return entry !== undefined && !this.#entries.flag(entry, Attribute.declaration);
  }

  #findInUnit(unit: Unit, name: string, kind: NamedKind, onlyDefinition: boolean): number | undefined {
    const root = this.#entries.root(unit);
    if (root === undefined) {
      return undefined;
    }
    let declared: number | undefined;
    for (const entry of this.#entries.children(root, ({ tag }) => kindOf(tag) === kind)) {
      if (this.#entries.text(entry, Attribute.name) !== name) {
        continue;
      }
      if (!this.#entries.flag(entry, Attribute.declaration)) {
        return entry.offset;
      }
      declared ??= entry.offset;
    }
    return onlyDefinition ? undefined : declared;
  }

  #search(name: string, kind: NamedKind, offsets: readonly number[] | undefined): number | undefined {
    const key = `${kind} ${name}`;
    if (!this.#elsewhere.has(key)) {
      if (this.#elsewhere.size >= mostNames) {
        this.#elsewhere.clear();
      }
      this.#elsewhere.set(key, this.#searchAll(name, kind, offsets ?? this.#stringOffsets(name)));
    }
    return this.#elsewhere.get(key);
  }

  /** Goes through `.debug_info` for references to the name, and looks whether the unit with one defines it. */
  #searchAll(name: string, kind: NamedKind, offsets: readonly number[]): number | undefined {
    const { store } = this.#entries;
    const section = store.set.get('info');
    if (section === undefined) {
      return undefined;
    }
    const patterns = offsets.map((offset) => {
      const pattern = Buffer.alloc(4);
      if (store.set.littleEndian) pattern.writeUInt32LE(offset >>> 0);
      else pattern.writeUInt32BE(offset >>> 0);
      return pattern;
    });
    if (name.length < 4) {
      // Short names stand in place.
      patterns.push(Buffer.from(`${name}\0`, 'latin1'));
    }
    const buffer = Buffer.alloc(windowBytes);
    const tried = new Set<number>();
    for (let at = 0; at < section.size; at += windowBytes - overlap) {
      const part = buffer.subarray(0, section.readInto(buffer, at));
      for (const pattern of patterns) {
        for (let hit = part.indexOf(pattern); hit >= 0; hit = part.indexOf(pattern, hit + 1)) {
          const found = this.#definitionBefore(part, hit, at, name, kind, tried);
          if (found !== undefined) {
            return found;
          }
        }
      }
    }
    // Where names are indexes (clang), nothing can be searched for.
    return store.set.get('str_offsets') === undefined ? undefined : this.#searchUnits(name, kind);
  }

  /**
   * The definition of a type whose name is referred to at `hit` in a part of `.debug_info`: all compilers write the
   * name first, so that the entry's code stands before it.
   */
  #definitionBefore(
    part: Uint8Array,
    hit: number,
    base: number,
    name: string,
    kind: NamedKind,
    tried: Set<number>,
  ): number | undefined {
    for (const length of [1, 2]) {
      const first = part[hit - length] ?? 0;
      const second = part[hit - 1] ?? 0;
      const code = length === 1 ? first : (first & 0x7f) | (second << 7);
      if (code === 0 || second >= 0x80 || (length === 2 && first < 0x80)) {
        continue;
      }
      const offset = base + hit - length;
      const unit = this.#unitAround(offset);
      const table = unit?.abbreviations;
      const index = table?.indexOf(code) ?? -1;
      if (unit === undefined || table === undefined || index < 0 || kindOf(table.tag(index)) !== kind) {
        continue;
      }
      const specification = table.specification(index);
      const isDeclared = specification.some(
        (each, nth) => nth % specificationStride === 0 && each === Attribute.declaration,
      );
      if (isDeclared || specification[0] !== Attribute.name) {
        continue;
      }
      // The bytes may be of something else: only going through the entries tells.
      if (tried.has(unit.header.offset)) {
        continue;
      }
      tried.add(unit.header.offset);
      const found = this.#findInUnit(unit, name, kind, true);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  #searchUnits(name: string, kind: NamedKind): number | undefined {
    for (const header of this.#entries.store.headers()) {
      const found = this.#findInUnit(this.#entries.store.unit(header.offset), name, kind, true);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  #unitAround(offset: number): Unit | undefined {
    try {
      return this.#entries.store.unitAround(offset);
    } catch (error) {
      // Bytes of a header that look like a name.
      if (error instanceof KtriageError) {
        return undefined;
      }
      throw error;
    }
  }

  /** Where a name stands in `.debug_str`: on its own, and at the end of others, which linkers share. */
  #stringOffsets(name: string): readonly number[] {
    const section = this.#entries.store.set.get('str');
    const found: number[] = [];
    if (section === undefined || name === '') {
      return found;
    }
    const pattern = Buffer.from(`${name}\0`, 'utf8');
    const buffer = Buffer.alloc(windowBytes);
    const step = windowBytes - pattern.length - 1;
    if (step <= 0) {
      return found;
    }
    for (let at = 0; at < Math.min(section.size, mostStrings); at += step) {
      const part = buffer.subarray(0, section.readInto(buffer, at));
      for (let hit = part.indexOf(pattern); hit >= 0; hit = part.indexOf(pattern, hit + 1)) {
        const isAlone = at + hit === 0 || (hit > 0 && part[hit - 1] === 0);
        if (isAlone) {
          // A string of its own is the only one: what is the same is kept once.
          return [at + hit];
        }
        if (found.length < mostOccurrences && !found.includes(at + hit)) {
          found.push(at + hit);
        }
      }
    }
    return found;
  }
}

function kindOf(tag: number): NamedKind | undefined {
  if (isStructure(tag)) {
    return tag === Tag.unionType ? 'union' : 'struct';
  }
  switch (tag) {
    case Tag.enumerationType:
      return 'enum';
    case Tag.typedef:
      return 'typedef';
    case Tag.baseType:
      return 'base';
    default:
      return undefined;
  }
}
