import { elementsOf, Kind, kindFlag, kindOf, typeWords } from './format.ts';
import type {
  BtfEncoding,
  BtfEnumerator,
  BtfLinkage,
  BtfMember,
  BtfParameter,
  BtfPlace,
  BtfType,
  BtfTypeId,
} from './type.ts';
import type { TypeTable } from './type-table.ts';

/** Members of one structure; those of a kernel have up to some thousand. */
const mostMembers = 16_384;
/** Enumerators of one enumeration: as many as the format could have before 7.1. */
export const mostEnumerators = 65_536;
/** Functions of a kernel have up to 16. */
const mostParameters = 256;
/** Variables of a section. */
const mostPlaces = 262_144;

const linkages: readonly BtfLinkage[] = ['static', 'global', 'extern'];

const linkage = (value: number): BtfLinkage => linkages[value] ?? 'unknown';

/** The names of types and of what is in them. */
export interface Texts {
  /** The string at an offset, a char per byte; empty where there is none. */
  text(offset: number): string;
}

export interface SegmentTraits {
  /** Its structures and enumerations are without what is in them. */
  readonly isDistilled?: boolean;
  /** Whether its enumerations say if their numbers have a sign; found out where it is not given. */
  readonly tellsSigns?: boolean;
}

/** Types that follow one another, of one piece of BTF. Their numbers are counted from 0 here. */
export class Segment {
  /** The number of its first type among all. */
  readonly first: BtfTypeId;
  readonly table: TypeTable;
  readonly #strings: Texts;
  readonly #reference: (raw: number) => BtfTypeId;
  readonly #isDistilled: boolean;
  #tellsSigns: boolean | undefined;

  /**
   * @param reference makes numbers that are written in the piece the numbers of types among all.
   */
  constructor(
    first: BtfTypeId,
    table: TypeTable,
    strings: Texts,
    reference: (raw: number) => BtfTypeId,
    traits: SegmentTraits = {},
  ) {
    this.first = first;
    this.table = table;
    this.#strings = strings;
    this.#reference = reference;
    this.#isDistilled = traits.isDistilled ?? false;
    this.#tellsSigns = traits.tellsSigns;
  }

  get count(): number {
    return this.table.count;
  }

