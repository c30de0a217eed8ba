import type { ArchitectureName, DecodedField } from '../model/report.ts';
import { decodePstate, decodeSctlr } from './arm64-system.ts';
import { type BitRow, decodeBits } from './bit-table.ts';
import {
  decodeCr0,
  decodeCr3,
  decodeCr4,
  decodeDr6,
  decodeDr7,
  decodeEfer,
  decodeEflags,
  decodePkru,
  decodeSelector,
} from './x86-system.ts';

type Decoder = (value: bigint, values: Readonly<Record<string, bigint>>) => DecodedField[];

const x86Shared: Readonly<Record<string, Decoder>> = {
  eflags: decodeEflags,
  cr0: decodeCr0,
  cr3: (value, { cr4 }) => decodeCr3(value, cr4),
  cr4: decodeCr4,
  dr6: decodeDr6,
  dr7: decodeDr7,
  pkru: decodePkru,
  efer: decodeEfer,
};

const selectors = (wordSize: 32 | 64): Readonly<Record<string, Decoder>> =>
  Object.fromEntries(
    ['cs', 'ss', 'ds', 'es', 'fs', 'gs'].map((name) => [name, (value: bigint) => decodeSelector(value, wordSize)]),
  );

// Program status register of 32-bit arm (Arm ARM, CPSR).
const armBits: readonly BitRow[] = [
  { bit: 31, name: 'N', set: 'negative' },
  { bit: 30, name: 'Z', set: 'zero' },
  { bit: 29, name: 'C', set: 'carry' },
  { bit: 28, name: 'V', set: 'overflow' },
  { bit: 7, name: 'I', set: 'interrupts off', clear: 'interrupts on' },
  { bit: 6, name: 'F', set: 'fast interrupts off' },
  { bit: 5, name: 'T', set: 'Thumb code' },
];

// arch/riscv/include/asm/csr.h, SR_*.
const riscvBits: readonly BitRow[] = [
  { bit: 1, name: 'SIE', set: 'interrupts on' },
  { bit: 5, name: 'SPIE', set: 'interrupts were on', clear: 'interrupts were off' },
  { bit: 8, name: 'SPP', set: 'from the kernel', clear: 'from user space' },
  { bit: 18, name: 'SUM', set: 'the kernel can touch user pages' },
  { bit: 19, name: 'MXR', set: 'executable pages are readable' },
];

const decoders: Partial<Record<ArchitectureName, Readonly<Record<string, Decoder>>>> = {
  x86_64: { ...x86Shared, ...selectors(64) },
  i386: { ...x86Shared, ...selectors(32) },
  arm64: { pstate: decodePstate, sctlr_el1: decodeSctlr },
  arm: { psr: (value) => decodeBits(value, armBits) },
  riscv64: { status: (value) => decodeBits(value, riscvBits) },
};

/**
 * A control, status or segment register in words: what is set in it, and what is worth a word though it is not.
 * `values` are all registers of the set. Undefined for those that have no fields.
 */
export function decodeRegister(
  architecture: ArchitectureName,
  name: string,
  value: bigint,
  values: Readonly<Record<string, bigint>> = {},
): DecodedField[] | undefined {
  const table = decoders[architecture];
  if (table === undefined || !Object.hasOwn(table, name)) return undefined;
  return table[name]?.(value, values);
}

/** The registers of a set that have fields, in words; undefined if none has. */
export function decodeRegisters(
  architecture: ArchitectureName,
  values: Readonly<Record<string, bigint>>,
): Record<string, readonly DecodedField[]> | undefined {
  const decoded: Record<string, readonly DecodedField[]> = {};
  for (const [name, value] of Object.entries(values)) {
    const fields = decodeRegister(architecture, name, value, values);
    if (fields !== undefined && fields.length > 0) decoded[name] = fields;
  }
  return Object.keys(decoded).length === 0 ? undefined : decoded;
}
