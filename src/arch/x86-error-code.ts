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

/** The error code of #GP, #SS, #NP and #TS: a selector, or 0 if no segment was involved (Intel SDM 3A, 6.13). */
export function decodeSelectorCode(code: bigint): ErrorMeaning {
  if (code === 0n) return { fields: [{ name: 'selector', value: '0', meaning: 'no segment selector involved' }] };
  const fields: DecodedField[] = [
    { name: 'EXT', value: String(bits(code, 0, 0)), ...(bits(code, 0, 0) === 1 && { meaning: 'external event' }) },
    { name: 'table', value: descriptorTables[bits(code, 2, 1)] ?? 'GDT' },
    { name: 'index', value: String(bits(code, 15, 3)) },
  ];
  return { fields };
}
