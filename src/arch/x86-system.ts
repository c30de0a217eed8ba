import type { DecodedField } from '../model/report.ts';
import { bits } from './architecture.ts';
import { type BitRow, decodeBits } from './bit-table.ts';

// Names and bits: Intel SDM volume 3A, chapter 2, and arch/x86/include/uapi/asm/processor-flags.h.

const eflagsBits: readonly BitRow[] = [
  { bit: 0, name: 'CF', set: 'carry' },
  { bit: 2, name: 'PF', set: 'even parity' },
  { bit: 4, name: 'AF', set: 'auxiliary carry' },
  { bit: 6, name: 'ZF', set: 'zero' },
  { bit: 7, name: 'SF', set: 'negative' },
  { bit: 8, name: 'TF', set: 'single step' },
  { bit: 9, name: 'IF', set: 'interrupts on', clear: 'interrupts off' },
  { bit: 10, name: 'DF', set: 'string instructions go downwards' },
  { bit: 11, name: 'OF', set: 'overflow' },
  { bit: 14, name: 'NT', set: 'nested task' },
  { bit: 16, name: 'RF', set: 'resumed after a debug exception' },
  { bit: 17, name: 'VM', set: 'virtual 8086 mode' },
  { bit: 18, name: 'AC', set: 'access to user space allowed (stac), or alignment checks' },
  { bit: 19, name: 'VIF', set: 'virtual interrupt flag' },
  { bit: 20, name: 'VIP', set: 'virtual interrupt pending' },
];

const cr0Bits: readonly BitRow[] = [
  { bit: 0, name: 'PE', set: 'protected mode' },
  { bit: 1, name: 'MP', set: 'wait checks the FPU' },
  { bit: 2, name: 'EM', set: 'no FPU' },
  { bit: 3, name: 'TS', set: 'the FPU holds the state of another task' },
  { bit: 5, name: 'NE', set: 'FPU errors as exceptions' },
  { bit: 16, name: 'WP', set: 'the kernel respects read-only pages', clear: 'the kernel can write to read-only pages' },
  { bit: 18, name: 'AM', set: 'alignment checks can be on' },
  { bit: 29, name: 'NW', set: 'no write-through' },
  { bit: 30, name: 'CD', set: 'caches off' },
  { bit: 31, name: 'PG', set: 'paging' },
];

const cr4Bits: readonly BitRow[] = [
  { bit: 0, name: 'VME', set: 'virtual 8086 extensions' },
  { bit: 1, name: 'PVI', set: 'virtual interrupts' },
  { bit: 2, name: 'TSD', set: 'rdtsc for the kernel only' },
  { bit: 3, name: 'DE', set: 'I/O breakpoints' },
  { bit: 4, name: 'PSE', set: 'large pages' },
  { bit: 5, name: 'PAE', set: '64-bit page tables' },
  { bit: 6, name: 'MCE', set: 'machine checks' },
  { bit: 7, name: 'PGE', set: 'global pages' },
  { bit: 8, name: 'PCE', set: 'rdpmc for user space' },
  { bit: 9, name: 'OSFXSR', set: 'SSE' },
  { bit: 10, name: 'OSXMMEXCPT', set: 'SIMD exceptions' },
  { bit: 11, name: 'UMIP', set: 'no sgdt and the like in user space' },
  { bit: 12, name: 'LA57', set: 'five levels of page tables' },
  { bit: 13, name: 'VMXE', set: 'VMX' },
  { bit: 14, name: 'SMXE', set: 'SMX' },
  { bit: 16, name: 'FSGSBASE', set: 'wrfsbase and the like for user space' },
  { bit: 17, name: 'PCIDE', set: 'process-context identifiers' },
  { bit: 18, name: 'OSXSAVE', set: 'xsave' },
  { bit: 20, name: 'SMEP', set: 'the kernel cannot execute user pages', clear: 'the kernel can execute user pages' },
  {
    bit: 21,
    name: 'SMAP',
    set: 'the kernel cannot touch user pages but where it says so',
    clear: 'the kernel can touch user pages',
  },
  { bit: 22, name: 'PKE', set: 'protection keys' },
  { bit: 23, name: 'CET', set: 'control-flow enforcement' },
  { bit: 24, name: 'PKS', set: 'protection keys of the kernel' },
  { bit: 25, name: 'UINTR', set: 'user interrupts' },
  { bit: 28, name: 'LAM_SUP', set: 'linear-address masking of kernel addresses' },
  { bit: 32, name: 'FRED', set: 'FRED' },
];

const eferBits: readonly BitRow[] = [
  { bit: 0, name: 'SCE', set: 'syscall' },
  { bit: 8, name: 'LME', set: 'long mode enabled' },
  { bit: 10, name: 'LMA', set: 'long mode' },
  { bit: 11, name: 'NX', set: 'no-execute pages', clear: 'no no-execute pages' },
  { bit: 12, name: 'SVME', set: 'SVM' },
  { bit: 13, name: 'LMSLE', set: 'segment limits in long mode' },
  { bit: 14, name: 'FFXSR', set: 'fast fxsave' },
  { bit: 15, name: 'TCE', set: 'translation cache extension' },
  { bit: 21, name: 'AUTOIBRS', set: 'automatic IBRS' },
];

export const decodeEflags = (value: bigint): DecodedField[] => {
  const level = bits(value, 13, 12);
  const fields = decodeBits(value, eflagsBits);
  return level === 0 ? fields : [...fields, { name: 'IOPL', value: String(level), meaning: 'I/O privilege level' }];
};
export const decodeCr0 = (value: bigint): DecodedField[] => decodeBits(value, cr0Bits);
export const decodeCr4 = (value: bigint): DecodedField[] => decodeBits(value, cr4Bits);
export const decodeEfer = (value: bigint): DecodedField[] => decodeBits(value, eferBits);

