/** Numbers of the BTF format (include/uapi/linux/btf.h, 7.2). */

export const magic = 0xeb9f;
export const version = 1;
/** Magic, version, flags, length of the header, and where types and strings are: what every header has. */
export const shortestHeader = 24;
/** With where the layout of kinds is, since 7.1. */
export const headerWithLayout = 32;

export const Kind = {
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  function: 12,
  prototype: 13,
  variable: 14,
  section: 15,
  float: 16,
  declarationTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

/** Kinds have seven bits since 7.1; before they had five, and the other two had to be 0. */
export const kindCount = 128;

/** Words (of 4 bytes) behind the three of every type: some of the type, and some for each of its elements. */
export interface KindLayout {
  readonly words: number;
  readonly elementWords: number;
}

/** `struct btf_type`: name, info, size or type. */
export const typeWords = 3;

const none: KindLayout = { words: 0, elementWords: 0 };
const layoutTable: Readonly<Record<number, KindLayout>> = {
  [Kind.int]: { words: 1, elementWords: 0 },
  [Kind.pointer]: none,
  [Kind.array]: { words: 3, elementWords: 0 },
  [Kind.struct]: { words: 0, elementWords: 3 },
  [Kind.union]: { words: 0, elementWords: 3 },
  [Kind.enum]: { words: 0, elementWords: 2 },
  [Kind.forward]: none,
  [Kind.typedef]: none,
  [Kind.volatile]: none,
  [Kind.const]: none,
  [Kind.restrict]: none,
  // Its number of elements is its linkage.
  [Kind.function]: none,
  [Kind.prototype]: { words: 0, elementWords: 2 },
  [Kind.variable]: { words: 1, elementWords: 0 },
  [Kind.section]: { words: 0, elementWords: 3 },
  [Kind.float]: none,
  [Kind.declarationTag]: { words: 1, elementWords: 0 },
  [Kind.typeTag]: none,
  [Kind.enum64]: { words: 0, elementWords: 3 },
};

/** The layout of a kind that is known here. */
export function kindLayout(kind: number): KindLayout | undefined {
  return layoutTable[kind];
}

export function kindOf(info: number): number {
  return (info >>> 24) & 0x7f;
}

/** How many elements a type has. They had 16 bits before 7.1, and the 8 above had to be 0. */
export function elementsOf(info: number): number {
  return info & 0xffffff;
}

/** Members have the sizes of bit fields, a forward declaration is of a union, numbers of an enumeration have a sign. */
export function kindFlag(info: number): boolean {
  return info >>> 31 === 1;
}
