import type { DecodedField } from '../model/report.ts';
import { bits, type ErrorMeaning } from './architecture.ts';

interface PageFaultBit {
  readonly bit: number;
  readonly name: string;
  readonly set: string;
  readonly clear?: string;
}

// enum x86_pf_error_code, arch/x86/include/asm/trap_pf.h. A bit without `clear` is named only if it is set.
const pageFaultBits: readonly PageFaultBit[] = [
  { bit: 0, name: 'P', set: 'protection violation', clear: 'page not present' },
  { bit: 1, name: 'W', set: 'write access', clear: 'read access' },
  { bit: 2, name: 'U', set: 'user mode', clear: 'supervisor mode' },
  { bit: 3, name: 'RSVD', set: 'reserved bit set in a page-table entry' },
  { bit: 4, name: 'I', set: 'instruction fetch' },
  { bit: 5, name: 'PK', set: 'protection key violation' },
  { bit: 6, name: 'SS', set: 'shadow stack access' },
  { bit: 15, name: 'SGX', set: 'SGX access control violation' },
  { bit: 31, name: 'RMP', set: 'RMP violation (SEV-SNP)' },
];

/** The error code of a page fault (#PF). */
export function decodePageFaultCode(code: bigint): ErrorMeaning {
  const fields: DecodedField[] = [];
  for (const { bit, name, set, clear } of pageFaultBits) {
    const value = bits(code, bit, bit);
    const meaning = value === 1 ? set : clear;
    if (meaning !== undefined) fields.push({ name, value: String(value), meaning });
  }
  const access = bits(code, 4, 4) === 1 ? 'execute' : bits(code, 1, 1) === 1 ? 'write' : 'read';
  return { access, mode: bits(code, 2, 2) === 1 ? 'user' : 'kernel', fields };
}

const descriptorTables = ['GDT', 'IDT', 'LDT', 'IDT'] as const;

/** Vectors of exceptions, Intel SDM 3A, table 6-1: what an entry of the IDT is for. */
const vectors: Readonly<Record<number, string>> = {
  0: '#DE',
  1: '#DB',
  2: 'NMI',
  3: '#BP',
  4: '#OF',
  5: '#BR',
  6: '#UD',
  7: '#NM',
  8: '#DF',
  10: '#TS',
  11: '#NP',
  12: '#SS',
  13: '#GP',
  14: '#PF',
  16: '#MF',
  17: '#AC',
  18: '#MC',
  19: '#XM',
  20: '#VE',
  21: '#CP',
  29: '#VC',
  128: 'int 0x80, a system call of 32-bit programs',
};

/** The error code of #GP, #SS, #NP and #TS: a selector, or 0 if no segment was involved (Intel SDM 3A, 6.13). */
export function decodeSelectorCode(code: bigint): ErrorMeaning {
  if (code === 0n) return { fields: [{ name: 'selector', value: '0', meaning: 'no segment selector involved' }] };
  const index = bits(code, 15, 3);
  const vector = bits(code, 1, 1) === 1 ? vectors[index] : undefined;
  const fields: DecodedField[] = [
    { name: 'EXT', value: String(bits(code, 0, 0)), ...(bits(code, 0, 0) === 1 && { meaning: 'external event' }) },
    { name: 'table', value: descriptorTables[bits(code, 2, 1)] ?? 'GDT' },
    { name: 'index', value: String(index), ...(vector !== undefined && { meaning: `vector ${vector}` }) },
  ];
  return { fields };
}

// Intel SDM 1, 18.5; arch/x86/kernel/cet.c, enum cp_error_code.
const controlProtectionCauses: Readonly<Record<number, string>> = {
  1: 'a near return whose address is not that of the shadow stack',
  2: 'a far return or iret whose address is not that of the shadow stack',
  3: 'an indirect jump or call to an instruction that is no ENDBR',
  4: 'rstorssp with a bad token',
  5: 'setssbsy with a bad token',
};

/** The error code of a control protection exception (#CP). */
export function decodeControlProtectionCode(code: bigint): ErrorMeaning {
  const cause = bits(code, 14, 0);
  const meaning = controlProtectionCauses[cause];
  const fields: DecodedField[] = [{ name: 'CPEC', value: String(cause), ...(meaning !== undefined && { meaning }) }];
  if (bits(code, 15, 15) === 1) fields.push({ name: 'ENCL', value: '1', meaning: 'in an enclave' });
  return { fields };
}