/**
 * CR3: where the top page table is. With page-table isolation the tables of user space are the upper page of a pair
 * (PTI_USER_PGTABLE_BIT, bit 12), and their identifier has bit 11 (arch/x86/mm/tlb.c, X86_CR3_PTI_PCID_USER_BIT).
 */
export function decodeCr3(value: bigint, cr4?: bigint): DecodedField[] {
  const fields: DecodedField[] = [
    {
      name: 'table',
      value: `0x${(value & 0x000f_ffff_ffff_f000n).toString(16)}`,
      meaning: 'physical address of the top page table',
    },
  ];
  const low = bits(value, 11, 0);
  if (cr4 === undefined || bits(cr4, 17, 17) === 1) {
    // The kernel counts address spaces from 1; 0 is that of early boot.
    const user = bits(value, 11, 11) === 1;
    fields.push({
      name: 'PCID',
      value: String(low & 0x7ff),
      meaning: user ? 'address space, the half of user space (PTI)' : 'address space',
    });
  } else {
    if (bits(value, 3, 3) === 1) fields.push({ name: 'PWT', value: '1', meaning: 'write-through' });
    if (bits(value, 4, 4) === 1) fields.push({ name: 'PCD', value: '1', meaning: 'not cached' });
  }
  return fields;
}

const conditions = ['execution', 'writes', 'I/O', 'reads and writes'] as const;
const lengths = [1, 2, 8, 4] as const;

/** DR6: which breakpoint hit. */
export function decodeDr6(value: bigint): DecodedField[] {
  const fields = decodeBits(value, [
    { bit: 0, name: 'B0', set: 'breakpoint 0 hit' },
    { bit: 1, name: 'B1', set: 'breakpoint 1 hit' },
    { bit: 2, name: 'B2', set: 'breakpoint 2 hit' },
    { bit: 3, name: 'B3', set: 'breakpoint 3 hit' },
    { bit: 13, name: 'BD', set: 'access to a debug register' },
    { bit: 14, name: 'BS', set: 'single step' },
    { bit: 15, name: 'BT', set: 'task switch' },
  ]);
  // Bus locks and transactions count downwards: set is what they are at rest (0xffff0ff0).
  if (bits(value, 11, 11) === 0 && value !== 0n) fields.push({ name: 'BLD', value: '0', meaning: 'bus lock' });
  return fields;
}

/** DR7: what the breakpoints wait for. */
export function decodeDr7(value: bigint): DecodedField[] {
  const fields: DecodedField[] = [];
  for (let i = 0; i < 4; i++) {
    if (bits(value, 2 * i + 1, 2 * i) === 0) continue;
    const what = conditions[bits(value, 17 + 4 * i, 16 + 4 * i)] ?? 'execution';
    const length = lengths[bits(value, 19 + 4 * i, 18 + 4 * i)] ?? 1;
    const meaning = what === 'execution' ? 'breakpoint' : `${what} of ${length} byte${length === 1 ? '' : 's'}`;
    fields.push({ name: `DR${i}`, value: bits(value, 2 * i + 1, 2 * i + 1) === 1 ? 'global' : 'local', meaning });
  }
  if (bits(value, 13, 13) === 1) fields.push({ name: 'GD', value: '1', meaning: 'debug registers are guarded' });
  return fields;
}

/** PKRU: what each protection key forbids. The kernel's default allows key 0 only (0x55555554, arch/x86/mm/pkeys.c). */
export function decodePkru(value: bigint): DecodedField[] {
  if (value === 0x5555_5554n) return [{ name: 'keys', value: '0', meaning: 'only key 0 has access, as by default' }];
  const fields: DecodedField[] = [];
  for (let key = 0; key < 16; key++) {
    const rights = bits(value, 2 * key + 1, 2 * key);
    if (rights === 0) continue;
    fields.push({ name: `key ${key}`, value: String(rights), meaning: (rights & 1) === 1 ? 'no access' : 'read only' });
  }
  return fields;
}

// arch/x86/include/asm/segment.h, indexes into the GDT.
const segments64: Readonly<Record<number, string>> = {
  1: '32-bit kernel code',
  2: 'kernel code',
  3: 'kernel data',
  4: '32-bit user code',
  5: 'user data',
  6: 'user code',
  8: 'task state',
  10: 'LDT',
  12: 'thread-local storage',
  13: 'thread-local storage',
  14: 'thread-local storage',
  15: 'CPU number',
};
const segments32: Readonly<Record<number, string>> = {
  6: 'thread-local storage',
  7: 'thread-local storage',
  8: 'thread-local storage',
  12: 'kernel code',
  13: 'kernel data',
  14: 'user code',
  15: 'user data',
  16: 'task state',
  27: 'per-CPU data',
  28: 'CPU number or stack canary',
};

/** A segment selector: index, table, privilege level. */
export function decodeSelector(value: bigint, wordSize: 32 | 64): DecodedField[] {
  const index = bits(value, 15, 3);
  const level = bits(value, 1, 0);
  // The null selector says nothing: in long mode most of them are.
  if (index === 0 && bits(value, 2, 2) === 0) return [];
  const local = bits(value, 2, 2) === 1;
  const known = local ? 'of a local descriptor table' : (wordSize === 64 ? segments64 : segments32)[index];
  return [
    { name: 'index', value: String(index), ...(known !== undefined && { meaning: known }) },
    { name: 'table', value: local ? 'LDT' : 'GDT' },
    {
      name: 'RPL',
      value: String(level),
      meaning: level === 0 ? 'kernel' : level === 3 ? 'user space' : 'privilege level',
    },
  ];
}
