import type { CapstoneText } from './capstone.ts';
import { field, matches, signedField } from './word.ts';

/** Hints that capstone 5 names otherwise than objdump 2.40; and the one that fills up space, which is asked for often. */
const hints: Readonly<Record<number, string>> = { 0: 'nop', 6: 'hint #0x6', 22: 'clearbhb' };

function registerText(number: number, is64: boolean): string {
  if (number === 31) return is64 ? 'xzr' : 'wzr';
  return `${is64 ? 'x' : 'w'}${number}`;
}

function baseText(word: number): string {
  const base = field(word, 9, 5);
  return base === 31 ? 'sp' : `x${base}`;
}

const widths = ['b', 'h', '', ''] as const;

/** ldtr, sttr and theirs: as user space would. Capstone 5.0 takes them for some that change the base, and
 * refuses those that load into it. */
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
  { mask: 0xbf200c00, value: 0x19200400, text: userAtomic },
  { mask: 0xbfa07c00, value: 0x89007c00, text: userExclusive },
  { mask: 0xffa07c00, value: 0xc9807c00, text: userExclusive },
  { mask: 0xffffec00, value: 0xd91f0c00, text: controlStack },
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

/** Suffixes by the bits of acquire and release. */
const orders = ['', 'l', 'a', 'al'] as const;

const userAtomics: Readonly<Record<number, string>> = { 0: 'ldtadd', 1: 'ldtclr', 3: 'ldtset', 8: 'swpt' };

/** ldtadd, ldtclr, ldtset, swpt: atomic accesses as user space would do them (FEAT_LSUI). */
function userAtomic(word: number): CapstoneText | undefined {
  const name = userAtomics[field(word, 15, 12)];
  if (name === undefined) return undefined;
  const is64 = field(word, 30, 30) === 1;
  const order = orders[field(word, 23, 23) * 2 + field(word, 22, 22)];
  const [source, target] = [field(word, 20, 16), field(word, 4, 0)].map((each) => registerText(each, is64));
  return { mnemonic: `${name}${order}`, operands: `${source}, ${target}, [${baseText(word)}]` };
}

/** cast, and ldtxr and sttxr with theirs (FEAT_LSUI). */
function userExclusive(word: number): CapstoneText | undefined {
  const isWide = field(word, 30, 30) === 1;
  const isOrdered = field(word, 15, 15) === 1;
  const isLoad = field(word, 22, 22) === 1;
  const address = `[${baseText(word)}]`;
  const target = registerText(field(word, 4, 0), isWide);
  const status = field(word, 20, 16);
  if (field(word, 23, 23) === 1) {
    const order = orders[(isLoad ? 2 : 0) + (isOrdered ? 1 : 0)];
    return { mnemonic: `cas${order}t`, operands: `${registerText(status, true)}, ${target}, ${address}` };
  }
  if (isLoad) return { mnemonic: isOrdered ? 'ldatxr' : 'ldtxr', operands: `${target}, ${address}` };
  const operands = `${registerText(status, false)}, ${target}, ${address}`;
  return { mnemonic: isOrdered ? 'stltxr' : 'sttxr', operands };
}

/** gcsstr and gcssttr: stores to a guarded control stack (FEAT_GCS). */
function controlStack(word: number): CapstoneText {
  const mnemonic = field(word, 12, 12) === 1 ? 'gcssttr' : 'gcsstr';
  return { mnemonic, operands: `${registerText(field(word, 4, 0), true)}, [${baseText(word)}]` };
}

/** Texts of instructions that capstone does not know, or has by number. */
export function ownText(word: number): CapstoneText | undefined {
  for (const { mask, value, text } of encodings) if (matches(word, mask, value)) return text(word);
  return undefined;
}
