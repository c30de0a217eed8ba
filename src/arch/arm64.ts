import { type Architecture, numbered } from './architecture.ts';
import { decodeEsr } from './arm64-esr.ts';

export const arm64: Architecture = {
  name: 'arm64',
  bits: 64,
  registers: [...numbered('x', 31), 'sp', 'pc', 'pstate', 'lr'],
  otherRegisters: ['pmr_save', 'orig_x0', 'syscall'],
  printedNames: { pmr: 'pmr_save' },
  instructionPointer: 'pc',
  stackPointer: 'sp',
  linkRegister: 'lr',
  instructionUnit: 4,
  // arch/arm64/kernel/entry.S and entry-common.c; the `_64_` names since 5.14, `el1_irq` and the like before.
  entries: {
    exception:
      /^(el[01][ht]?_(64_|32_)?(sync|error|da|ia|pc|undef|dbg|inv|fpac|bti)\w*|do_(mem|debug)_\w+|el1_abort|el1_undef|ret_to_kernel)$/,
    interrupt:
      /^(el[01][ht]?_(64_|32_)?(irq|fiq)\w*|call_on_irq_stack|do_interrupt_handler|gic_handle_irq|el[01]_interrupt)$/,
    syscall: /^(el0_svc\w*|invoke_syscall\w*|do_el0_svc\w*|el0t_64_sync\w*|el0t_32_sync\w*|ret_fast_syscall)$/,
    start: /^(ret_from_fork|__primary_switch\w*|__secondary_switched|secondary_start_kernel|__mmap_switched)$/,
  },
  marks: [
    { pattern: /\bpstate ?: ?[0-9a-f]{8}\b/, weight: 3 },
    { pattern: /\bx(29|2[0-8]|1[0-9]) ?: ?[0-9a-f]{16}/, weight: 3 },
    {
      pattern:
        /\b(el[01][ht]?_(64_|32_)?(sync|irq|svc|error|da|ia|fiq)\w*|__arm64_sys_\w+|invoke_syscall|do_mem_abort)\b/,
      weight: 3,
    },
    { pattern: /\bMem abort info:|\bESR = 0x|\bEC = 0x/, weight: 3 },
    { pattern: /[ .-](arm64|aarch64)\b/, weight: 3 },
    { pattern: /\[[0-9a-f]{16}\] \*?pgd=/, weight: 2 },
    { pattern: /\bCode: [0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{8} \(/, weight: 1 },
    { pattern: /^Call trace:|\(DT\)$/, weight: 0.5 },
    { pattern: /\bffff[08]0[0-9a-f]{10}\b/, weight: 0.5 },
    { pattern: /-bit VAs, pgdp?=|\bSError\b/, weight: 2 },
    { pattern: /\b(__primary_switched|secondary_start_kernel|cpu_switch_to|__switch_to)\+0x/, weight: 0.5 },
  ],
  isUser(values) {
    const pstate = values.pstate;
    // PSR_MODE_MASK: EL0t is 0, and AArch32 user mode 0x10 (arch/arm64/include/uapi/asm/ptrace.h).
    return pstate === undefined ? undefined : (pstate & 0xfn) === 0n;
  },
  decodeError(code, kind) {
    return kind === 'syndrome' ? decodeEsr(code) : { fields: [] };
  },
};
