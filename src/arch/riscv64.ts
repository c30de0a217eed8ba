import { type Architecture, numbered } from './architecture.ts';

// Privileged specification, table of scause; the access it names where it names one.
const causes: Readonly<Record<number, readonly [string, ('read' | 'write' | 'execute')?]>> = {
  0: ['instruction address misaligned', 'execute'],
  1: ['instruction access fault', 'execute'],
  2: ['illegal instruction'],
  3: ['breakpoint'],
  4: ['load address misaligned', 'read'],
  5: ['load access fault', 'read'],
  6: ['store or AMO address misaligned', 'write'],
  7: ['store or AMO access fault', 'write'],
  8: ['environment call from U-mode'],
  9: ['environment call from S-mode'],
  12: ['instruction page fault', 'execute'],
  13: ['load page fault', 'read'],
  15: ['store or AMO page fault', 'write'],
  18: ['software check (control-flow integrity)'],
  19: ['hardware error'],
  20: ['instruction guest-page fault', 'execute'],
  21: ['load guest-page fault', 'read'],
  23: ['store or AMO guest-page fault', 'write'],
};

export const riscv64: Architecture = {
  name: 'riscv64',
  bits: 64,
  registers: [
    'epc',
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
    's2',
    's3',
    's4',
    's5',
    's6',
    's7',
    's8',
    's9',
    's10',
    's11',
    't3',
    't4',
    't5',
    't6',
  ],
  otherRegisters: ['status', 'badaddr', 'cause', 'orig_a0', 'ssp'],
  printedNames: { sepc: 'epc', tval: 'badaddr' },
  instructionPointer: 'epc',
  stackPointer: 'sp',
  linkRegister: 'ra',
  instructionUnit: 2,
  entries: {
    exception: /^(handle_exception|ret_from_exception|do_page_fault|do_trap_\w+)$/,
    interrupt: /^(handle_riscv_irq|do_irq|riscv_intc_irq|call_on_irq_stack)$/,
    syscall: /^(do_trap_ecall_u|ret_from_syscall\w*|handle_syscall|check_syscall_nr)$/,
    start: /^(ret_from_fork\w*|_start_kernel|smp_callin|start_kernel)$/,
  },
  marks: [
    { pattern: /\bbadaddr: [0-9a-f]{16}|\bepc ?: (ffff|[\w.]+\+0x)/, weight: 3 },
    { pattern: /\bgp : [0-9a-f]{16} tp : /, weight: 3 },
    { pattern: /\b(do_trap_(ecall|insn|page)\w*|handle_riscv_irq|__riscv_sys_\w+)\b/, weight: 2 },
    { pattern: /[ .-]riscv(64)?\b|\briscv-virtio\b/, weight: 3 },
  ],
  isUser(values) {
    const status = values.status;
    // SR_SPP: set if the trap came from supervisor mode (arch/riscv/include/asm/csr.h).
    return status === undefined ? undefined : (status & 0x100n) === 0n;
  },
  decodeError(code, kind) {
    const cause = code >> 63n === 1n ? undefined : causes[Number(code & 0xffn)];
    if (kind !== 'syndrome' || cause === undefined) return { fields: [] };
    const [meaning, access] = cause;
    return {
      fields: [{ name: 'cause', value: `0x${code.toString(16)}`, meaning }],
      ...(access !== undefined && { access }),
    };
  },
};
