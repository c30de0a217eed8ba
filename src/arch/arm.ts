import type { DecodedField } from '../model/report.ts';
import { type Architecture, bits, type ErrorMeaning, numbered } from './architecture.ts';

// fsr_info[], arch/arm/mm/fsr-2level.c: status bits 10 and 3..0 of the fault status register.
const faultStatus: Readonly<Record<number, string>> = {
  1: 'alignment exception',
  2: 'terminal exception',
  3: 'alignment exception',
  4: 'external abort on line fetch',
  5: 'section translation fault',
  6: 'external abort on line fetch',
  7: 'page translation fault',
  8: 'external abort on non-line fetch',
  9: 'section domain fault',
  10: 'external abort on non-line fetch',
  11: 'page domain fault',
  12: 'external abort on translation',
  13: 'section permission fault',
  14: 'external abort on translation',
  15: 'page permission fault',
  22: 'imprecise external abort',
};

// fsr_info[], arch/arm/mm/fsr-3level.c: with LPAE bit 9 is set and the status is in bits 5..0.
function longDescriptorStatus(code: number): string {
  const level = `level ${code & 3}`;
  switch (code >> 2) {
    case 1:
      return `${level} translation fault`;
    case 2:
      return `${level} access flag fault`;
    case 3:
      return `${level} permission fault`;
    default:
      return code === 16
        ? 'synchronous external abort'
        : code === 33
          ? 'alignment fault'
          : `unknown fault status ${code}`;
  }
}

function decodeFsr(fsr: bigint): ErrorMeaning {
  const long = bits(fsr, 9, 9) === 1;
  const status = long ? bits(fsr, 5, 0) : bits(fsr, 3, 0) | (bits(fsr, 10, 10) << 4);
  const write = bits(fsr, 11, 11) === 1;
  // FSR_LNX_PF, bit 31, is the kernel's own: set for a prefetch abort (arch/arm/mm/fault.h).
  const fetch = bits(fsr, 31, 31) === 1;
  const meaning = long ? longDescriptorStatus(status) : (faultStatus[status] ?? `unknown fault status ${status}`);
  const fields: DecodedField[] = [
    { name: 'FS', value: `0x${status.toString(16).padStart(2, '0')}`, meaning },
    { name: 'WnR', value: write ? '1' : '0', meaning: write ? 'write' : 'read' },
  ];
  if (fetch) fields.push({ name: 'PF', value: '1', meaning: 'prefetch abort' });
  return { access: fetch ? 'execute' : write ? 'write' : 'read', fields };
}

export const arm: Architecture = {
  name: 'arm',
  bits: 32,
  registers: [...numbered('r', 11), 'fp', 'ip', 'sp', 'lr', 'pc', 'psr'],
  otherRegisters: ['control', 'table', 'dac', 'xpsr'],
  printedNames: { Control: 'control', Table: 'table', DAC: 'dac', xPSR: 'xpsr' },
  instructionPointer: 'pc',
  stackPointer: 'sp',
  linkRegister: 'lr',
  instructionUnit: 2,
  entries: {
    exception: /^(__(dabt|pabt|und|fiq)_(svc|usr)|do_(DataAbort|PrefetchAbort|undefinstr))$/,
    interrupt: /^(__irq_(svc|usr)|asm_do_IRQ|generic_handle_arch_irq|call_with_stack)$/,
    syscall: /^(ret_fast_syscall|__sys_trace\w*|ret_slow_syscall|local_restart|vector_swi)$/,
    start: /^(ret_from_fork|kernel_thread_exit|secondary_start\w*|start_kernel|__mmap_switched)$/,
  },
  marks: [
    { pattern: /\bpsr ?: ?[0-9a-f]{8}\b/, weight: 3 },
    { pattern: /\) from \[<[0-9a-f]{8}>\]/, weight: 3 },
    { pattern: /^\s*[\w.]+ from [\w.]+\+0x[0-9a-f]+\/0x/, weight: 3 },
    { pattern: /\br10 ?: ?[0-9a-f]{8}\b|\bFIQs o(n|ff)\b|\bControl: [0-9a-f]{8}/, weight: 3 },
    { pattern: /\[[0-9a-f]{8}\] \*pgd=/, weight: 2 },
    { pattern: /\bret_fast_syscall\b|\b__irq_(svc|usr)\b|\bException stack\(0x[0-9a-f]{8} to/, weight: 2 },
    { pattern: /\bSMP (ARM|THUMB2)\b|\] (ARM|THUMB2)$|[ .-](armv[4-7]\w*|armmp|armhf)\b/, weight: 3 },
    { pattern: /\(Device Tree\)/, weight: 1 },
  ],
  isUser(values) {
    const psr = values.psr;
    return psr === undefined ? undefined : (psr & 0xfn) === 0n;
  },
  decodeError(code, kind) {
    return kind === 'page-fault' ? decodeFsr(code) : { fields: [] };
  },
};
