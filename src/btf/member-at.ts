import { bitField } from './layout.ts';
import { plainType, sizeOfType, type TypeSource } from './sizes.ts';
import type { BtfMember, BtfTypeId } from './type.ts';

/** How some bytes lie to what a path names. */
export type MemberFit =
  | 'exact' // all of it and nothing else
  | 'within' // a part of it
  | 'wider' // it and what follows: several members at once
  | 'bits'; // bytes that a bit field is in

/** A member, or an element of one, that is at an offset. */
export interface MemberAt {
  /** Behind the name of the structure and a dot: `bar.baz[2]`; of an array itself `[2].baz`. Empty for the whole. */
  readonly path: string;
  /** Of what the path names. */
  readonly type: BtfTypeId;
  /** Bytes of it; missing where they are not known. */
  readonly size?: number;
  /** Bytes from its start to the offset. */
  readonly remaining: number;
  readonly fit: MemberFit;
  /** It is one of several that share their place, in a union. */
  readonly isAlternative: boolean;
  /** The offset is outside of the object: in the one that is so many further on, if it is one of an array. */
  readonly beyond?: number;
}

const deepest = 48;
const mostFound = 128;
/** Members looked at: of the largest structures, with all that is in them, some thousand. */
const mostVisits = 100_000;
const order: Readonly<Record<MemberFit, number>> = { exact: 0, within: 1, wider: 2, bits: 3 };

/**
 * What is at an offset in an object of a type, the likeliest first: what has the size, then what it is within. None for
 * padding, and for what is only declared.
 * @param offset bytes from the start of the object; outside of it, of another one of an array
 * @param size bytes that are accessed; 0 where that is not known
 */
export function membersAt(types: TypeSource, id: BtfTypeId, offset: number, size: number): readonly MemberAt[] {
  if (!Number.isSafeInteger(offset)) return [];
  const search = new MemberSearch(types, size);
  const whole = sizeOfType(types, id);
  if (whole !== undefined && whole > 0 && (offset < 0 || (offset >= whole && !search.hasOpenEnd(id)))) {
    const beyond = Math.floor(offset / whole);
    search.visit(id, offset - beyond * whole, { path: `[${beyond}]`, isAlternative: false, depth: 0 });
    return search.sorted().map((each) => ({ ...each, beyond }));
  }
  if (offset >= 0) search.visit(id, offset, { path: '', isAlternative: false, depth: 0 });
  return search.sorted();
}

interface Way {
  readonly path: string;
  readonly isAlternative: boolean;
  readonly depth: number;
  /** It leads to the inside of what has no name of its own. */
  readonly isAnonymous?: boolean;
}

class MemberSearch {
  readonly #types: TypeSource;
  readonly #size: number;
  readonly #found: MemberAt[] = [];
  readonly #open = new Map<BtfTypeId, boolean>();
  #left = mostVisits;

  constructor(types: TypeSource, size: number) {
    this.#types = types;
    this.#size = size;
  }

  sorted(): readonly MemberAt[] {
    return [...this.#found].sort((a, b) => order[a.fit] - order[b.fit]);
  }

  visit(id: BtfTypeId, offset: number, way: Way): void {
    const plain = plainType(this.#types, id);
    if (plain === undefined || way.depth > deepest || this.#isSpent()) return;
    const type = this.#types.type(plain);
    if (type.kind === 'structure') {
      const members = this.#types.members(plain);
      // All of a small structure at once, as `struct qstr` is copied; what only wraps one member is as good as that.
      const isWhole = type.size === this.#size && offset === 0 && way.depth > 0 && members.length > 1;
      if (isWhole && way.isAnonymous !== true) this.#take(id, offset, type.size, way);
      for (const member of members) this.#member(member, offset, way, type.keyword === 'union');
      return;
    }
    if (type.kind !== 'array') {
      this.#take(id, offset, sizeOfType(this.#types, plain), way);
      return;
    }
    const element = sizeOfType(this.#types, type.element);
    if (element === undefined || element === 0) return;
    const index = Math.floor(offset / element);
    const inner = { ...way, path: `${way.path}[${index}]`, depth: way.depth + 1 };
    this.visit(type.element, offset - index * element, { ...inner, isAnonymous: false });
  }

  /** Whether a type ends in an array without a size (a flexible member, or one of none as before them). */
  hasOpenEnd(id: BtfTypeId, depth = 0): boolean {
    const plain = plainType(this.#types, id);
    if (plain === undefined) return false;
    const known = this.#open.get(plain);
    if (known !== undefined) return known;
    // What is in itself has no end.
    this.#open.set(plain, false);
    const type = this.#types.type(plain);
    let isOpen = type.kind === 'array' && type.count === 0;
    if (type.kind === 'structure' && depth < deepest) {
      const members = this.#types.members(plain);
      const last = type.keyword === 'union' ? members : members.slice(-1);
      isOpen = last.some((member) => this.hasOpenEnd(member.type, depth + 1));
    }
    this.#open.set(plain, isOpen);
    return isOpen;
  }

  #member(member: BtfMember, offset: number, way: Way, isInUnion: boolean): void {
    if (this.#isSpent()) return;
    const { name, type } = member;
    const { bitOffset, bits } = bitField(this.#types, member, member.bitOffset);
    const inside = offset - Math.floor(bitOffset / 8);
    const isAlternative = way.isAlternative || isInUnion;
    const path = name === undefined ? way.path : way.path === '' ? name : `${way.path}.${name}`;
    const inner: Way = { path, isAlternative, depth: way.depth + 1, isAnonymous: name === undefined };
    if (bits !== undefined) {
      const bytes = Math.ceil(((bitOffset % 8) + bits) / 8);
      // Compilers read bit fields by whatever bytes are cheap.
      if (name !== undefined && inside < bytes && inside + Math.max(this.#size, 1) > 0)
        this.#found.push({ path, type, size: bytes, remaining: Math.max(0, inside), fit: 'bits', isAlternative });
      return;
    }
    if (inside < 0) return;
    const size = sizeOfType(this.#types, type);
    if ((size !== undefined && inside < size) || this.hasOpenEnd(type)) this.visit(type, inside, inner);
  }

  #take(type: BtfTypeId, remaining: number, size: number | undefined, { path, isAlternative }: Way): void {
    const fit = fitOf(remaining, size, this.#size);
    this.#found.push({ path, type, ...(size !== undefined && { size }), remaining, fit, isAlternative });
  }

  #isSpent(): boolean {
    this.#left -= 1;
    return this.#left < 0 || this.#found.length >= mostFound;
  }
}

function fitOf(offset: number, size: number | undefined, accessed: number): MemberFit {
  if (size === undefined || accessed === 0) return offset === 0 ? 'exact' : 'within';
  if (offset === 0 && size === accessed) return 'exact';
  return offset + accessed <= size ? 'within' : 'wider';
}
