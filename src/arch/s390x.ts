import { type Architecture, numbered } from './architecture.ts';

export const s390x: Architecture = {
  name: 's390x',
  bits: 64,
  registers: ['pswm', 'pswa', ...numbered('r', 16)],
  otherRegisters: numbered('a', 16),
  printedNames: {},
  instructionPointer: 'pswa',
  stackPointer: 'r15',
  linkRegister: 'r14',
  instructionUnit: 2,
  entries: {
    exception: /^(pgm_check_handler|pgm_exit|__do_pgm_check|pgm_no_vtime)$/,
    interrupt: /^(io_int_handler|ext_int_handler|mcck_int_handler|do_(io|ext)_irq|io_skip|ext_skip)$/,
    syscall: /^(system_call|sysc_\w+|__do_syscall)$/,
    start: /^(__ret_from_fork|ret_from_fork|kernel_thread_starter|startup_\w+)$/,
  },
  marks: [
    { pattern: /\b(Krnl|User) (PSW|GPRS|Code)\b/, weight: 3 },
    { pattern: /\bLast Breaking-Event-Address\b|\bTEID: [0-9a-f]{16}/, weight: 3 },
    { pattern: /[ .-]s390x?\b|\b__s390x?_sys_/, weight: 3 },
  ],
  isUser(values) {
    const mask = values.pswm;
    return mask === undefined ? undefined : (mask & 0x0001000000000000n) !== 0n; // PSW_MASK_PSTATE
  },
  decodeError: () => ({ fields: [] }),
};
