import type { Member, Type, TypeReader, TypeRef } from './type-reader.ts';

/** How an access lies to what a path names. */
export type PathFit =
  | 'exact' // all of it and nothing else
  | 'within' // a part of it
  | 'wider' // it and what follows: several members at once
  | 'bits'; // bytes that a bit field is in

/** A member, or an element of one, that an access reaches. */
export interface MemberPath {
  /** Behind the name of the structure and a dot: `bar.baz[2]`; of an array itself `[2].baz`. Empty for the whole. */
  readonly path: string;
  /** Of what the path names. */
  readonly type: TypeRef;
  /** Bytes of it; undefined where that is not known. */
  readonly size?: number;
  /** Bytes from its start to the access. */
  readonly remaining: number;
  readonly fit: PathFit;
  /** It is one of several that share their place, in a union. */
  readonly isAlternative: boolean;
  /**
   * The access is outside of the object: as many objects further on. The path begins with that index (`[3].next`),
   * which is right only if it is one of an array; else the object is a member of another (`container_of`).
   */
  readonly beyond?: number;
}

/** Structures within structures; a cycle would need one that contains itself. */
const deepestMember = 48;
const mostPaths = 128;
/** Members looked at: of the largest structures, with all that is in them, some thousand. */
const mostVisits = 100_000;

interface Visit {
  readonly found: MemberPath[];
  /** Whether types end open, as far as that was asked. */
  readonly open: Map<TypeRef, boolean>;
  readonly size: number;
  left: number;
}

/**
 * What an access of `size` bytes (0 where that is not known) at `offset` from the start of an object of a type reaches,
 * the likeliest first: what has its size, then what it is within. None for padding, and what is only declared.
 */
export function memberPaths(types: TypeReader, ref: TypeRef, offset: number, size: number): readonly MemberPath[] {
  if (!Number.isSafeInteger(offset)) {
    return [];
  }
  const whole = types.sizeOf(ref);
  const visit: Visit = { found: [], open: new Map(), size, left: mostVisits };
  const isOpen = whole !== undefined && offset >= whole && hasOpenEnd(types, ref, visit);
  if (whole !== undefined && whole > 0 && !isOpen && (offset < 0 || offset >= whole)) {
    const beyond = Math.floor(offset / whole);
    collect(types, ref, offset - beyond * whole, `[${beyond}]`, false, 0, visit);
    return sorted(visit.found).map((path) => ({ ...path, beyond }));
  }
  if (offset >= 0) {
    collect(types, ref, offset, '', false, 0, visit);
  }
  return sorted(visit.found);
}

/**
 * A path behind what it belongs to: `ring` and `slot[2]` give `ring->slot[2]` if `ring` is a pointer, `ring.slot[2]` if
 * it is the object.
 */
export function joinPath(name: string, isPointer: boolean, path: string): string {
  if (path === '') {
    return isPointer ? `*${name}` : name;
  }
  return path.startsWith('[') ? `${name}${path}` : `${name}${isPointer ? '->' : '.'}${path}`;
}

function sorted(paths: readonly MemberPath[]): MemberPath[] {
  const order: Readonly<Record<PathFit, number>> = { exact: 0, within: 1, wider: 2, bits: 3 };
  return [...paths].sort((a, b) => order[a.fit] - order[b.fit]);
}

function collect(
  types: TypeReader,
  ref: TypeRef,
  offset: number,
  path: string,
  isAlternative: boolean,
  depth: number,
  visit: Visit,
  isNamed = true,
): void {
  if (depth > deepestMember || visit.found.length >= mostPaths || --visit.left < 0) {
    return;
  }
  const plain = types.plain(ref);
  const type = types.type(plain);
  if (type.kind === 'structure') {
    const before = visit.found.length;
    for (const member of types.members(plain)) {
      takeMember(types, member, type.keyword === 'union', offset, path, isAlternative, depth, visit);
    }
    // An access to all of a small structure at once, as `struct qstr` or an atomic_t is copied.
    if (
      isNamed &&
      offset === 0 &&
      depth > 0 &&
      type.size !== undefined &&
      type.size === visit.size &&
      hasSeveral(types, plain)
    ) {
      visit.found.splice(before, 0, { path, type: ref, size: type.size, remaining: 0, fit: 'exact', isAlternative });
    }
    return;
  }
  if (type.kind === 'array') {
    takeElement(types, type, offset, path, isAlternative, depth, visit);
    return;
  }
  const size = types.sizeOf(plain);
  visit.found.push({
    path,
    type: ref,
    ...(size !== undefined && { size }),
    remaining: offset,
    fit: fitOf(offset, size, visit.size),
    isAlternative,
  });
}

