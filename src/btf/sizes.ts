import type { BtfMember, BtfType, BtfTypeId } from './type.ts';

/** Types by their numbers. */
export interface TypeSource {
  /** Bytes of a pointer. */
  readonly pointerSize: number;
  type(id: BtfTypeId): BtfType;
  members(id: BtfTypeId): readonly BtfMember[];
}

/** Types that lead to one another; what is longer is a circle. */
const longestChain = 64;

/** The type behind typedefs, qualifiers and tags; `undefined` where they lead in a circle. */
export function plainType(types: Pick<TypeSource, 'type'>, id: BtfTypeId): BtfTypeId | undefined {
  let at = id;
  for (let length = 0; length < longestChain; length++) {
    const type = types.type(at);
    if (type.kind !== 'typedef' && type.kind !== 'qualified' && type.kind !== 'tagged') return at;
    at = type.target;
  }
  return undefined;
}

/** Bytes of a type; `undefined` of what has none, and where it is not known. */
export function sizeOfType(types: TypeSource, id: BtfTypeId): number | undefined {
  let count = 1;
  let at = id;
  for (let length = 0; length < longestChain; length++) {
    const type = types.type(at);
    if (type.kind === 'array') {
      // Arrays of arrays are one within the other.
      count *= type.count;
      at = type.element;
    } else if (type.kind === 'typedef' || type.kind === 'qualified' || type.kind === 'tagged') {
      at = type.target;
    } else {
      const size = ownSize(type, types.pointerSize);
      const all = size === undefined ? undefined : size * count;
      return Number.isSafeInteger(all) ? all : undefined;
    }
  }
  return undefined;
}

function ownSize(type: BtfType, pointerSize: number): number | undefined {
  switch (type.kind) {
    case 'base':
    case 'structure':
    case 'enumeration':
      return type.size;
    case 'pointer':
      return pointerSize;
    default:
      return undefined;
  }
}
