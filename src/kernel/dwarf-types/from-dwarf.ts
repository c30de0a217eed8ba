import { Btf } from '../../btf/btf.ts';
import { Attribute, Tag } from '../../dwarf/constants.ts';
import type { DebugInfoParts } from '../../dwarf/debug-info.ts';
import { EntryReader } from '../../dwarf/entry-reader.ts';
import { type Member, type Type, TypeReader, type TypeRef } from '../../dwarf/type-reader.ts';
import type { Unit } from '../../dwarf/unit.ts';
import { type WrittenMember, type WrittenType, writeBtf } from './btf-writer.ts';
import { isWantedUnit } from './sources.ts';

/** All types of a distribution's kernel are 150,000. */
const mostTypes = 1 << 19;
/** Longer chains of qualifiers are cycles. */
const longestChain = 64;
/** Units that are read. */
const mostUnits = 64;
/** `BTF_INT_SIGNED`, `BTF_INT_CHAR`, `BTF_INT_BOOL` (include/uapi/linux/btf.h). */
const encodings: Readonly<Record<string, number>> = { signed: 1, character: 3, 'unsigned-character': 2, boolean: 4 };
/** What has a name that is the same in all units. */
const seeds: readonly number[] = [Tag.structureType, Tag.unionType, Tag.enumerationType, Tag.typedef];

/**
 * The types of a kernel without BTF, of its debug information: those of the units that have what is read of a kernel, as
 * BTF. Undefined where there are none. It takes a second, and some 10 MB that are kept.
 */
export function typesOfDebugInfo(name: string, { store, problems }: DebugInfoParts): Btf | undefined {
  const entries = new EntryReader(store);
  const types = new Types(new TypeReader(entries));
  problems.guard(() => {
    let left = mostUnits;
    for (const header of store.headers()) {
      const unit = problems.guard(() => store.rootOnly(header));
      if (unit?.name === undefined || !isWantedUnit(unit.name)) continue;
      if (left-- <= 0) return;
      problems.guard(() => types.add(store.unit(header.offset)));
    }
  });
  if (!types.hasAny) return undefined;
  return Btf.open({ name: `the debug information of ${name}`, bytes: writeBtf(types.list()), pointerSize: 8 });
}

type Written = Exclude<WrittenType, { readonly kind: 'forward' }>;

/** A type that has its number, and is what it is later. */
interface Slot {
  type: WrittenType;
}

/** Types of all units, those of the same name and size once. */
class Types {
  readonly #reader: TypeReader;
  readonly #slots: Slot[] = [];
  /** Numbers by offsets in `.debug_info`. */
  readonly #byOffset = new Map<number, number>();
  /** Of structures, enumerations, typedefs and base types by their names. */
  readonly #byName = new Map<string, number>();
  /** What is still to be read. */
  #queue: { readonly ref: number; readonly slot: Slot }[] = [];
  #index: number | undefined;

  constructor(reader: TypeReader) {
    this.#reader = reader;
  }

  get hasAny(): boolean {
    return this.#slots.length > 0;
  }

  list(): WrittenType[] {
    return this.#slots.map(({ type }) => type);
  }

  /** All types that a unit has at its top, and what these are made of. */
  add(unit: Unit): void {
    const { entries } = this.#reader;
    const root = entries.root(unit);
    if (root === undefined) return;
    const offsets: number[] = [];
    for (const entry of entries.children(root, ({ tag }) => seeds.includes(tag)))
      if (entry.attributes.has(Attribute.name) && !entries.flag(entry, Attribute.declaration))
        offsets.push(entry.offset);
    for (const offset of offsets) {
      this.#number(offset);
      this.#drain();
    }
  }

