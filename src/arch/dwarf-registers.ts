import type { ArchitectureName } from '../model/report.ts';
import { numbered } from './architecture.ts';

/** How debug information numbers the registers of an architecture, and what its calls do with them. */
export interface DwarfRegisters {
  /** Names as in the report's register set, by number; empty where there is none in it. */
  readonly names: readonly string[];
  readonly stackPointer: number;
  /** The column that the return address is in. */
  readonly returnAddress: number;
  /** Registers that a called function leaves as they were. */
  readonly preserved: readonly number[];
}

/** System V Application Binary Interface, AMD64 Architecture Processor Supplement, 3.6.2 and 3.2.1. */
const x8664: DwarfRegisters = {
  names: [
    'rax',
    'rdx',
    'rcx',
    'rbx',
    'rsi',
    'rdi',
    'rbp',
    'rsp',
    'r8',
    'r9',
    'r10',
    'r11',
    'r12',
    'r13',
    'r14',
    'r15',
    'rip',
  ],
  stackPointer: 7,
  returnAddress: 16,
  preserved: [3, 6, 12, 13, 14, 15],
};

/** System V ABI, Intel386 Supplement, 2.4.2; the kernel passes arguments in registers, which changes none of these. */
const i386: DwarfRegisters = {
  names: ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi', 'eip', 'eflags'],
  stackPointer: 4,
  returnAddress: 8,
  preserved: [3, 5, 6, 7],
};

/** DWARF for the Arm 64-bit Architecture (aadwarf64), 4.1; Procedure Call Standard (aapcs64), 6.1.1. */
const arm64: DwarfRegisters = {
  names: [...numbered('x', 30), 'lr', 'sp', 'pc'],
  stackPointer: 31,
  returnAddress: 30,
  // x18 is the shadow call stack's where the kernel has one, and is restored by every function then.
  preserved: [19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29],
};

/** DWARF for the Arm Architecture (aadwarf32), 4.1; aapcs32, 6.1.1. */
const arm: DwarfRegisters = {
  names: [...numbered('r', 11), 'fp', 'ip', 'sp', 'lr', 'pc'],
  stackPointer: 13,
  returnAddress: 14,
  preserved: [4, 5, 6, 7, 8, 9, 10, 11],
};

/** RISC-V ABIs Specification, DWARF register numbers and calling convention. */
const riscv64: DwarfRegisters = {
  names: [
    '',
    'ra',
    'sp',
    'gp',
    'tp',
    't0',
    't1',
    't2',
    's0',
    's1',
    ...numbered('a', 8),
    ...numbered('s', 12).slice(2),
    't3',
    't4',
    't5',
    't6',
  ],
  stackPointer: 2,
  returnAddress: 1,
  preserved: [8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27],
};

const known: Readonly<Partial<Record<ArchitectureName, DwarfRegisters>>> = { x86_64: x8664, i386, arm64, arm, riscv64 };

/** The numbering of an architecture; undefined where it is not known here. */
export function dwarfRegisters(name: ArchitectureName): DwarfRegisters | undefined {
  return known[name];
}