function fitOf(offset: number, size: number | undefined, accessed: number): PathFit {
  if (size === undefined || accessed === 0) {
    return offset === 0 ? 'exact' : 'within';
  }
  if (offset === 0 && size === accessed) {
    return 'exact';
  }
  return offset + accessed <= size ? 'within' : 'wider';
}

function takeMember(
  types: TypeReader,
  member: Member,
  inUnion: boolean,
  offset: number,
  path: string,
  isAlternative: boolean,
  depth: number,
  visit: Visit,
): void {
  if (--visit.left < 0) {
    return;
  }
  const { bits, name, type, isVariant } = member;
  const alternative = isAlternative || inUnion || isVariant === true;
  const inside = offset - member.offset;
  const named = name === undefined ? path : path === '' ? name : `${path}.${name}`;
  if (bits !== undefined) {
    const bytes = Math.ceil((bits.first + bits.count) / 8);
    // Compilers read bit fields by whatever bytes are cheap.
    if (name !== undefined && inside < bytes && inside + Math.max(visit.size, 1) > 0) {
      visit.found.push({
        path: named,
        type,
        size: bytes,
        remaining: Math.max(0, inside),
        fit: 'bits',
        isAlternative: alternative,
      });
    }
    return;
  }
  if (inside < 0) {
    return;
  }
  const size = types.sizeOf(type);
  if ((size !== undefined && inside < size) || hasOpenEnd(types, type, visit)) {
    collect(types, type, inside, named, alternative, depth + 1, visit, name !== undefined);
  }
}

function takeElement(
  types: TypeReader,
  type: Extract<Type, { kind: 'array' }>,
  offset: number,
  path: string,
  isAlternative: boolean,
  depth: number,
  visit: Visit,
): void {
  const element = types.sizeOf(type.element);
  if (element === undefined || element === 0) {
    return;
  }
  let index = Math.floor(offset / element);
  const rest = offset - index * element;
  const inner = type.counts.slice(1);
  const indexes: number[] = [];
  for (let each = inner.length - 1; each >= 0; each--) {
    const count = inner[each];
    if (count === undefined || count === 0) {
      return;
    }
    indexes.unshift(index % count);
    index = Math.floor(index / count);
  }
  indexes.unshift(index);
  const brackets = indexes.map((each) => `[${each}]`).join('');
  collect(types, type.element, rest, `${path}${brackets}`, isAlternative, depth + 1, visit);
}

/** Whether a type ends in an array without a size (a flexible member, or one of none as before them). */
function hasOpenEnd(types: TypeReader, ref: TypeRef, visit: Visit, depth = 0): boolean {
  const plain = types.plain(ref);
  const known = visit.open.get(plain);
  if (known !== undefined) {
    return known;
  }
  // What is in itself has no end.
  visit.open.set(plain, false);
  const type = types.type(plain);
  let isOpen = false;
  if (type.kind === 'array') {
    const [first] = type.counts;
    isOpen = first === undefined || first === 0;
  } else if (type.kind === 'structure' && depth < deepestMember) {
    const members = types.members(plain);
    const last = type.keyword === 'union' ? members : members.slice(-1);
    isOpen = last.some((member) => hasOpenEnd(types, member.type, visit, depth + 1));
  }
  visit.open.set(plain, isOpen);
  return isOpen;
}

/** Whether a structure is more than a name around one member, as `atomic_t` is. */
function hasSeveral(types: TypeReader, ref: TypeRef): boolean {
  return types.members(ref).length > 1;
}
