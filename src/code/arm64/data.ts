import type { DecodedMemory } from '../instruction.ts';
import { bit, field, general, generalOrStack, type Meaning, matches, signedField, unique } from './word.ts';

const rd = (word: number): string[] => general(field(word, 4, 0));
const rn = (word: number): string[] => general(field(word, 9, 5));
const rm = (word: number): string[] => general(field(word, 20, 16));

/** All registers of an instruction with one destination and any of three sources. */
function plain(word: number, ...sources: readonly (readonly string[])[]): Meaning {
  return { reads: unique(sources.flat()), writes: rd(word) };
}

/** The low bits of a register as a number of 32 or 64 bits. */
function truncated(word: number, value: bigint): bigint {
  return BigInt.asUintN(bit(word, 31) ? 64 : 32, value);
}

function constant(to: readonly string[], value: bigint): Meaning['effect'] {
  const [name] = to;
  return name === undefined ? undefined : { kind: 'constant', to: name, value };
}

function withEffect(meaning: Meaning, effect: Meaning['effect']): Meaning {
  return effect === undefined ? meaning : { ...meaning, effect };
}

/** adr, adrp. */
function relative(word: number, address: bigint): Meaning {
  const offset = BigInt(signedField(word, 23, 5) * 4 + field(word, 30, 29));
  const value = bit(word, 31) ? (address & ~0xfffn) + offset * 0x1000n : address + offset;
  return withEffect({ reads: [], writes: rd(word) }, constant(rd(word), BigInt.asUintN(64, value)));
}

/** add and sub of a constant: an address in memory, as far as anyone can tell. */
function addImmediate(word: number): Meaning {
  const setsFlags = bit(word, 29);
  const destination = field(word, 4, 0);
  const to = setsFlags ? rd(word) : [generalOrStack(destination)];
  const from = generalOrStack(field(word, 9, 5));
  const immediate = BigInt(field(word, 21, 10)) << (bit(word, 22) ? 12n : 0n);
  const displacement = bit(word, 30) ? -immediate : immediate;
  const [name] = to;
  const meaning: Meaning = { reads: [from], writes: to };
  if (name === undefined || setsFlags) return meaning;
  if (!bit(word, 31)) {
    return displacement === 0n ? { ...meaning, effect: { kind: 'move', to: name, from, bits: 32 } } : meaning;
  }
  if (displacement === 0n) return { ...meaning, effect: { kind: 'move', to: name, from } };
  const memory: DecodedMemory = { access: 'none', size: 0, base: from, scale: 1, displacement };
  return { ...meaning, memory: [memory], effect: { kind: 'address', to: name } };
}

/** The constant of a logical instruction (DecodeBitMasks in the Arm ARM); undefined where there is none. */
function logicalConstant(word: number): bigint | undefined {
  const [n, immr, imms] = [field(word, 22, 22), field(word, 21, 16), field(word, 15, 10)];
  const pattern = (n << 6) | (~imms & 0x3f);
  if (pattern === 0) return undefined;
  const log = 31 - Math.clz32(pattern);
  const width = 1 << log;
  const ones = (imms & (width - 1)) + 1;
  if (log === 0 || ones === width) return undefined;
  const rotation = BigInt(immr & (width - 1));
  const element = (1n << BigInt(ones)) - 1n;
  const size = BigInt(width);
  const rotated = BigInt.asUintN(width, (element >> rotation) | (element << (size - rotation)));
  let value = 0n;
  for (let at = 0n; at < 64n; at += size) value |= rotated << at;
  return truncated(word, value);
}

function logicalImmediate(word: number): Meaning {
  const operation = field(word, 30, 29);
  const to = operation === 3 ? rd(word) : [generalOrStack(field(word, 4, 0))];
  const from = rn(word);
  const value = logicalConstant(word);
  const meaning: Meaning = { reads: from, writes: to };
  const [name] = to;
  if (value === undefined || name === undefined) return meaning;
  if (operation === 1 && from.length === 0) return withEffect(meaning, constant(to, value));
  const [source] = from;
  // and with a mask of the lowest bits.
  if (operation !== 0 || source === undefined || (value & (value + 1n)) !== 0n) return meaning;
  return { ...meaning, effect: { kind: 'move', to: name, from: source, bits: value.toString(2).length } };
}

/** movn, movz, movk: the last changes 16 bits of what is there. */
function wide(word: number): Meaning {
  const operation = field(word, 30, 29);
  if (operation === 3) return plain(word, rd(word));
  const value = BigInt(field(word, 20, 5)) << BigInt(field(word, 22, 21) * 16);
  const to = rd(word);
  return withEffect({ reads: [], writes: to }, constant(to, truncated(word, operation === 0 ? ~value : value)));
}

/** sbfm, bfm, ubfm, of which are sxtw, uxtb, lsl and so on. */
function bitfield(word: number): Meaning {
  const operation = field(word, 30, 29);
  if (operation === 1) return plain(word, rd(word), rn(word));
  const [to] = rd(word);
  const [from] = rn(word);
  const meaning = plain(word, rn(word));
  if (field(word, 21, 16) !== 0 || to === undefined || from === undefined) return meaning;
  const bits = field(word, 15, 10) + 1;
  return { ...meaning, effect: { kind: 'move', to, from, bits, ...(operation === 0 && { signed: true }) } };
}

