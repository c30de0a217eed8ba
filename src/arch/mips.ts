import { type Architecture, bits, numbered } from './architecture.ts';

// Cause.ExcCode, "MIPS32 Architecture Vol. III: Cause register".
const exceptionCodes: Readonly<Record<number, readonly [string, ('read' | 'write')?]>> = {
  1: ['TLB modification', 'write'],
  2: ['TLB miss on load or fetch', 'read'],
  3: ['TLB miss on store', 'write'],
  4: ['address error on load or fetch', 'read'],
  5: ['address error on store', 'write'],
  6: ['bus error on fetch'],
  7: ['bus error on data'],
  8: ['system call'],
  9: ['breakpoint'],
  10: ['reserved instruction'],
  11: ['coprocessor unusable'],
  12: ['integer overflow'],
  13: ['trap'],
  23: ['watchpoint'],
  24: ['machine check'],
};

export const mips: Architecture = {
  name: 'mips',
  bits: 64,
  registers: [...numbered('r', 32), 'hi', 'lo', 'epc', 'ra', 'status', 'cause', 'badva'],
  otherRegisters: ['prid', 'config', 'acx'],
  printedNames: { BadVA: 'badva', PrId: 'prid', Acx: 'acx' },
  instructionPointer: 'epc',
  stackPointer: 'r29',
  linkRegister: 'ra',
  instructionUnit: 4,
  entries: {
    exception: /^(ret_from_exception|handle_(tlb\w*|ad\w*|ri\w*|bp\w*|tr\w*)_int|tlb_do_page_fault_\d)$/,
    interrupt: /^(ret_from_irq|handle_int|except_vec_vi_end|plat_irq_dispatch)$/,
    syscall: /^(handle_sys\w*|syscall_common|stack_done)$/,
    start: /^(ret_from_kernel_thread|ret_from_fork|kernel_entry|start_kernel)$/,
  },
  marks: [
    { pattern: /^\s*\$ ?(0|4|8|12|16|20|24|28) ?\s*: [0-9a-f]{8,16}/, weight: 3 },
    { pattern: /\bBadVA ?: |\bPrId {1,2}: |\(ExcCode [0-9a-f]+\)|\bepc {3}: [0-9a-f]{8,16} /, weight: 3 },
    { pattern: /\bOcteon\b|\bMIPS\b|[ .-]mips(el|64)?\b/i, weight: 2 },
    {
      pattern:
        /\bCPU \d+ Unable to handle kernel paging request at virtual address [0-9a-f]+, epc == [0-9a-f]+, ra == /,
      weight: 3,
    },
  ],
  isUser(values) {
    const status = values.status;
    return status === undefined ? undefined : (status & 0x18n) === 0x10n; // ST0_KSU is user
  },
  decodeError(code, kind) {
    const known = exceptionCodes[bits(code, 6, 2)];
    if (kind !== 'syndrome' || known === undefined) return { fields: [] };
    const [meaning, access] = known;
    const value = `0x${bits(code, 6, 2).toString(16).padStart(2, '0')}`;
    return { fields: [{ name: 'ExcCode', value, meaning }], ...(access !== undefined && { access }) };
  },
};