  /** The number of the kind, as the format has it. */
  kind(index: number): number {
    return kindOf(this.#info(index));
  }

  name(index: number): string {
    return this.#text(this.#start(index));
  }

  type(index: number): BtfType {
    const at = this.#start(index);
    const info = this.#info(index);
    const third = this.#word(at + 2);
    const name = this.#text(at);
    const named = name === '' ? {} : { name };
    const flag = kindFlag(info);
    const target = (): BtfTypeId => this.#reference(third);
    const kind = kindOf(info);
    switch (kind) {
      case Kind.int:
        return { kind: 'base', name, size: third, ...this.#integer(this.#word(at + typeWords), third) };
      case Kind.float:
        return { kind: 'base', name, size: third, encoding: 'float' };
      case Kind.pointer:
        return { kind: 'pointer', target: target() };
      case Kind.array: {
        const [element, position, count] = [this.#word(at + 3), this.#word(at + 4), this.#word(at + 5)];
        return { kind: 'array', element: this.#reference(element), index: this.#reference(position), count };
      }
      case Kind.struct:
      case Kind.union: {
        const keyword = kind === Kind.union ? 'union' : 'struct';
        return { kind: 'structure', keyword, ...named, size: third, isDeclaration: this.#isDistilled };
      }
      case Kind.forward:
        return { kind: 'structure', keyword: flag ? 'union' : 'struct', ...named, isDeclaration: true };
      case Kind.enum:
      case Kind.enum64:
        return { kind: 'enumeration', ...named, size: third, isSigned: this.#isSigned(index) };
      case Kind.typedef:
        return { kind: 'typedef', name, target: target() };
      case Kind.volatile:
        return { kind: 'qualified', qualifier: 'volatile', target: target() };
      case Kind.const:
        return { kind: 'qualified', qualifier: 'const', target: target() };
      case Kind.restrict:
        return { kind: 'qualified', qualifier: 'restrict', target: target() };
      case Kind.typeTag:
        return { kind: 'tagged', tag: name, target: target() };
      case Kind.prototype:
        return { kind: 'prototype', result: target(), ...this.#parameters(index) };
      case Kind.function:
        return { kind: 'function', name, linkage: linkage(elementsOf(info)), prototype: target() };
      case Kind.variable:
        return { kind: 'variable', name, linkage: linkage(this.#word(at + typeWords)), type: target() };
      case Kind.section:
        return { kind: 'section', name, size: third };
      case Kind.declarationTag: {
        const component = this.#word(at + typeWords) | 0;
        return { kind: 'declaration-tag', tag: name, target: target(), ...(component >= 0 && { component }) };
      }
      default:
        return { kind: 'unknown', number: kind };
    }
  }

  /** None of what is no structure. */
  members(index: number): BtfMember[] {
    const kind = this.kind(index);
    if (kind !== Kind.struct && kind !== Kind.union) return [];
    const flag = kindFlag(this.#info(index));
    const read = (at: number): BtfMember => {
      const name = this.#text(at);
      const offset = this.#word(at + 2);
      const type = this.#reference(this.#word(at + 1));
      const bits = flag ? offset >>> 24 : 0;
      const bitOffset = flag ? offset & 0xffffff : offset;
      // As most are.
      if (name !== '' && bits === 0) return { name, type, bitOffset };
      return { ...(name !== '' && { name }), type, bitOffset, ...(bits > 0 && { bits }) };
    };
    return this.#elements(index, 3, read, mostMembers);
  }

  /** None of what is no enumeration. */
  enumerators(index: number): BtfEnumerator[] {
    const kind = this.kind(index);
    const isSigned = this.#isSigned(index);
    const width = kind === Kind.enum64 ? 64 : 32;
    const value = (raw: bigint): bigint => (isSigned ? BigInt.asIntN(width, raw) : raw);
    const narrow = (at: number): BtfEnumerator => ({
      name: this.#text(at),
      value: value(BigInt(this.#word(at + 1))),
    });
    const wide = (at: number): BtfEnumerator => ({
      name: this.#text(at),
      value: value((BigInt(this.#word(at + 2)) << 32n) | BigInt(this.#word(at + 1))),
    });
    if (kind === Kind.enum) return this.#elements(index, 2, narrow, mostEnumerators);
    return kind === Kind.enum64 ? this.#elements(index, 3, wide, mostEnumerators) : [];
  }

  /** What lies in a section; nothing in what is none. */
  places(index: number): BtfPlace[] {
    if (this.kind(index) !== Kind.section) return [];
    const read = (at: number): BtfPlace => ({
      variable: this.#reference(this.#word(at)),
      offset: this.#word(at + 1),
      size: this.#word(at + 2),
    });
    return this.#elements(index, 3, read, mostPlaces);
  }

  /**
   * Enumerations tell whether their numbers have a sign since 6.0 (with ENUM64); before, all were taken to have one. Where
   * none of a kernel tells it, none could.
   */
  get tellsSigns(): boolean {
    this.#tellsSigns ??= this.#findSigns();
    return this.#tellsSigns;
  }

  #findSigns(): boolean {
    for (let index = 0; index < this.count; index++) {
      const info = this.#info(index);
      if (kindOf(info) === Kind.enum64 || (kindOf(info) === Kind.enum && kindFlag(info))) return true;
    }
    return false;
  }

  #isSigned(index: number): boolean {
    return kindFlag(this.#info(index)) || !this.tellsSigns;
  }

  #parameters(index: number): { parameters: BtfParameter[]; isVariadic: boolean } {
    const read = (at: number): BtfParameter => {
      const name = this.#text(at);
      return { ...(name !== '' && { name }), type: this.#reference(this.#word(at + 1)) };
    };
    const parameters = this.#elements(index, 2, read, mostParameters);
    // `...` is a last one that has neither name nor type (Documentation/bpf/btf.rst).
    const last = parameters.at(-1);
    const isVariadic = last !== undefined && last.type === 0 && last.name === undefined;
    return { parameters: isVariadic ? parameters.slice(0, -1) : parameters, isVariadic };
  }

  #integer(word: number, size: number): Pick<Extract<BtfType, { kind: 'base' }>, 'encoding' | 'bits'> {
    const code = (word >>> 24) & 0xf;
    const first = (word >>> 16) & 0xff;
    const count = word & 0xff;
    const encoding: BtfEncoding =
      (code & 4) !== 0 ? 'boolean' : (code & 2) !== 0 ? 'character' : (code & 1) !== 0 ? 'signed' : 'unsigned';
    return first === 0 && count === size * 8 ? { encoding } : { encoding, bits: { first, count } };
  }

  #elements<T>(index: number, words: number, read: (at: number) => T, most: number): T[] {
    const start = this.#start(index) + typeWords;
    const count = Math.min(elementsOf(this.#info(index)), most);
    const found: T[] = [];
    for (let each = 0; each < count; each++) found.push(read(start + each * words));
    return found;
  }

  #start(index: number): number {
    return this.table.start(index);
  }

  #info(index: number): number {
    return this.#word(this.#start(index) + 1);
  }

  #word(at: number): number {
    return this.table.word(at);
  }

  /** The name that the word there points to. */
  #text(at: number): string {
    return this.#strings.text(this.#word(at));
  }
}
