import type { CapstoneText } from './capstone.ts';
import { field, matches, signedField } from './word.ts';

/** Hints that capstone 5 names otherwise than objdump 2.40. */
const hints: Readonly<Record<number, string>> = { 6: 'hint #0x6', 22: 'clearbhb' };

function registerText(number: number, is64: boolean): string {
  if (number === 31) return is64 ? 'xzr' : 'wzr';
  return `${is64 ? 'x' : 'w'}${number}`;
}

function baseText(word: number): string {
  const base = field(word, 9, 5);
  return base === 31 ? 'sp' : `x${base}`;
}

const widths = ['b', 'h', '', ''] as const;

/** ldtr, sttr and theirs: as user space would. Capstone 5.0 knows them only with an offset. */
function unprivileged(word: number): CapstoneText | undefined {
  const size = field(word, 31, 30);
  const opc = field(word, 23, 22);
  if ((opc === 2 && size === 3) || (opc === 3 && size >= 2)) return undefined;
  const isSigned = opc >= 2;
  const width = isSigned && size === 2 ? 'w' : widths[size];
  const is64 = opc === 2 || (size === 3 && !isSigned);
  const offset = signedField(word, 20, 12);
  const address = offset === 0 ? `[${baseText(word)}]` : `[${baseText(word)}, #${offset}]`;
  return {
    mnemonic: `${opc === 0 ? 'st' : 'ld'}tr${isSigned ? 's' : ''}${width}`,
    operands: `${registerText(field(word, 4, 0), is64)}, ${address}`,
  };
}

interface Encoding {
  readonly mask: number;
  readonly value: number;
  readonly text: (word: number) => CapstoneText | undefined;
}

const encodings: readonly Encoding[] = [
  { mask: 0xfffff800, value: 0x04bf5800, text: streamingLength },
  {
    mask: 0xffffffe0,
    value: 0xd50b7d20,
    text: (word) => ({ mnemonic: 'dc', operands: `cvadp, ${registerText(field(word, 4, 0), true)}` }),
  },
  { mask: 0x3f200c00, value: 0x38000800, text: unprivileged },
  {
    mask: 0xfffff01f,
    value: 0xd503201f,
    text: (word) => {
      const [mnemonic, operands = ''] = hints[field(word, 11, 5)]?.split(' ') ?? [];
      return mnemonic === undefined ? undefined : { mnemonic, operands };
    },
  },
];

/** rdsvl: the vector length of streaming mode (FEAT_SME). */
function streamingLength(word: number): CapstoneText {
  return { mnemonic: 'rdsvl', operands: `${registerText(field(word, 4, 0), true)}, #${signedField(word, 10, 5)}` };
}

/** Texts of instructions that capstone does not know, or has by number. */
export function ownText(word: number): CapstoneText | undefined {
  for (const { mask, value, text } of encodings) if (matches(word, mask, value)) return text(word);
  return undefined;
}
