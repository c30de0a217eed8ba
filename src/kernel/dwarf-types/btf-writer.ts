import { Kind, magic, shortestHeader, version } from '../../btf/format.ts';

/** A member of a structure that is written. */
export interface WrittenMember {
  readonly name: string;
  readonly type: number;
  /** Bits from the start of the structure. */
  readonly offset: number;
  /** Bits of a bit field, 0 of what is none. */
  readonly bits: number;
}

/** What a type is, for the writer. Types are numbers of others, from 1; 0 is `void`. */
export type WrittenType =
  | { readonly kind: 'int'; readonly name: string; readonly size: number; readonly encoding: number }
  | { readonly kind: 'float'; readonly name: string; readonly size: number }
  | { readonly kind: 'pointer' | 'const' | 'volatile' | 'restrict'; readonly target: number }
  | { readonly kind: 'typedef'; readonly name: string; readonly target: number }
  | { readonly kind: 'array'; readonly element: number; readonly index: number; readonly count: number }
  | {
      readonly kind: 'struct' | 'union';
      readonly name: string;
      readonly size: number;
      readonly members: readonly WrittenMember[];
    }
  | { readonly kind: 'forward'; readonly name: string; readonly isUnion: boolean }
  | {
      readonly kind: 'enum';
      readonly name: string;
      readonly size: number;
      readonly values: readonly { readonly name: string; readonly value: bigint }[];
    }
  | { readonly kind: 'prototype'; readonly result: number; readonly parameters: readonly number[] };

/** The most elements that a type can have, with 16 bits for their number as all versions have it. */
export const mostElements = 0xffff;

/** Writes types as BTF (Documentation/bpf/btf.rst), in the machine's byte order, which is little endian. */
export function writeBtf(types: readonly WrittenType[]): Uint8Array {
  const strings = new Strings();
  const words: number[] = [];
  for (const type of types) writeType(words, strings, type);
  const text = strings.bytes();
  const bytes = Buffer.alloc(shortestHeader + words.length * 4 + text.length);
  bytes.writeUInt16LE(magic, 0);
  bytes.writeUInt8(version, 2);
  for (const [nth, word] of [shortestHeader, 0, words.length * 4, words.length * 4, text.length].entries())
    bytes.writeUInt32LE(word, 4 + nth * 4);
  for (const [nth, word] of words.entries()) bytes.writeUInt32LE(word >>> 0, shortestHeader + nth * 4);
  text.copy(bytes, shortestHeader + words.length * 4);
  return bytes;
}

/** Strings that are written once, each by its offset. */
class Strings {
  readonly #offsets = new Map<string, number>([['', 0]]);
  readonly #parts: Buffer[] = [Buffer.from('\0')];
  #length = 1;

  offset(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const bytes = Buffer.from(`${text.replaceAll('\0', '')}\0`);
    const at = this.#length;
    this.#offsets.set(text, at);
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return at;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

const info = (kind: number, elements = 0, flag = false): number =>
  ((flag ? 0x8000_0000 : 0) | (kind << 24) | elements) >>> 0;

function writeType(words: number[], strings: Strings, type: WrittenType): void {
  switch (type.kind) {
    case 'int':
      words.push(strings.offset(type.name), info(Kind.int), type.size, (type.encoding << 24) | (type.size * 8));
      return;
    case 'float':
      words.push(strings.offset(type.name), info(Kind.float), type.size);
      return;
    case 'pointer':
    case 'const':
    case 'volatile':
    case 'restrict':
      words.push(0, info(Kind[type.kind]), type.target);
      return;
    case 'typedef':
      words.push(strings.offset(type.name), info(Kind.typedef), type.target);
      return;
    case 'array':
      words.push(0, info(Kind.array), 0, type.element, type.index, type.count);
      return;
    case 'forward':
      words.push(strings.offset(type.name), info(Kind.forward, 0, type.isUnion), 0);
      return;
    case 'prototype':
      words.push(0, info(Kind.prototype, type.parameters.length), type.result);
      for (const parameter of type.parameters) words.push(0, parameter);
      return;
    case 'struct':
    case 'union':
      writeStructure(words, strings, type);
      return;
    case 'enum':
      writeEnumeration(words, strings, type);
      return;
  }
}

function writeStructure(
  words: number[],
  strings: Strings,
  type: WrittenType & { readonly kind: 'struct' | 'union' },
): void {
  const members = type.members.slice(0, mostElements);
  const hasBits = members.some(({ bits }) => bits > 0);
  words.push(strings.offset(type.name), info(Kind[type.kind], members.length, hasBits), type.size);
  for (const { name, type: its, offset, bits } of members)
    words.push(strings.offset(name), its, hasBits ? ((bits << 24) | offset) >>> 0 : offset);
}

function writeEnumeration(words: number[], strings: Strings, type: WrittenType & { readonly kind: 'enum' }): void {
  const values = type.values.slice(0, mostElements);
  const isSigned = values.some(({ value }) => value < 0n);
  const isWide = type.size > 4;
  words.push(strings.offset(type.name), info(isWide ? Kind.enum64 : Kind.enum, values.length, isSigned), type.size);
  for (const { name, value } of values) {
    const low = Number(BigInt.asUintN(32, value));
    words.push(strings.offset(name), low);
    if (isWide) words.push(Number(BigInt.asUintN(32, value >> 32n)));
  }
}
