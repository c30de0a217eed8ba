import { bit, field, general, generalOrStack, type Meaning, matches, signedField, unique } from './word.ts';

const rt = (word: number): string[] => general(field(word, 4, 0));

function to(address: bigint, words: number): bigint {
  return BigInt.asUintN(64, address + BigInt(words) * 4n);
}

/** b, bl. */
function branch(word: number, address: bigint): Meaning {
  const target = to(address, signedField(word, 25, 0));
  if (bit(word, 31)) return { reads: [], writes: ['x30'], flow: 'call', target };
  return { reads: [], writes: [], flow: 'jump', target };
}

/** cbz, cbnz; tbz and tbnz reach less far. */
function compareAndBranch(word: number, address: bigint): Meaning {
  const offset = bit(word, 25) ? signedField(word, 18, 5) : signedField(word, 23, 5);
  return { reads: rt(word), writes: [], flow: 'branch', target: to(address, offset) };
}

function conditional(word: number, address: bigint): Meaning {
  return { reads: [], writes: [], flow: 'branch', target: to(address, signedField(word, 23, 5)) };
}

/** br, blr, ret, eret, with pointer authentication or without. */
function register(word: number): Meaning {
  const from = general(field(word, 9, 5));
  // braa and blraa name their modifier; braaz and retaa use zero and the stack pointer.
  const modifier = bit(word, 24) ? [generalOrStack(field(word, 4, 0))] : [];
  switch (field(word, 23, 21)) {
    case 0:
      return { reads: unique([...from, ...modifier]), writes: [], flow: 'jump-indirect' };
    case 1:
      return { reads: unique([...from, ...modifier]), writes: ['x30'], flow: 'call-indirect' };
    case 2:
      // retaa has 31 for x30.
      return {
        reads: bit(word, 11) ? ['x30', 'sp'] : from,
        writes: [],
        flow: 'return',
      };
    default:
      // eret and drps take the address from elr_el1.
      return { reads: [], writes: [], flow: 'return' };
  }
}

/** svc, hvc and smc come back; brk and hlt do not. */
function exception(word: number): Meaning {
  const kind = field(word, 23, 21);
  return { reads: [], writes: [], flow: kind === 1 || kind === 2 ? 'trap' : 'next' };
}

/** Registers that hints use (C6.2, PACIASP and so on), by their number. */
const hints: Readonly<Record<number, Pick<Meaning, 'reads' | 'writes'>>> = {
  7: { reads: ['x30'], writes: ['x30'] }, // xpaclri
  8: { reads: ['x16', 'x17'], writes: ['x17'] }, // pacia1716
  10: { reads: ['x16', 'x17'], writes: ['x17'] },
  12: { reads: ['x16', 'x17'], writes: ['x17'] },
  14: { reads: ['x16', 'x17'], writes: ['x17'] },
  24: { reads: ['x30'], writes: ['x30'] }, // paciaz
  25: { reads: ['x30', 'sp'], writes: ['x30'] }, // paciasp
  26: { reads: ['x30'], writes: ['x30'] },
  27: { reads: ['x30', 'sp'], writes: ['x30'] },
  28: { reads: ['x30'], writes: ['x30'] }, // autiaz
  29: { reads: ['x30', 'sp'], writes: ['x30'] }, // autiasp
  30: { reads: ['x30'], writes: ['x30'] },
  31: { reads: ['x30', 'sp'], writes: ['x30'] },
};

/** wfe is 2, wfi 3: they go on after an event or an interrupt. */
function hint(word: number): Meaning {
  const number = field(word, 11, 5);
  if (number === 2 || number === 3) return { reads: [], writes: [], flow: 'stop' };
  return hints[number] ?? { reads: [], writes: [] };
}

/** Cache maintenance by address, which faults as an access does: dc and ic, by op1, CRm and op2. */
function isByAddress(word: number): boolean {
  if (field(word, 20, 19) !== 1 || field(word, 15, 12) !== 7) return false;
  const [op1, crm, op2] = [field(word, 18, 16), field(word, 11, 8), field(word, 7, 5)];
  if (op1 === 3) return crm >= 3 && (op2 === 1 || op2 === 3 || op2 === 4 || op2 === 5);
  // dc ivac and its forms for tags; dc isw and the like take a set and a way.
  return op1 === 0 && crm === 6 && op2 !== 2 && op2 !== 4 && op2 !== 6;
}

/** sys, sysl, mrs, msr. */
function system(word: number): Meaning {
  if (bit(word, 21)) return { reads: [], writes: rt(word) };
  const [base] = rt(word);
  if (base === undefined || !isByAddress(word)) return { reads: rt(word), writes: [] };
  // dc zva writes zeros, a block's worth (DCZID_EL0 tells how much).
  const isZeroing = field(word, 18, 16) === 3 && field(word, 11, 8) === 4;
  return {
    memory: [{ access: isZeroing ? 'write' : 'none', size: 0, base, scale: 1, displacement: 0n }],
    reads: [base],
    writes: [],
  };
}

interface Encoding {
  readonly mask: number;
  readonly value: number;
  readonly decode: (word: number, address: bigint) => Meaning;
}

/** The first that matches (C4.1.87 of the Arm ARM). */
const encodings: readonly Encoding[] = [
  // udf.
  { mask: 0xffff0000, value: 0, decode: () => ({ reads: [], writes: [], flow: 'trap' }) },
  { mask: 0x7c000000, value: 0x14000000, decode: branch },
  { mask: 0x7c000000, value: 0x34000000, decode: compareAndBranch },
  { mask: 0xff000000, value: 0x54000000, decode: conditional },
  { mask: 0xff000000, value: 0xd4000000, decode: exception },
  { mask: 0xfe000000, value: 0xd6000000, decode: register },
  { mask: 0xfffff01f, value: 0xd503201f, decode: hint },
  // wfet, wfit.
  { mask: 0xffffffc0, value: 0xd5031000, decode: (word) => ({ reads: rt(word), writes: [], flow: 'stop' }) },
  // Barriers and flags, then msr of a number.
  { mask: 0xfffff01f, value: 0xd503301f, decode: () => ({ reads: [], writes: [] }) },
  { mask: 0xfff8f01f, value: 0xd500401f, decode: () => ({ reads: [], writes: [] }) },
  { mask: 0xffc00000, value: 0xd5000000, decode: system },
];

/** What a branch or a system instruction does. */
export function systemMeaning(word: number, address: bigint): Meaning | undefined {
  for (const { mask, value, decode } of encodings) if (matches(word, mask, value)) return decode(word, address);
  return undefined;
}
