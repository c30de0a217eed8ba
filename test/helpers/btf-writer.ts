/** A type to be written: `struct btf_type` and the words behind it, of include/uapi/linux/btf.h. */
export interface WrittenType {
  readonly kind: number;
  readonly name?: string;
  /** Bit 31 of the info. */
  readonly flag?: boolean;
  /** The lower bits of the info: elements, or the linkage of a function. */
  readonly count?: number;
  /** Size or type. */
  readonly third?: number;
  /** Words behind it; texts become offsets of strings. */
  readonly words?: readonly (number | string)[];
}

export interface BtfOptions {
  readonly bigEndian?: boolean;
  /** Strings that are in front of those written: of a base. */
  readonly base?: readonly string[];
  readonly headerLength?: number;
  readonly layout?: readonly (readonly [infoBytes: number, elementBytes: number])[];
}

const kind = {
  ...{ int: 1, pointer: 2, array: 3, struct: 4, union: 5, enum: 6, forward: 7, typedef: 8, volatile: 9, const: 10 },
  ...{ restrict: 11, function: 12, prototype: 13, variable: 14, section: 15, float: 16, declarationTag: 17 },
  ...{ typeTag: 18, enum64: 19 },
} as const;

type MemberLiteral = readonly [name: string, type: number, bitOffset: number, bits?: number];

/** The types of BTF by what they are in C. */
export const btf = {
  int: (name: string, size: number, encoding = 0, bits = size * 8, first = 0): WrittenType => ({
    kind: kind.int,
    name,
    third: size,
    words: [(encoding << 24) | (first << 16) | bits],
  }),
  float: (name: string, size: number): WrittenType => ({ kind: kind.float, name, third: size }),
  pointer: (target: number): WrittenType => ({ kind: kind.pointer, third: target }),
  array: (element: number, count: number, index = 1): WrittenType => ({
    kind: kind.array,
    words: [element, index, count],
  }),
  struct: (name: string, size: number, members: readonly MemberLiteral[]): WrittenType =>
    structure(kind.struct, name, size, members),
  union: (name: string, size: number, members: readonly MemberLiteral[]): WrittenType =>
    structure(kind.union, name, size, members),
  forward: (name: string, isUnion = false): WrittenType => ({ kind: kind.forward, name, flag: isUnion }),
  enum: (name: string, values: readonly (readonly [string, number])[], isSigned = false): WrittenType => ({
    ...{ kind: kind.enum, name, flag: isSigned, count: values.length, third: 4 },
    words: values.flatMap(([each, value]) => [each, value >>> 0]),
  }),
  enum64: (name: string, values: readonly (readonly [string, bigint])[], isSigned = false): WrittenType => ({
    ...{ kind: kind.enum64, name, flag: isSigned, count: values.length, third: 8 },
    words: values.flatMap(([each, value]) => [
      each,
      Number(BigInt.asUintN(32, value)),
      Number(BigInt.asUintN(32, value >> 32n)),
    ]),
  }),
  typedef: (name: string, target: number): WrittenType => ({ kind: kind.typedef, name, third: target }),
  const: (target: number): WrittenType => ({ kind: kind.const, third: target }),
  volatile: (target: number): WrittenType => ({ kind: kind.volatile, third: target }),
  restrict: (target: number): WrittenType => ({ kind: kind.restrict, third: target }),
  typeTag: (name: string, target: number): WrittenType => ({ kind: kind.typeTag, name, third: target }),
  declarationTag: (name: string, target: number, component = -1): WrittenType => ({
    ...{ kind: kind.declarationTag, name, third: target },
    words: [component >>> 0],
  }),
  prototype: (result: number, parameters: readonly (readonly [string, number])[]): WrittenType => ({
    ...{ kind: kind.prototype, third: result, count: parameters.length },
    words: parameters.flat(),
  }),
  function: (name: string, prototype: number, linkage = 0): WrittenType => ({
    ...{ kind: kind.function, name, third: prototype, count: linkage },
  }),
  variable: (name: string, type: number, linkage = 1): WrittenType => ({
    ...{ kind: kind.variable, name, third: type },
    words: [linkage],
  }),
  section: (name: string, size: number, places: readonly (readonly [number, number, number])[]): WrittenType => ({
    ...{ kind: kind.section, name, third: size, count: places.length },
    words: places.flat(),
  }),
};

function structure(code: number, name: string, size: number, members: readonly MemberLiteral[]): WrittenType {
  const flag = members.some(([, , , bits]) => bits !== undefined);
  const words = members.flatMap(([each, type, offset, bits = 0]) => [
    each,
    type,
    flag ? (bits << 24) | offset : offset,
  ]);
  return { kind: code, name, flag, count: members.length, third: size, words };
}

/** Strings as they are written, in their order: for those that go on from them. */
export function stringsOf(types: readonly WrittenType[]): string[] {
  const texts = new Set<string>(['']);
  for (const { name = '', words = [] } of types) {
    texts.add(name);
    for (const word of words) if (typeof word === 'string') texts.add(word);
  }
  return [...texts];
}

/** BTF of these types; the first has the number 1, or follows those of the base. */
export function writeBtf(types: readonly WrittenType[], options: BtfOptions = {}): Uint8Array {
  const { bigEndian = false, base = [], layout } = options;
  const offsets = new Map<string, number>();
  let end = 0;
  for (const text of base) {
    offsets.set(text, end);
    end += text.length + 1;
  }
  const start = end;
  const own = stringsOf(types).filter((text) => !offsets.has(text));
  for (const text of own) {
    offsets.set(text, end);
    end += text.length + 1;
  }
  const words = types.flatMap((each) => [
    offsets.get(each.name ?? '') ?? 0,
    (each.flag === true ? 0x8000_0000 : 0) + each.kind * 0x0100_0000 + (each.count ?? 0),
    each.third ?? 0,
    ...(each.words ?? []).map((word) => (typeof word === 'string' ? (offsets.get(word) ?? 0) : word)),
  ]);
  const headerLength = options.headerLength ?? (layout === undefined ? 24 : 32);
  const strings = end - start;
  const layouts = (layout ?? []).flat();
  const bytes = new Uint8Array(headerLength + words.length * 4 + strings + (layout ?? []).length * 4);
  const view = new DataView(bytes.buffer);
  const little = !bigEndian;
  view.setUint16(0, 0xeb9f, little);
  view.setUint8(2, 1);
  const header = [headerLength, 0, words.length * 4, words.length * 4, strings];
  if (layout !== undefined) header.push(words.length * 4 + strings, layout.length * 4);
  for (const [index, word] of header.entries()) view.setUint32(4 + index * 4, word, little);
  for (const [index, word] of words.entries()) view.setUint32(headerLength + index * 4, word >>> 0, little);
  let at = headerLength + words.length * 4;
  for (const text of own) {
    bytes.set(Buffer.from(text, 'latin1'), at);
    at += text.length + 1;
  }
  for (let index = 0; index < layouts.length; index += 2) {
    bytes[at] = layouts[index] ?? 0;
    bytes[at + 1] = layouts[index + 1] ?? 0;
    at += 4;
  }
  return bytes;
}
