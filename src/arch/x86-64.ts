import type { Architecture, EntryFunctions } from './architecture.ts';
import { decodeControlProtectionCode, decodePageFaultCode, decodeSelectorCode } from './x86-error-code.ts';

/** Names of arch/x86/entry/, `asm_` since 5.8, `entry_SYSCALL_64` since 4.10 or so, the others older. */
export const x86Entries: EntryFunctions = {
  exception:
    /^(asm_exc_\w+|exc_\w+|(async_)?page_fault|general_protection|invalid_op|divide_error|int3|debug|nmi|end_repeat_nmi|stack_segment|double_fault|alignment_check|error_entry|xen_\w*|common_exception|error_code)$/,
  interrupt:
    /^(asm_sysvec_\w+|asm_common_interrupt|common_interrupt|ret_from_intr|\w+_interrupt|irq_entries_start|asm_call_\w+|call_softirq|call_on_stack)$/,
  syscall:
    /^(entry_SYSCALL_64\w*|entry_SYSCALL_compat\w*|entry_SYSENTER_\w+|entry_INT80_\w+|system_call\w*|sysenter_\w+|ia32_sys\w*|tracesys\w*|do_syscall_64|do_int80\w*|do_fast_syscall_32|stub_\w+)$/,
  start:
    /^(ret_from_fork\w*|kernel_thread_helper|secondary_startup_64\w*|x86_64_start_\w+|start_secondary|startup_\w+)$/,
};

export const x8664: Architecture = {
  name: 'x86_64',
  bits: 64,
  registers: [
    'rip',
    'rsp',
    'eflags',
    'rax',
    'rbx',
    'rcx',
    'rdx',
    'rsi',
    'rdi',
    'rbp',
    'r8',
    'r9',
    'r10',
    'r11',
    'r12',
    'r13',
    'r14',
    'r15',
    'orig_rax',
  ],
  otherRegisters: [
    'cs',
    'ss',
    'ds',
    'es',
    'fs',
    'gs',
    'fs_base',
    'gs_base',
    'kernel_gs_base',
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
    'pkru',
    'ssp',
    'fred_cs',
    'fred_ss',
  ],
  printedNames: { R08: 'r8', R09: 'r9', knlGS: 'kernel_gs_base', RFLAGS: 'eflags' },
  instructionPointer: 'rip',
  stackPointer: 'rsp',
  instructionUnit: 1,
  entries: x86Entries,
  marks: [
    { pattern: /\bRIP: |\bRIP {2}\[<|\bRAX: [0-9a-f]{16}/, weight: 3 },
    { pattern: /\bknlGS:|\bR1[0-5]: [0-9a-f]{16}/, weight: 3 },
    { pattern: /\bentry_SYSCALL_64|\bdo_syscall_64\+|\b__x64_sys_|\bx86_64_start/, weight: 3 },
    { pattern: /[ .-](x86_64|amd64)\b/, weight: 3 },
    { pattern: /\[<ffffffff[89a][0-9a-f]{7}>\]/, weight: 1 },
    { pattern: /\basm_(exc|sysvec)_|#PF: /, weight: 1 },
    { pattern: /\bentry_(SYSENTER|SYSCALL|INT80)_compat|\b__ia32_(compat_)?sys_/, weight: 3 },
    { pattern: /\b(do_IRQ|ret_from_intr|native_[a-z]\w+|\w*lapic\w*|default_idle|kvm_\w+)\+0x/, weight: 0.5 },
    { pattern: /^Hardware name: (Google Google Compute Engine|QEMU Standard PC|.{1,100}, BIOS )/, weight: 0.5 },
    { pattern: /\bffff8[89][0-9a-f]{11}\b|\bffffffff[89a][0-9a-f]{7}\b/, weight: 0.5 },
    { pattern: /\bPGD [0-9a-f]+ (P4D|PUD) /, weight: 1 },
    { pattern: /\b(system_call_fastpath|apic_timer_interrupt|\w+_64)\+0x/, weight: 1 },
  ],
  isUser(values) {
    const cs = values.cs;
    return cs === undefined ? undefined : (cs & 3n) === 3n;
  },
  decodeError(code, kind) {
    if (kind === 'page-fault') return decodePageFaultCode(code);
    if (kind === 'selector') return decodeSelectorCode(code);
    return kind === 'control-protection' ? decodeControlProtectionCode(code) : { fields: [] };
  },
};
