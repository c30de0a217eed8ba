import type { LayoutMember, StructLayout } from './layout.ts';
import { plainType, sizeOfType, type TypeSource } from './sizes.ts';
import type { BtfTypeId } from './type.ts';

/** Where something within a structure is. */
export interface MemberPlace {
  /** Bytes from the start of the structure; of a bit field those of the byte that it begins in. */
  readonly offset: number;
  /** Bytes of it; missing where they are not known, 0 of an array without a size. */
  readonly size?: number;
  readonly type: BtfTypeId;
  /** Of a bit field: bits from the start of the structure, and how many. In big endian the first is the highest. */
  readonly bits?: { readonly first: number; readonly count: number };
}

/** What is needed of the types for it. */
export interface LayoutSource extends TypeSource {
  layout(id: BtfTypeId): StructLayout | undefined;
  memberNamed(id: BtfTypeId, name: string): LayoutMember | undefined;
}

/** Steps of a path. */
const mostSteps = 64;

/**
 * Where `se.vruntime`, `tasks.next` or `slot[2].name` is in a structure. `undefined` where there is no such member: they
 * come and go between kernels. An index must be one of the array, if that has a size.
 */
export function placeOf(types: LayoutSource, id: BtfTypeId, path: string): MemberPlace | undefined {
  const steps = path.replaceAll('[', '.[').split('.').filter(isStep);
  if (steps.length === 0 || steps.length > mostSteps) return undefined;
  let offset = 0;
  let type = id;
  let bits: MemberPlace['bits'];
  for (const step of steps) {
    if (bits !== undefined) return undefined;
    if (step.startsWith('[')) {
      const element = elementOf(types, type, step);
      if (element === undefined) return undefined;
      offset += element.offset;
      type = element.type;
      continue;
    }
    const member = types.memberNamed(type, step);
    if (member === undefined) return undefined;
    if (member.bits !== undefined) bits = { first: offset * 8 + member.bitOffset, count: member.bits };
    offset += member.offset;
    type = member.type;
  }
  const size = sizeOfType(types, type);
  return { offset, type, ...(size !== undefined && { size }), ...(bits !== undefined && { bits }) };
}

/** What is before the first index of a path is empty, and nothing else may be. */
function isStep(step: string, index: number): boolean {
  return step !== '' || index > 0;
}

function elementOf(types: TypeSource, id: BtfTypeId, step: string): { offset: number; type: BtfTypeId } | undefined {
  const plain = plainType(types, id);
  const array = plain === undefined ? undefined : types.type(plain);
  const index = /^\[(\d{1,9})\]$/.exec(step)?.[1];
  if (array?.kind !== 'array' || index === undefined) return undefined;
  const size = sizeOfType(types, array.element);
  const at = Number(index);
  if (size === undefined || (array.count > 0 && at >= array.count)) return undefined;
  return { offset: at * size, type: array.element };
}
