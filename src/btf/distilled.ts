import { Kind } from './format.ts';
import type { Segment } from './segment.ts';
import type { BtfType, BtfTypeId } from './type.ts';

/** What a kernel's types are asked for; `BtfTypes` is it. */
interface KernelTypes {
  ofKinds(kinds: readonly number[]): Iterable<readonly [id: BtfTypeId, name: string]>;
  type(id: BtfTypeId): BtfType;
}

/** What a base has, and what it may stand for. */
const kinds = [Kind.int, Kind.float, Kind.struct, Kind.union, Kind.forward, Kind.enum, Kind.enum64];
/** Types of one name: some files of a kernel have structures of their own. */
const mostOfName = 64;

/**
 * Finds the types of a kernel that those of a `.BTF.base` stand for. Such a base has names and sizes only of the types
 * that a module uses, so that the module goes with other builds of the kernel (since 6.11; tools/lib/bpf/btf_relocate.c).
 * @returns by numbers of the base; undefined for types that the kernel does not have
 */
export function matchDistilled(base: Segment, kernel: KernelTypes): readonly (BtfTypeId | undefined)[] {
  const byName = new Map<string, BtfTypeId[]>();
  for (let index = 0; index < base.count; index++) byName.set(base.name(index), []);
  for (const [id, name] of kernel.ofKinds(kinds)) {
    const candidates = byName.get(name);
    if (candidates !== undefined && candidates.length < mostOfName) candidates.push(id);
  }
  const found: (BtfTypeId | undefined)[] = [0];
  for (let index = 0; index < base.count; index++) {
    const wanted = base.type(index);
    const name = base.name(index);
    const candidates = name === '' ? [] : (byName.get(name) ?? []).filter((id) => stands(wanted, kernel.type(id)));
    // What is only declared in the base may be whole in the kernel, which then is better.
    found.push(candidates.find((id) => isWhole(kernel.type(id))) ?? candidates[0]);
  }
  return found;
}

function stands(wanted: BtfType, type: BtfType): boolean {
  switch (wanted.kind) {
    case 'base':
      return type.kind === 'base' && type.size === wanted.size && type.encoding === wanted.encoding;
    case 'enumeration':
      return type.kind === 'enumeration' && type.size === wanted.size;
    case 'structure':
      return (
        type.kind === 'structure' &&
        type.keyword === wanted.keyword &&
        // Only the name is asked for where the base has no size.
        (wanted.size === undefined || wanted.size === 0 || type.size === wanted.size)
      );
    default:
      return false;
  }
}

function isWhole(type: BtfType): boolean {
  return type.kind !== 'structure' || !type.isDeclaration;
}
