import type { CapstoneText } from './capstone.ts';
import { ownText } from './own-text.ts';

/** Numbers of these are printed in hexadecimal by objdump; those of the others, of shifts and of addresses in decimal. */
const hexadecimal: ReadonlySet<string> = new Set(
  [
    'add adds sub subs cmp cmn and ands orr eor tst bic orn mov movz movn movk movi mvni ccmp ccmn',
    'svc hvc smc brk hlt hint dcps1 dcps2 dcps3 msr isb dsb dmb addg subg dupm',
  ].flatMap((names) => names.split(' ')),
);

/** Conditions have two names each; objdump takes those of carry. */
const conditions: Readonly<Record<string, string>> = { hs: 'cs', lo: 'cc' };

/** Words of shifts and extensions, before whose numbers there is no comma. */
const shiftWord = /^(?:lsl|lsr|asr|ror|msl|[us]xt[bhwx]) #/;

function numberText(text: string, hex: boolean, is64: boolean): string {
  const value = BigInt(text.replace('-', ''));
  const signed = text.startsWith('-') ? -value : value;
  // Post-index offsets come as unsigned numbers.
  if (!hex) return BigInt.asIntN(64, signed).toString();
  const unsigned = signed < 0n ? BigInt.asUintN(is64 ? 64 : 32, signed) : signed;
  return `0x${unsigned.toString(16)}`;
}

/** Splits at the commas outside of brackets and braces. */
function split(operands: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < operands.length; at++) {
    const letter = operands[at];
    if (letter === '[' || letter === '{') depth++;
    else if (letter === ']' || letter === '}') depth--;
    else if (letter === ',' && depth === 0) {
      parts.push(operands.slice(from, at).trim());
      from = at + 1;
    }
  }
  parts.push(operands.slice(from).trim());
  return parts;
}

const branches = /^(?:b|bl|b\..*|bc\..*|cbn?z|tbn?z|adrp?)$/;
const plainNumber = /#(-?(?:0x[0-9a-f]+|\d+))(?![0-9.a-z])/g;

/** v0.16b, v1.16b, v2.16b as v0.16b-v2.16b: objdump shortens lists of more than two. */
function listText(list: string): string {
  const names = list.slice(1, list.indexOf('}')).split(', ');
  const rest = list.slice(list.indexOf('}'));
  const [first] = names;
  const last = names.at(-1);
  return names.length > 2 ? `{${first}-${last}${rest}` : list;
}

function operandText(mnemonic: string, operand: string, position: number, isMemory: boolean, is64: boolean): string {
  const condition = conditions[operand];
  if (condition !== undefined) return condition;
  if (operand.startsWith('{')) return listText(operand);
  const isShift = shiftWord.test(operand);
  const isHint = mnemonic === 'prfm' && position === 0;
  const hex = isHint || (!isMemory && !isShift && hexadecimal.has(mnemonic));
  return operand.replace(plainNumber, (_, value: string) => `#${numberText(value, hex, is64)}`);
}

/**
 * The text of an instruction as GNU objdump prints it, but for comments; undefined where it is none.
 * @param readText asks capstone, which takes longer than all the rest.
 */
export function gnuText(word: number, readText: () => CapstoneText | undefined): CapstoneText | undefined {
  const own = ownText(word);
  if (own !== undefined) return own;
  const read = readText();
  if (read === undefined) return undefined;
  const mnemonic = read.mnemonic.replace(/^b\.(hs|lo)$/, (_, name: string) => `b.${conditions[name] ?? name}`);
  if (read.operands === '') return { mnemonic, operands: '' };
  const parts = split(read.operands);
  const isMemory = read.operands.includes('[');
  const is64 = /^(?:x|sp)/.test(read.operands);
  const texts = parts.map((part, position) => {
    const isTarget = position === parts.length - 1 && (branches.test(mnemonic) || isLiteral(word));
    if (isTarget) return part.replace(/^#/, '');
    // sys and sysl name the fields of the instruction.
    if (/^c\d+$/.test(part)) return part.toUpperCase();
    return operandText(mnemonic, part, position, isMemory, is64);
  });
  return { mnemonic, operands: texts.join(', ') };
}

/** Loads relative to the instruction. */
function isLiteral(word: number): boolean {
  return (word & 0x3b000000) === 0x18000000;
}
