import { type Architecture, bits, numbered } from './architecture.ts';

// EXCCODE_*, arch/loongarch/include/asm/loongarch.h.
const exceptionCodes: Readonly<Record<number, readonly [string, ('read' | 'write' | 'execute')?]>> = {
  0: ['interrupt'],
  1: ['page invalid on load', 'read'],
  2: ['page invalid on store', 'write'],
  3: ['page invalid on fetch', 'execute'],
  4: ['page modification', 'write'],
  5: ['page not readable', 'read'],
  6: ['page not executable', 'execute'],
  7: ['page privilege violation'],
  8: ['address error'],
  9: ['address alignment fault'],
  10: ['bound check failure'],
  11: ['system call'],
  12: ['breakpoint'],
  13: ['instruction not existing'],
  14: ['instruction privilege violation'],
  15: ['FPU disabled'],
  19: ['watchpoint'],
};

export const loongarch64: Architecture = {
  name: 'loongarch64',
  bits: 64,
  registers: ['pc', 'ra', 'tp', 'sp', ...numbered('a', 8), ...numbered('t', 9), 'u0', 's9', ...numbered('s', 9)],
  otherRegisters: ['era', 'crmd', 'prmd', 'euen', 'ecfg', 'estat', 'badv', 'prid'],
  printedNames: {},
  instructionPointer: 'era',
  stackPointer: 'sp',
  linkRegister: 'ra',
  instructionUnit: 4,
  entries: {
    exception: /^(handle_(tlb\w*|ade\w*|ale\w*|bp\w*|ri\w*|sys)|tlb_do_page_fault_\d|do_page_fault)$/,
    interrupt: /^(handle_loongarch_irq|do_vint|handle_vint|except_vec_vi_end)$/,
    syscall: /^(handle_syscall|do_syscall)$/,
    start: /^(ret_from_kernel_thread\w*|ret_from_fork\w*|kernel_entry|smpboot_entry)$/,
  },
  marks: [
    { pattern: /^\s*(CRMD|PRMD|EUEN|ECFG|ESTAT|BADV|ERA): [0-9a-f]+/, weight: 3 },
    { pattern: /^\s*pc [0-9a-f]{16} ra [0-9a-f]{16} tp /, weight: 3 },
    { pattern: /\bLoongson\b|[ .-]loongarch(64)?\b/i, weight: 3 },
    { pattern: /\[<9000[0-9a-f]{12}>\]/, weight: 2 },
  ],
  isUser(values) {
    const mode = values.prmd;
    return mode === undefined ? undefined : (mode & 3n) === 3n;
  },
  decodeError(code, kind) {
    const known = exceptionCodes[bits(code, 21, 16)];
    if (kind !== 'syndrome' || known === undefined) return { fields: [] };
    const [meaning, access] = known;
    return {
      fields: [{ name: 'ECode', value: String(bits(code, 21, 16)), meaning }],
      ...(access !== undefined && { access }),
    };
  },
};
