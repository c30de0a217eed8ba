import type { Architecture } from './architecture.ts';
import { x86Entries, x8664 } from './x86-64.ts';

export const i386: Architecture = {
  name: 'i386',
  bits: 32,
  registers: ['eip', 'esp', 'eflags', 'eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp', 'orig_eax'],
  otherRegisters: [
    'cs',
    'ss',
    'ds',
    'es',
    'fs',
    'gs',
    'cr0',
    'cr2',
    'cr3',
    'cr4',
    'dr0',
    'dr1',
    'dr2',
    'dr3',
    'dr6',
    'dr7',
  ],
  printedNames: {},
  instructionPointer: 'eip',
  stackPointer: 'esp',
  instructionUnit: 1,
  entries: x86Entries,
  marks: [
    { pattern: /\bEIP(: | is at )|\bEAX: [0-9a-f]{8}\b/, weight: 3 },
    { pattern: /\*pde = |\*pdpt = |\bSS:ESP\b/, weight: 3 },
    { pattern: /[ .-](i[3-6]86|586|686)\b/, weight: 3 },
    {
      pattern: /\b(entry_SYSENTER_32|entry_INT80_32|sysenter_do_call|do_int80_syscall_32|syscall_call)\b/,
      weight: 1,
    },
    { pattern: /\bstartup_32|\bi386_start/, weight: 2 },
  ],
  // As of 4.20 the code segment is not printed, the stack's is (arch/x86/kernel/process_32.c, __show_regs()).
  isUser(values) {
    const segment = values.cs ?? values.ss;
    return segment === undefined ? undefined : (segment & 3n) === 3n;
  },
  decodeError: x8664.decodeError,
};
