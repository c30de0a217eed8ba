import type { DecodedInstruction, DecodedMemory, Flow } from '../instruction.ts';

/** What an instruction does, told from the bits of its word (Arm ARM, C4.1: A64 instruction set encoding). */
export interface Meaning {
  readonly memory?: readonly DecodedMemory[];
  /** Numbers of general registers; 31 is left out by whoever fills these where it is the zero register. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly flow?: Flow;
  readonly target?: bigint;
  readonly effect?: NonNullable<DecodedInstruction['effect']>;
}

/** Bits `high` to `low` of a word, both counted. */
export function field(word: number, high: number, low: number): number {
  return (word >>> low) & (2 ** (high - low + 1) - 1);
}

/** One bit of a word. */
export function bit(word: number, nth: number): boolean {
  return ((word >>> nth) & 1) === 1;
}

/** Whether the bits of a mask have a value. */
export function matches(word: number, mask: number, value: number): boolean {
  return (word & mask) >>> 0 === value;
}

/** The field as a signed number. */
export function signedField(word: number, high: number, low: number): number {
  const width = high - low + 1;
  const value = field(word, high, low);
  return value >= 2 ** (width - 1) ? value - 2 ** width : value;
}

/** A register where 31 is the zero register: none. */
export function general(number: number): string[] {
  return number === 31 ? [] : [`x${number}`];
}

/** A register where 31 is the stack pointer. */
export function generalOrStack(number: number): string {
  return number === 31 ? 'sp' : `x${number}`;
}

/** Without what comes twice. */
export function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
