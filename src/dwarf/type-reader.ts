import { Attribute, Form, Tag } from './constants.ts';
import type { EntryReader, PlacedEntry } from './entry-reader.ts';
import { evaluateNumber } from './expression-evaluate.ts';
import type { ExpressionType } from './expression-value.ts';
import type { FormValue } from './forms.ts';
import { TypeNames } from './type-name.ts';

/** A type by the offset of its entry in `.debug_info`; undefined stands for `void`. */
export type TypeRef = number | undefined;

/** What a base type's bits mean (7.8). */
export type BaseEncoding = 'signed' | 'unsigned' | 'boolean' | 'character' | 'unsigned-character' | 'float' | 'other';

/** Types as C has them; those of other languages are the nearest. */
export type Type =
  | { readonly kind: 'void' }
  | { readonly kind: 'base'; readonly name: string; readonly size: number; readonly encoding: BaseEncoding }
  | {
      readonly kind: 'pointer';
      readonly target: TypeRef;
      readonly size: number;
      /** A reference of C++ is `&`, one to a value that goes away `&&`. */
      readonly mark: '*' | '&' | '&&';
    }
  | {
      readonly kind: 'structure';
      readonly keyword: 'struct' | 'union' | 'class';
      /** Missing where it has none. */
      readonly name?: string;
      /** Bytes; missing where only its name is known here. */
      readonly size?: number;
      /** Only its name is known here. */
      readonly isDeclaration: boolean;
    }
  | { readonly kind: 'enumeration'; readonly name?: string; readonly size?: number; readonly target: TypeRef }
  | {
      readonly kind: 'array';
      readonly element: TypeRef;
      /** Elements by dimension; undefined where it is open (a flexible member) or not constant. */
      readonly counts: readonly (number | undefined)[];
    }
  | {
      readonly kind: 'function';
      readonly result: TypeRef;
      readonly parameters: readonly TypeRef[];
      readonly isVariadic: boolean;
      readonly isPrototyped: boolean;
    }
  | { readonly kind: 'typedef'; readonly name: string; readonly target: TypeRef }
  | { readonly kind: 'qualified'; readonly qualifier: string; readonly target: TypeRef }
  | { readonly kind: 'other'; readonly name: string; readonly size?: number };

/** A member of a structure or union. */
export interface Member {
  /** Missing of anonymous structures and unions. */
  readonly name?: string;
  readonly type: TypeRef;
  /** Bytes from the start of the structure; of a bit field those of its first bit. */
  readonly offset: number;
  /** Of a bit field: its first bit within the byte at `offset`, from the low end in little endian, and how many. */
  readonly bits?: { readonly first: number; readonly count: number };
  /** One of several, of which an enumeration of Rust has one at a time. */
  readonly isVariant?: true;
  /** What a structure of C++ is derived from. */
  readonly isBase?: true;
}

/** Typedefs of typedefs, and qualifiers, are some deep; what is deeper is a cycle. */
const longestChain = 64;
const mostDimensions = 32;
/** The largest structures of kernels have some thousand. */
const mostMembers = 1 << 16;
const mostParameters = 1024;
const mostKept = 4096;

/** `DW_ATE_*` (7.8). */
const encodings: Readonly<Record<number, BaseEncoding>> = {
  1: 'unsigned', // an address
  2: 'boolean',
  4: 'float',
  5: 'signed',
  6: 'character',
  7: 'unsigned',
  8: 'unsigned-character',
  16: 'unsigned-character', // UTF
};

const qualifiers: Readonly<Record<number, string>> = {
  [Tag.constType]: 'const',
  [Tag.volatileType]: 'volatile',
  [Tag.restrictType]: 'restrict',
  [Tag.atomicType]: '_Atomic',
  [Tag.packedType]: '',
  [Tag.immutableType]: '',
};

/** Reads types by the offsets of their entries. What is damaged throws KT-DWARF-*; cycles end. */
export class TypeReader {
  readonly entries: EntryReader;
  readonly #addressSize: number;
  readonly #types = new Map<number, Type>();
  readonly #members = new Map<number, readonly Member[]>();
  readonly #names: TypeNames;

  constructor(entries: EntryReader) {
    this.entries = entries;
    this.#addressSize = entries.store.set.addressSize;
    this.#names = new TypeNames(this);
  }

  /** As C writes it: `struct foo *`, `const char (*)[4]`, `void (*)(struct work_struct *)`. */
  name(ref: TypeRef): string {
    return this.#names.of(ref);
  }

  /** The type itself. */
  type(ref: TypeRef): Type {
    if (ref === undefined) {
      return { kind: 'void' };
    }
    const known = this.#types.get(ref);
    if (known !== undefined) {
      return known;
    }
    const entry = this.entries.at(ref);
    const type: Type = entry === undefined ? { kind: 'other', name: '?' } : this.#make(entry);
    if (this.#types.size >= mostKept) {
      this.#types.clear();
    }
    this.#types.set(ref, type);
    return type;
  }

