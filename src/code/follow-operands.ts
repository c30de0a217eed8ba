import type { DecodedInstruction } from './instruction.ts';

/** Instructions whose result is near, or made of, one of the registers that they read. */
const arithmetic: ReadonlySet<string> = new Set([
  ...['add', 'sub', 'and', 'or', 'orr', 'eor', 'xor', 'bic', 'inc', 'dec', 'lea', 'adc', 'sbb'],
  ...['shl', 'shr', 'sar', 'lsl', 'lsr', 'asr', 'rol', 'ror', 'not', 'neg', 'bswap', 'movk'],
]);

/** Of addresses that count from the instruction. */
export const isRelative = (base: string): boolean => base === 'rip' || base === 'eip' || base === 'pc';

/** The register that a computed value is nearest to, and whether it is the only one that it is made of. */
export interface ComputedFrom {
  readonly register: string;
  readonly isOnly: boolean;
}

/**
 * What to go on with behind an instruction that computes: of an addition the first, which compilers have the base in;
 * the index comes second.
 */
export function computedFrom(instruction: DecodedInstruction, written: string): ComputedFrom | undefined {
  const { memory, mnemonic, reads } = instruction;
  // String instructions, and addresses that move on as they are used.
  const moves = memory.some(({ base, update }) => update !== undefined && base === written);
  if (moves) return { register: written, isOnly: true };
  // What comes after a size or condition is no part of the name.
  const name = mnemonic.replace(/^(add|sub|and|bic)s$/, '$1');
  if (!arithmetic.has(name)) return undefined;
  if (mnemonic === 'lea') {
    const [place] = memory;
    if (place?.base === undefined) return undefined;
    return { register: place.base, isOnly: place.index === undefined };
  }
  // The text last: it takes longest to know.
  const { text } = instruction;
  const values = reads.filter((each) => !memory.some(({ base, index }) => each === base || each === index));
  // Of arm64's additions the operand that is shifted or extended is what is added to the other (add x2, x0, x2, lsl #4).
  const scaled = /, (?:lsl|[us]xt[bhwx])(?: #\d{1,2})?$/.test(text)
    ? registersOf(text.slice(text.indexOf(' ')))[1]
    : '';
  if (scaled && name === 'add' && values.includes(scaled)) return { register: scaled, isOnly: false };
  if (values.includes(written)) return { register: written, isOnly: values.length === 1 && memory.length === 0 };
  const ordered = registersOf(text.slice(text.indexOf(' '))).slice(1);
  const first = ordered.find((each) => values.includes(each)) ?? values[0];
  return first === undefined ? undefined : { register: first, isOnly: values.length === 1 };
}

const armRegister = /\b(?:([xw])(\d{1,2})|(sp|wsp|xzr|wzr))\b/g;

/** The registers of an operand list of arm64, by their full names; '' for the zero register. */
function registersOf(operands: string): string[] {
  return Array.from(operands.slice(0, 200).matchAll(armRegister), ([, kind, number, other]) => {
    if (kind !== undefined) return `x${number}`;
    return other === 'xzr' || other === 'wzr' ? '' : 'sp';
  });
}

/**
 * The registers that a store puts into memory, by their full names, in the order of memory; '' for a constant.
 * Undefined if the instruction is no plain store.
 */
export function storedRegisters(instruction: DecodedInstruction): readonly string[] | undefined {
  const { mnemonic } = instruction;
  if (/^st(?:p|r|ur|np|lr|lur)$/.test(mnemonic)) {
    const { text } = instruction;
    const bracket = text.indexOf('[');
    return bracket < 0 ? undefined : registersOf(text.slice(text.indexOf(' '), bracket));
  }
  if (mnemonic !== 'mov' && mnemonic !== 'push') return undefined;
  const { memory, reads } = instruction;
  const place = memory.find(({ access }) => access === 'write');
  if (place === undefined) return undefined;
  const source = /^\S+\s+([%$])([^\s,]{1,20})/.exec(instruction.text);
  if (source?.[1] === '$') return [''];
  // Parts of a register have other names, and are no whole value.
  const stored = source === null ? undefined : reads.find((each) => each === source[2]);
  return stored === undefined ? undefined : [stored];
}