/** orr of the zero register is mov, eor of a register with itself clears. */
function logicalRegister(word: number): Meaning {
  const meaning = plain(word, rn(word), rm(word));
  const [to] = rd(word);
  const [from] = rm(word);
  const operation = field(word, 30, 29);
  const isPlain = field(word, 15, 10) === 0 && field(word, 23, 21) === 0;
  if (to === undefined || !isPlain) return meaning;
  if (operation === 2 && from !== undefined && from === rn(word)[0]) {
    return { ...meaning, effect: { kind: 'constant', to, value: 0n } };
  }
  if (operation !== 1 || rn(word).length > 0) return meaning;
  if (from === undefined) return { ...meaning, effect: { kind: 'constant', to, value: 0n } };
  return { ...meaning, effect: { kind: 'move', to, from, ...(!bit(word, 31) && { bits: 32 }) } };
}

function addExtended(word: number): Meaning {
  const setsFlags = bit(word, 29);
  const to = setsFlags ? rd(word) : [generalOrStack(field(word, 4, 0))];
  return { reads: unique([generalOrStack(field(word, 9, 5)), ...rm(word)]), writes: to };
}

/** One source: rbit, rev, clz, and pointer authentication, which signs its destination with the source. */
function oneSource(word: number): Meaning {
  if (field(word, 20, 16) !== 1) return plain(word, rn(word));
  // Those that use zero (paciza) and xpaci name no other register; the others may name the stack pointer.
  const hasModifier = field(word, 15, 10) < 8;
  return plain(word, rd(word), hasModifier ? [generalOrStack(field(word, 9, 5))] : []);
}

/** ccmp, ccmn: of two registers, or of one and a number. */
function conditionalCompare(word: number): Meaning {
  return { reads: unique([...rn(word), ...(bit(word, 11) ? [] : rm(word))]), writes: [] };
}

function select(word: number): Meaning {
  return plain(word, rn(word), rm(word));
}

function threeSources(word: number): Meaning {
  const ra = general(field(word, 14, 10));
  const isLong = field(word, 23, 21) % 4 === 2;
  return plain(word, rn(word), rm(word), isLong ? [] : ra);
}

/** Conversions between general and floating-point registers. */
function conversion(word: number): Meaning {
  const opcode = field(word, 18, 16);
  const reads = opcode === 2 || opcode === 3 || opcode === 7;
  return reads ? { reads: rn(word), writes: [] } : { reads: [], writes: rd(word) };
}

/** dup and ins of a general register, smov and umov into one. */
function lane(word: number): Meaning {
  const kind = field(word, 14, 11);
  if (bit(word, 29)) return { reads: [], writes: [] };
  if (kind === 1 || kind === 3) return { reads: rn(word), writes: [] };
  if (kind === 5 || kind === 7) return { reads: [], writes: rd(word) };
  return { reads: [], writes: [] };
}

interface Encoding {
  readonly mask: number;
  readonly value: number;
  readonly decode: (word: number, address: bigint) => Meaning;
}

/** rdvl, rdsvl: the length of vector registers. */
const lengthOfVectors: Encoding = { mask: 0xfffff000, value: 0x04bf5000, decode: (word) => plain(word) };

/** The first that matches (C4.1.86, C4.1.92 and C4.1.93 of the Arm ARM). */
const encodings: readonly Encoding[] = [
  { mask: 0x1f000000, value: 0x10000000, decode: relative },
  { mask: 0x1f800000, value: 0x11000000, decode: addImmediate },
  // addg, subg, and minimum and maximum with a number.
  {
    mask: 0x1f800000,
    value: 0x11800000,
    decode: (word) =>
      matches(word, 0x00400000, 0)
        ? { reads: [generalOrStack(field(word, 9, 5))], writes: [generalOrStack(field(word, 4, 0))] }
        : plain(word, rn(word)),
  },
  { mask: 0x1f800000, value: 0x12000000, decode: logicalImmediate },
  { mask: 0x1f800000, value: 0x12800000, decode: wide },
  { mask: 0x1f800000, value: 0x13000000, decode: bitfield },
  { mask: 0x1f800000, value: 0x13800000, decode: (word) => plain(word, rn(word), rm(word)) },
  { mask: 0x1f000000, value: 0x0a000000, decode: logicalRegister },
  { mask: 0x1f200000, value: 0x0b000000, decode: (word) => plain(word, rn(word), rm(word)) },
  { mask: 0x1f200000, value: 0x0b200000, decode: addExtended },
  // rmif, setf8, setf16: into the flags.
  { mask: 0x1fe00400, value: 0x1a000400, decode: (word) => ({ reads: rn(word), writes: [] }) },
  { mask: 0x1fe03c00, value: 0x1a000800, decode: (word) => ({ reads: rn(word), writes: [] }) },
  { mask: 0x1fe00000, value: 0x1a000000, decode: (word) => plain(word, rn(word), rm(word)) },
  { mask: 0x1fe00000, value: 0x1a400000, decode: conditionalCompare },
  { mask: 0x1fe00000, value: 0x1a800000, decode: select },
  { mask: 0x5fe00000, value: 0x1ac00000, decode: (word) => plain(word, rn(word), rm(word)) },
  { mask: 0x5fe00000, value: 0x5ac00000, decode: oneSource },
  { mask: 0x1f000000, value: 0x1b000000, decode: threeSources },
  { mask: 0x5f20fc00, value: 0x1e200000, decode: conversion },
  { mask: 0x5f200000, value: 0x1e000000, decode: conversion },
  { mask: 0x9fe08400, value: 0x0e000400, decode: lane },
  lengthOfVectors,
];

/** What an instruction on registers does; nothing is said of vector registers. */
export function dataMeaning(word: number, address: bigint): Meaning | undefined {
  for (const { mask, value, decode } of encodings) if (matches(word, mask, value)) return decode(word, address);
  return undefined;
}
