import type { DecodedField } from '../model/report.ts';
import { bits } from './architecture.ts';
import { type BitRow, decodeBits } from './bit-table.ts';

// SPSR_EL1, Arm ARM C5.2.19; arch/arm64/include/asm/ptrace.h. AArch32 states differ in the lower bits.
const pstateBits: readonly BitRow[] = [
  { bit: 31, name: 'N', set: 'negative' },
  { bit: 30, name: 'Z', set: 'zero' },
  { bit: 29, name: 'C', set: 'carry' },
  { bit: 28, name: 'V', set: 'overflow' },
  { bit: 25, name: 'TCO', set: 'tag checks off' },
  { bit: 24, name: 'DIT', set: 'timing does not depend on data' },
  { bit: 23, name: 'UAO', set: 'user access instructions act as those of the kernel' },
  {
    bit: 22,
    name: 'PAN',
    set: 'the kernel cannot touch user pages',
  },
  { bit: 21, name: 'SS', set: 'single step' },
  { bit: 20, name: 'IL', set: 'illegal execution state' },
  { bit: 13, name: 'ALLINT', set: 'all interrupts off, NMIs too' },
  { bit: 12, name: 'SSBS', set: 'speculative store bypass is safe' },
  { bit: 9, name: 'D', set: 'debug exceptions off' },
  { bit: 8, name: 'A', set: 'SErrors off' },
  { bit: 7, name: 'I', set: 'interrupts off', clear: 'interrupts on' },
  { bit: 6, name: 'F', set: 'fast interrupts off' },
];

// Without FEAT_PAN and the like the bits are always clear: only what is set is told of the others.
const modes: Readonly<Record<number, string>> = {
  0: 'EL0t, user space',
  4: 'EL1t, the kernel on the stack of user space',
  5: 'EL1h, the kernel',
  8: 'EL2t',
  9: 'EL2h, the kernel (virtualization host)',
  12: 'EL3t',
  13: 'EL3h',
};

// PSR_BTYPE_*: the kernel prints `jc`, `-c` and `j-`.
const branchTypes: Readonly<Record<number, string>> = {
  1: 'after an indirect branch that may land at either kind of target (jc)',
  2: 'after an indirect call (c)',
  3: 'after an indirect jump (j)',
};

/** PSTATE as the kernel prints it. */
export function decodePstate(value: bigint): DecodedField[] {
  const aarch32 = bits(value, 4, 4) === 1;
  if (aarch32) {
    return [
      ...decodeBits(value, pstateBits.slice(0, 4)),
      { name: 'mode', value: `0x${bits(value, 4, 0).toString(16)}`, meaning: '32-bit user space' },
    ];
  }
  const fields = decodeBits(value, pstateBits);
  const branch = bits(value, 11, 10);
  const branchMeaning = branchTypes[branch];
  if (branchMeaning !== undefined) fields.push({ name: 'BTYPE', value: String(branch), meaning: branchMeaning });
  const mode = bits(value, 3, 0);
  const meaning = modes[mode];
  fields.push({ name: 'mode', value: `0x${mode.toString(16)}`, ...(meaning !== undefined && { meaning }) });
  return fields;
}

const sctlrBits: readonly BitRow[] = [
  { bit: 0, name: 'M', set: 'MMU on', clear: 'MMU off' },
  { bit: 1, name: 'A', set: 'alignment checks' },
  { bit: 2, name: 'C', set: 'data caches on', clear: 'data caches off' },
  { bit: 3, name: 'SA', set: 'stack alignment checks of the kernel' },
  { bit: 4, name: 'SA0', set: 'stack alignment checks of user space' },
  { bit: 12, name: 'I', set: 'instruction caches on', clear: 'instruction caches off' },
  { bit: 19, name: 'WXN', set: 'what is writable is not executable' },
  { bit: 22, name: 'EIS', set: 'exceptions synchronize on entry' },
  { bit: 23, name: 'SPAN', set: 'PAN stays as it is on exceptions', clear: 'PAN is set on exceptions' },
  { bit: 25, name: 'EE', set: 'big endian' },
  { bit: 26, name: 'UCI', set: 'cache maintenance by user space' },
  { bit: 27, name: 'EnDB', set: 'pointer authentication of data, key B' },
  { bit: 30, name: 'EnIB', set: 'pointer authentication of code, key B' },
  { bit: 31, name: 'EnIA', set: 'pointer authentication of code, key A' },
  { bit: 35, name: 'BT0', set: 'branch targets of user space' },
  { bit: 36, name: 'BT1', set: 'branch targets of the kernel' },
  { bit: 43, name: 'ATA', set: 'memory tags of the kernel' },
];

/** SCTLR_EL1 (Arm ARM D24.2.175). No log prints it; a machine does. */
export const decodeSctlr = (value: bigint): DecodedField[] => decodeBits(value, sctlrBits);