  #drain(): void {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop())
      next.slot.type = this.#written(next.ref);
  }

  /** The number of a type; new ones are queued. */
  #number(ref: TypeRef): number {
    if (ref === undefined) return 0;
    const known = this.#byOffset.get(ref);
    if (known !== undefined) return known;
    const at = this.#withoutRareQualifiers(ref);
    const type = this.#reader.type(at);
    const number = at === undefined ? 0 : (this.#named(at, type) ?? this.#queued(at, forward('', false)));
    this.#byOffset.set(ref, number);
    return number;
  }

  /** What is behind the qualifiers that BTF does not have. */
  #withoutRareQualifiers(ref: TypeRef): TypeRef {
    let at = ref;
    for (let length = 0; length < longestChain; length++) {
      const type = this.#reader.type(at);
      if (type.kind !== 'qualified' || qualifierKind(type.qualifier) !== undefined) return at;
      at = type.target;
    }
    return undefined;
  }

  /** What has a name is there once; what is only declared is what it was defined as, here or elsewhere. */
  #named(ref: number, type: Type): number | undefined {
    const key = keyOf(type);
    if (key === undefined) return undefined;
    const known = this.#byName.get(key);
    const slot = known === undefined ? undefined : this.#slots[known - 1];
    const isDeclared = type.kind === 'structure' && type.isDeclaration;
    if (known === undefined || slot === undefined) {
      const number = isDeclared
        ? this.#push(forward(key.slice(key.indexOf(' ') + 1), type.keyword === 'union'))
        : this.#queued(ref, { kind: 'typedef', name: '', target: 0 });
      this.#byName.set(key, number);
      return number;
    }
    if (isDeclared) return known;
    if (slot.type.kind === 'forward') {
      slot.type = { kind: 'typedef', name: '', target: 0 };
      this.#queue.push({ ref, slot });
      return known;
    }
    // Files may have structures of their own by the name of another's.
    return isSame(slot.type, type) ? known : undefined;
  }

  #queued(ref: number, type: WrittenType): number {
    const number = this.#push(type);
    const slot = this.#slots[number - 1];
    if (slot !== undefined) this.#queue.push({ ref, slot });
    return number;
  }

  #push(type: WrittenType): number {
    if (this.#slots.length >= mostTypes) return 0;
    return this.#slots.push({ type });
  }

  #written(ref: number): Written {
    const type = this.#reader.type(ref);
    switch (type.kind) {
      case 'base':
        return type.encoding === 'float'
          ? { kind: 'float', name: type.name, size: type.size }
          : { kind: 'int', name: type.name, size: type.size, encoding: encodings[type.encoding] ?? 0 };
      case 'pointer':
        return { kind: 'pointer', target: this.#number(type.target) };
      case 'structure':
        return {
          kind: type.keyword === 'union' ? 'union' : 'struct',
          name: type.name ?? '',
          size: type.size ?? 0,
          members: this.#reader.members(ref).map((member) => this.#member(member)),
        };
      case 'enumeration':
        return {
          kind: 'enum',
          name: type.name ?? '',
          size: type.size ?? this.#reader.sizeOf(ref) ?? 4,
          values: this.#reader.enumerators(ref),
        };
      case 'array':
        return this.#array(type.element, type.counts);
      case 'function':
        return {
          kind: 'prototype',
          result: this.#number(type.result),
          parameters: type.parameters.map((each) => this.#number(each)),
        };
      case 'typedef':
        return { kind: 'typedef', name: type.name, target: this.#number(type.target) };
      case 'qualified':
        return { kind: qualifierKind(type.qualifier) ?? 'const', target: this.#number(type.target) };
      case 'void':
      case 'other':
        return { kind: 'struct', name: '', size: type.kind === 'other' ? (type.size ?? 0) : 0, members: [] };
    }
  }

  #member({ name = '', type, offset, bits }: Member): WrittenMember {
    return {
      name,
      type: this.#number(type),
      offset: offset * 8 + (bits?.first ?? 0),
      bits: bits?.count ?? 0,
    };
  }

  /** Those of several dimensions are arrays of arrays. */
  #array(element: TypeRef, counts: readonly (number | undefined)[]): Written {
    this.#index ??= this.#push({ kind: 'int', name: 'array index', size: 4, encoding: 0 });
    const index = this.#index;
    let inner = this.#number(element);
    for (const count of counts.slice(1).reverse())
      inner = this.#push({ kind: 'array', element: inner, index, count: clamped(count) });
    return { kind: 'array', element: inner, index, count: clamped(counts[0]) };
  }
}

const forward = (name: string, isUnion: boolean): WrittenType => ({ kind: 'forward', name, isUnion });

const clamped = (count = 0): number => Math.min(Math.max(count, 0), 0xffff_ffff);

function qualifierKind(qualifier: string): 'const' | 'volatile' | 'restrict' | undefined {
  return qualifier === 'const' || qualifier === 'volatile' || qualifier === 'restrict' ? qualifier : undefined;
}

/** A type's kind and name, if it has one. */
function keyOf(type: Type): string | undefined {
  switch (type.kind) {
    case 'structure':
      return type.name === undefined ? undefined : `${type.keyword === 'union' ? 'union' : 'struct'} ${type.name}`;
    case 'enumeration':
      return type.name === undefined ? undefined : `enum ${type.name}`;
    case 'typedef':
    case 'base':
      return `${type.kind} ${type.name}`;
    default:
      return undefined;
  }
}

/** Whether a type of the same kind and name is taken for the same; what is still to be read is. */
function isSame(slot: WrittenType, type: Type): boolean {
  if (type.kind === 'structure' && (slot.kind === 'struct' || slot.kind === 'union')) return slot.size === type.size;
  return true;
}
