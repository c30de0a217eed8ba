import { type MemberPath, memberPaths } from './type-path.ts';
import type { TypeReader, TypeRef } from './type-reader.ts';

/** An access next to an object that may be a member of another. */
export interface ContainerPath {
  /** The structure that the object may be in. */
  readonly container: TypeRef;
  /** The member that the object would be, as `container_of` names it. */
  readonly member: string;
  /** What the access would reach in the structure. */
  readonly path: MemberPath;
}

const mostPaths = 32;
const deepestMember = 8;

/**
 * What an access `offset` bytes from the start of an object reaches, if the object is a member of one of some
 * structures (`container_of`, lists): those of the other variables in scope are likely. None is certain.
 */
export function containerPaths(
  types: TypeReader,
  inner: TypeRef,
  containers: readonly TypeRef[],
  offset: number,
  size: number,
): readonly ContainerPath[] {
  const found: ContainerPath[] = [];
  const wanted = types.plain(inner);
  if (wanted === undefined) {
    return found;
  }
  const seen = new Set<TypeRef>();
  for (const each of containers) {
    const container = types.plain(each);
    if (container === undefined || seen.has(container)) {
      continue;
    }
    seen.add(container);
    const visit = (ref: TypeRef, base: number, name: string, depth: number): void => {
      for (const member of types.members(ref)) {
        const type = types.plain(member.type);
        const path = member.name === undefined ? name : name === '' ? member.name : `${name}.${member.name}`;
        const at = base + member.offset;
        if (type === wanted && member.bits === undefined) {
          const [reached] = memberPaths(types, container, at + offset, size);
          if (reached !== undefined && reached.beyond === undefined && found.length < mostPaths) {
            found.push({ container, member: path, path: reached });
          }
        } else if (depth < deepestMember && found.length < mostPaths && types.type(type).kind === 'structure') {
          visit(type, at, path, depth + 1);
        }
      }
    };
    visit(container, 0, '', 0);
  }
  return found;
}