  /** The type behind typedefs and qualifiers. */
  plain(ref: TypeRef): TypeRef {
    let at = ref;
    for (let length = 0; length < longestChain; length++) {
      const type = this.type(at);
      if (type.kind !== 'typedef' && type.kind !== 'qualified') {
        return at;
      }
      at = type.target;
    }
    return at;
  }

  /** Bytes of an object of a type; undefined where that is not known, as of functions and what is only declared. */
  sizeOf(ref: TypeRef): number | undefined {
    const size = this.#sizeOf(ref);
    return size !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
  }

  #sizeOf(ref: TypeRef): number | undefined {
    let at = ref;
    let factor = 1;
    for (let length = 0; length < longestChain; length++) {
      const type = this.type(at);
      switch (type.kind) {
        case 'base':
        case 'pointer':
          return type.size * factor;
        case 'structure':
        case 'other':
          return type.size === undefined ? undefined : type.size * factor;
        case 'enumeration':
          if (type.size !== undefined) {
            return type.size * factor;
          }
          at = type.target;
          if (at === undefined) {
            return undefined;
          }
          break;
        case 'array':
          for (const count of type.counts) {
            if (count === undefined) {
              return undefined;
            }
            factor *= count;
          }
          at = type.element;
          break;
        case 'typedef':
        case 'qualified':
          at = type.target;
          break;
        case 'void':
        case 'function':
          return undefined;
      }
    }
    return undefined;
  }

  /** Members in their order; none of what is no structure, or only declared. */
  members(ref: TypeRef): readonly Member[] {
    const at = this.plain(ref);
    if (at === undefined) {
      return [];
    }
    const known = this.#members.get(at);
    if (known !== undefined) {
      return known;
    }
    const entry = this.entries.at(at);
    const members = entry === undefined || !isStructure(entry.tag) ? [] : this.#readMembers(entry);
    if (this.#members.size >= mostKept) {
      this.#members.clear();
    }
    this.#members.set(at, members);
    return members;
  }

  /** The constants of an enumeration. */
  enumerators(ref: TypeRef): readonly { readonly name: string; readonly value: bigint }[] {
    const at = this.plain(ref);
    const entry = at === undefined ? undefined : this.entries.at(at);
    const found: { name: string; value: bigint }[] = [];
    if (entry?.tag !== Tag.enumerationType) {
      return found;
    }
    for (const child of this.entries.children(entry, ({ tag }) => tag === Tag.enumerator)) {
      const value = child.attributes.get(Attribute.constValue);
      const constant = value && this.entries.constant(child, value);
      if (constant !== undefined && found.length < mostMembers) {
        found.push({ name: this.entries.text(child, Attribute.name) ?? '', value: constant });
      }
    }
    return found;
  }

  /** What expressions compute with, of the base type at an offset of `.debug_info`. */
  expressionType(ref: number): ExpressionType | undefined {
    const type = this.type(ref);
    if (type.kind !== 'base') {
      return undefined;
    }
    const { size, encoding } = type;
    const isSigned = encoding === 'signed' || encoding === 'character';
    return { size, kind: encoding === 'float' ? 'float' : isSigned ? 'signed' : 'unsigned' };
  }

  /** What is as long as its type says, though it may be of another. */
  #make(entry: PlacedEntry): Type {
    const { entries } = this;
    const { tag } = entry;
    const target = entries.reference(entry, Attribute.type);
    const name = entries.text(entry, Attribute.name);
    const size = entries.number(entry, Attribute.byteSize);
    switch (tag) {
      case Tag.baseType:
        return {
          kind: 'base',
          name: name ?? '?',
          size: size ?? Math.ceil((entries.number(entry, Attribute.bitSize) ?? 0) / 8),
          encoding: encodings[entries.number(entry, Attribute.encoding) ?? 0] ?? 'other',
        };
      case Tag.pointerType:
      case Tag.referenceType:
      case Tag.rvalueReferenceType:
        return {
          kind: 'pointer',
          target,
          size: size ?? this.#addressSize,
          mark: tag === Tag.pointerType ? '*' : tag === Tag.referenceType ? '&' : '&&',
        };
      case Tag.structureType:
      case Tag.unionType:
      case Tag.classType:
        return {
          kind: 'structure',
          keyword: tag === Tag.structureType ? 'struct' : tag === Tag.unionType ? 'union' : 'class',
          ...(name !== undefined && { name: this.#names.inScope(entry, name) }),
          ...(size !== undefined && { size }),
          isDeclaration: entries.flag(entry, Attribute.declaration),
        };
      case Tag.enumerationType:
        return {
          kind: 'enumeration',
          target,
          ...(name !== undefined && { name: this.#names.inScope(entry, name) }),
          ...(size !== undefined && { size }),
        };
      case Tag.arrayType:
        return { kind: 'array', element: target, counts: this.#counts(entry) };
      case Tag.subroutineType:
      case Tag.subprogram:
        return this.#function(entry, target);
      case Tag.typedef:
        return { kind: 'typedef', name: this.#names.inScope(entry, name ?? '?'), target };
      default: {
        const qualifier = qualifiers[tag];
        if (qualifier !== undefined) {
          return { kind: 'qualified', qualifier, target };
        }
        return { kind: 'other', name: name ?? '?', ...(size !== undefined && { size }) };
      }
    }
  }

  #function(entry: PlacedEntry, result: TypeRef): Type {
    const parameters: TypeRef[] = [];
    let isVariadic = false;
    const wanted = [Tag.formalParameter, Tag.unspecifiedParameters] as readonly number[];
    for (const child of this.entries.children(entry, ({ tag }) => wanted.includes(tag))) {
      if (child.tag === Tag.unspecifiedParameters) {
        isVariadic = true;
      } else if (parameters.length < mostParameters) {
        parameters.push(this.entries.reference(child, Attribute.type));
      }
    }
    const isPrototyped = this.entries.flag(entry, Attribute.prototyped);
    return { kind: 'function', result, parameters, isVariadic, isPrototyped };
  }

  #counts(entry: PlacedEntry): (number | undefined)[] {
    const { entries } = this;
    const counts: (number | undefined)[] = [];
    for (const child of entries.children(entry, ({ tag }) => tag === Tag.subrangeType)) {
      const count = entries.number(child, Attribute.count);
      const upper = child.attributes.get(Attribute.upperBound);
      const lower = entries.number(child, Attribute.lowerBound) ?? 0;
      const bound = upper && entries.constant(child, upper);
      if (count !== undefined) {
        counts.push(count);
      } else if (bound === undefined) {
        counts.push(undefined);
      } else {
        // An array of none may say that its last index is -1, in whatever size.
        const last = isAllOnes(bound) ? -1 : Number(bound);
        counts.push(Math.max(0, last - lower + 1));
      }
      if (counts.length >= mostDimensions) {
        break;
      }
    }
    return counts.length === 0 ? [undefined] : counts;
  }

  #readMembers(entry: PlacedEntry): Member[] {
    const members: Member[] = [];
    const { entries } = this;
    const add = (parent: PlacedEntry, isVariant: boolean, depth: number): void => {
      for (const child of entries.children(parent)) {
        if (members.length >= mostMembers) {
          return;
        }
        const isBase = child.tag === Tag.inheritance;
        if (child.tag === Tag.variantPart || child.tag === Tag.variant) {
          if (depth < 4) {
            add(child, true, depth + 1);
          }
        } else if ((child.tag === Tag.member || isBase) && !isStatic(child)) {
          const name = entries.text(child, Attribute.name);
          members.push({
            ...(name !== undefined && name !== '' && !isBase && { name }),
            type: entries.reference(child, Attribute.type),
            ...this.#place(child),
            ...(isVariant && { isVariant }),
            ...(isBase && { isBase }),
          });
        }
      }
    };
    add(entry, false, 0);
    return members;
  }

  /** Where a member begins, and the bits of a bit field. */
  #place(member: PlacedEntry): Pick<Member, 'offset' | 'bits'> {
    const { entries } = this;
    const count = entries.number(member, Attribute.bitSize);
    const location = member.attributes.get(Attribute.dataMemberLocation);
    const offset = location === undefined ? 0 : this.#memberOffset(member, location);
    if (count === undefined) {
      return { offset };
    }
    const fromStart = entries.number(member, Attribute.dataBitOffset);
    if (fromStart !== undefined) {
      const bits = offset * 8 + fromStart;
      return { offset: Math.floor(bits / 8), bits: { first: bits % 8, count } };
    }
    // Before DWARF 4: bits from the high end of a number of some bytes (DWARF 3, 5.5.6).
    const high = entries.number(member, Attribute.bitOffset) ?? 0;
    const storage =
      entries.number(member, Attribute.byteSize) ?? this.sizeOf(entries.reference(member, Attribute.type)) ?? 0;
    const first = offset * 8 + (entries.store.set.littleEndian ? storage * 8 - high - count : high);
    return { offset: Math.floor(first / 8), bits: { first: ((first % 8) + 8) % 8, count } };
  }

  #memberOffset(member: PlacedEntry, location: FormValue): number {
    if (location.form !== Form.exprloc && location.form !== Form.block1 && location.form !== Form.block) {
      return location.value;
    }
    const expression = this.entries.block(member, location) ?? new Uint8Array(0);
    const encoding = { ...member.unit.header, littleEndian: this.entries.store.set.littleEndian };
    const { value } = evaluateNumber(expression, { encoding }, [{ value: 0n, offset: 0n }]);
    return value === undefined || value > BigInt(Number.MAX_SAFE_INTEGER) ? 0 : Number(value);
  }
}

function isAllOnes(bound: bigint): boolean {
  return bound === -1n || bound === 0xffffffffn || bound === 0xffffffffffffffffn;
}

/** A static member of C++ is none of each object. */
function isStatic({ attributes }: PlacedEntry): boolean {
  return attributes.has(Attribute.external) || attributes.has(Attribute.declaration);
}

/** Whether entries of a tag have members. */
export function isStructure(tag: number): boolean {
  return tag === Tag.structureType || tag === Tag.unionType || tag === Tag.classType;
}
