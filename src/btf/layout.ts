import { plainType, sizeOfType, type TypeSource } from './sizes.ts';
import type { BtfMember, BtfType, BtfTypeId } from './type.ts';

/** A member as C reaches it: those of anonymous structures are members of what these are in. */
export interface LayoutMember {
  readonly name: string;
  readonly type: BtfTypeId;
  /** Bytes from the start of the structure; of a bit field those of the byte that it begins in. */
  readonly offset: number;
  /** Bits from the start; in big endian counted from the high end of each byte. */
  readonly bitOffset: number;
  /** How many bits a bit field has; missing of others. */
  readonly bits?: number;
  /** Bytes of its type; missing where they are not known, 0 of an array without a size. */
  readonly size?: number;
  /** It shares its place with others, in a union. */
  readonly isAlternative: boolean;
}

/** What is where in a structure or union. */
export interface StructLayout<Member = LayoutMember> {
  readonly id: BtfTypeId;
  readonly keyword: 'struct' | 'union';
  readonly name?: string;
  /** Bytes. */
  readonly size: number;
  /** In the order of the source. */
  readonly members: readonly Member[];
  /** False where members were left out, as they are too many or lead in a circle. */
  readonly isComplete: boolean;
}

interface Structure {
  readonly id: BtfTypeId;
  readonly type: Extract<BtfType, { kind: 'structure' }>;
}

/** Anonymous structures within one another; a circle would be deeper. */
const deepest = 32;
/** Members of one structure, with those of its anonymous ones; fewer than are read of one. */
const mostMembers = 16_000;

/** A member as C reaches it, of which no more is read yet than its name. */
export interface NamedMember {
  readonly name: string;
  readonly member: BtfMember;
  /** Bits from the start of the structure. */
  readonly bitOffset: number;
  readonly isAlternative: boolean;
}

/** The structure or union that a type is; `undefined` for other types. */
export function structureOf(types: TypeSource, id: BtfTypeId): Structure | undefined {
  const plain = plainType(types, id);
  const type = plain === undefined ? undefined : types.type(plain);
  return plain === undefined || type?.kind !== 'structure' ? undefined : { id: plain, type };
}

/** The members of a structure or union; `undefined` for other types, and for what is only declared. */
export function namedMembers(types: TypeSource, id: BtfTypeId): StructLayout<NamedMember> | undefined {
  const structure = structureOf(types, id);
  if (structure === undefined || structure.type.isDeclaration) return undefined;
  const { keyword, name, size } = structure.type;
  if (size === undefined) return undefined;
  const members: NamedMember[] = [];
  let left = mostMembers;
  let isComplete = true;

  const visit = (ref: BtfTypeId, base: number, isAlternative: boolean, depth: number): void => {
    // Before members are read, of which there may be many.
    if (depth > deepest) isComplete = false;
    else
      for (const member of types.members(ref)) {
        left -= 1;
        if (left < 0) {
          isComplete = false;
          return;
        }
        const bitOffset = base + member.bitOffset;
        const { name } = member;
        if (name === undefined) {
          const inner = structureOf(types, member.type);
          if (inner === undefined) continue;
          visit(inner.id, bitOffset, isAlternative || inner.type.keyword === 'union', depth + 1);
        } else members.push({ name, member, bitOffset, isAlternative });
      }
  };
  visit(structure.id, 0, keyword === 'union', 0);
  return { id: structure.id, keyword, ...(name !== undefined && { name }), size, members, isComplete };
}

/** The layout of a structure or union; `undefined` for other types, and for what is only declared. */
export function layoutOf(types: TypeSource, id: BtfTypeId): StructLayout | undefined {
  const found = namedMembers(types, id);
  return found && { ...found, members: found.members.map((each) => placed(types, each)) };
}

/** Where a member is. */
export function placed(types: TypeSource, { name, member, bitOffset, isAlternative }: NamedMember): LayoutMember {
  const { type } = member;
  const size = sizeOfType(types, type);
  const field = bitField(types, member, bitOffset);
  const offset = Math.floor(field.bitOffset / 8);
  return { type, offset, ...field, ...(size !== undefined && { size }), name, isAlternative };
}

/** Where a member is, in bits; bit fields were types of their own before 4.20, told by the bits of these. */
export function bitField(
  types: TypeSource,
  { type, bits }: BtfMember,
  bitOffset: number,
): { readonly bitOffset: number; readonly bits?: number } {
  if (bits !== undefined) return { bitOffset, bits };
  const plain = plainType(types, type);
  const base = plain === undefined ? undefined : types.type(plain);
  if (base?.kind === 'base' && base.bits !== undefined)
    return { bitOffset: bitOffset + base.bits.first, bits: base.bits.count };
  return { bitOffset };
}
