/** A type by its number in the BTF; 0 is `void`. Those of a module begin where those of its kernel end. */
export type BtfTypeId = number;

/** What the bits of a base type mean. */
export type BtfEncoding = 'signed' | 'unsigned' | 'boolean' | 'character' | 'float';

/** Whether something can be seen in other files. */
export type BtfLinkage = 'static' | 'global' | 'extern' | 'unknown';

export interface BtfParameter {
  /** Missing where only the type is known. */
  readonly name?: string;
  readonly type: BtfTypeId;
}

/** Types as C has them, and what BTF keeps in the same list. */
export type BtfType =
  | { readonly kind: 'void' }
  | {
      readonly kind: 'base';
      readonly name: string;
      readonly size: number;
      readonly encoding: BtfEncoding;
      /** Of bit fields as they were written before 4.20: bits of it, from which bit on. */
      readonly bits?: { readonly first: number; readonly count: number };
    }
  | { readonly kind: 'pointer'; readonly target: BtfTypeId }
  | {
      readonly kind: 'structure';
      readonly keyword: 'struct' | 'union';
      /** Missing where it has none. */
      readonly name?: string;
      /** Bytes; missing where only its name is known here. */
      readonly size?: number;
      /** Only its name is known here, and perhaps its size. */
      readonly isDeclaration: boolean;
    }
  | {
      readonly kind: 'enumeration';
      readonly name?: string;
      readonly size: number;
      readonly isSigned: boolean;
    }
  | { readonly kind: 'array'; readonly element: BtfTypeId; readonly index: BtfTypeId; readonly count: number }
  | { readonly kind: 'typedef'; readonly name: string; readonly target: BtfTypeId }
  | {
      readonly kind: 'qualified';
      readonly qualifier: 'const' | 'volatile' | 'restrict';
      readonly target: BtfTypeId;
    }
  /** `__user`, `__rcu`, `__percpu` as `user`, `rcu`, `percpu`: compilers tell it since 5.17. */
  | { readonly kind: 'tagged'; readonly tag: string; readonly target: BtfTypeId }
  | {
      readonly kind: 'prototype';
      readonly result: BtfTypeId;
      readonly parameters: readonly BtfParameter[];
      readonly isVariadic: boolean;
    }
  | { readonly kind: 'function'; readonly name: string; readonly linkage: BtfLinkage; readonly prototype: BtfTypeId }
  | { readonly kind: 'variable'; readonly name: string; readonly linkage: BtfLinkage; readonly type: BtfTypeId }
  | { readonly kind: 'section'; readonly name: string; readonly size: number }
  | {
      readonly kind: 'declaration-tag';
      readonly tag: string;
      readonly target: BtfTypeId;
      /** Which member or parameter it is about; missing if it is about the whole. */
      readonly component?: number;
    }
  /** A number that no type has, or a kind that is not known. */
  | { readonly kind: 'unknown'; readonly number: number };

/** A member of a structure or union, as it is written there. */
export interface BtfMember {
  /** Missing of anonymous structures and unions. */
  readonly name?: string;
  readonly type: BtfTypeId;
  /** Bits from the start of the structure; in big endian counted from the high end of each byte. */
  readonly bitOffset: number;
  /** How many bits a bit field has; missing of others. */
  readonly bits?: number;
}

export interface BtfEnumerator {
  readonly name: string;
  readonly value: bigint;
}

/** A variable in a section of the kernel. */
export interface BtfPlace {
  readonly variable: BtfTypeId;
  /** Bytes from the start of the section. */
  readonly offset: number;
  readonly size: number;
}
