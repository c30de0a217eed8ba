import type { DecodedField } from '../model/report.ts';
import { type Architecture, numbered } from './architecture.ts';

// arch/powerpc/include/asm/reg.h, DSISR_*.
const dsisrBits: readonly (readonly [bigint, string, string])[] = [
  [0x40000000n, 'NOHPTE', 'no translation found'],
  [0x10000000n, 'NOEXEC', 'execution not allowed'],
  [0x08000000n, 'PROTFAULT', 'protection fault'],
  [0x04000000n, 'BADACCESS', 'access to cache-inhibited memory'],
  [0x02000000n, 'ISSTORE', 'store'],
  [0x00400000n, 'DABRMATCH', 'watchpoint'],
  [0x00200000n, 'KEYFAULT', 'storage key'],
];

export const ppc64: Architecture = {
  name: 'ppc64',
  bits: 64,
  registers: [...numbered('r', 32), 'nip', 'msr', 'ctr', 'lr', 'xer', 'cr'],
  otherRegisters: ['cfar', 'dar', 'dsisr', 'irqmask', 'softe', 'trap', 'dear', 'esr', 'regs'],
  printedNames: { ctr: 'ctr', IRQMASK: 'irqmask', SOFTE: 'softe' },
  instructionPointer: 'nip',
  stackPointer: 'r1',
  linkRegister: 'lr',
  instructionUnit: 4,
  entries: {
    exception:
      /^(handle_page_fault|data_access_common\w*|instruction_access_common\w*|program_check_common\w*|\w+_common_virt)$/,
    interrupt: /^(hardware_interrupt_common\w*|decrementer_common\w*|__do_irq|call_do_irq|restore_interrupts)$/,
    syscall: /^(system_call\w*|system_call_exception|system_call_vectored_common|ret_from_syscall)$/,
    start: /^(ret_from_kernel_thread|ret_from_kernel_user_thread|start_here_common|start_secondary_prolog)$/,
  },
  marks: [
    { pattern: /\bNIP(:| \[)|\bGPR0[0-9]: [0-9a-f]{8,16}/, weight: 3 },
    { pattern: /\bREGS: [0-9a-f]{8,16} TRAP: /, weight: 3 },
    { pattern: /^\s*\[c0[0-9a-f]{14}\] \[/, weight: 3 },
    { pattern: /\bpSeries\b|\bPowerNV\b|\bPAGE_SIZE=\d+K MMU=|[ .-]ppc64(le)?\b|\bpowerpc\b/, weight: 3 },
    { pattern: /--- (interrupt|Exception): /, weight: 2 },
  ],
  isUser(values) {
    const msr = values.msr;
    return msr === undefined ? undefined : (msr & 0x4000n) !== 0n; // MSR_PR
  },
  decodeError(code, kind) {
    if (kind !== 'syndrome') return { fields: [] };
    const fields: DecodedField[] = [];
    for (const [bit, name, meaning] of dsisrBits) {
      if ((code & bit) !== 0n) fields.push({ name, value: '1', meaning });
    }
    return { access: (code & 0x02000000n) !== 0n ? 'write' : 'read', fields };
  },
};
