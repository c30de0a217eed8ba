import type { EntryKind } from '../model/live.ts';

/**
 * The code of arch/arm64/kernel/entry.S that has a `pt_regs` at its frame pointer: `el1h_64_sync` since 5.14, `el1_sync`
 * before; `el1_da` and the like were parts of that until 5.6; `__bad_stack` is the overflow of a stack.
 */
const entryCode =
  /^(el[01][ht]?_(64_|32_)?(sync|irq|fiq|error)(_compat|_invalid)?|el[01]_(da|ia|undef|pc|sp_pc|dbg|inv|svc|fpac|sys|ni|fpsimd_acc|fpsimd_exc|sve_acc)(_compat|_naked|_invalid)?|el1_preempt|ret_to_user|ret_to_kernel|ret_fast_syscall|work_pending|finish_ret_to_user|__bad_stack|__do_hyp_init)$/;

/** Whether code of a name may have a `pt_regs` at its frame pointer. */
export function isArm64Entry(name: string): boolean {
  return entryCode.test(name);
}

/** Handlers of one exception (entry-common.c; traps.c, fault.c and the like before 5.13). */
const handlers: Readonly<Record<string, EntryKind>> = {
  el1_abort: 'page-fault',
  do_mem_abort: 'page-fault',
  do_page_fault: 'page-fault',
  do_translation_fault: 'page-fault',
  do_bad_area: 'page-fault',
  el0_da: 'page-fault',
  el0_ia: 'page-fault',
  el1_da: 'page-fault',
  el1_ia: 'page-fault',
  do_el0_ia_bp_hardening: 'page-fault',
  el1_undef: 'invalid-opcode',
  el0_undef: 'invalid-opcode',
  do_undefinstr: 'invalid-opcode',
  do_el1_undef: 'invalid-opcode',
  do_el0_undef: 'invalid-opcode',
  el1_pc: 'alignment',
  el0_pc: 'alignment',
  el0_sp: 'alignment',
  do_sp_pc_abort: 'alignment',
  el1_dbg: 'debug',
  el0_dbg: 'debug',
  do_debug_exception: 'debug',
  el1_softstp: 'debug',
  el0_softstp: 'debug',
  el1_watchpt: 'debug',
  el0_watchpt: 'debug',
  el1_breakpt: 'debug',
  el0_breakpt: 'debug',
  el1_brk64: 'breakpoint',
  el0_brk64: 'breakpoint',
  do_el1_brk64: 'breakpoint',
  do_el0_brk64: 'breakpoint',
  brk_handler: 'breakpoint',
  el0_svc: 'system-call',
  el0_svc_compat: 'system-call',
  do_el0_svc: 'system-call',
  el0_svc_handler: 'system-call',
  el0_svc_common: 'system-call',
};

/** Exception classes of ESR_EL1, its bits 26 to 31. */
const classes: Readonly<Record<number, EntryKind>> = {
  0: 'invalid-opcode',
  17: 'system-call',
  21: 'system-call',
  32: 'page-fault',
  33: 'page-fault',
  34: 'alignment',
  36: 'page-fault',
  37: 'page-fault',
  38: 'alignment',
  48: 'debug',
  49: 'debug',
  50: 'debug',
  51: 'debug',
  52: 'debug',
  53: 'debug',
  56: 'breakpoint',
  60: 'breakpoint',
};

/** What a syndrome (ESR_EL1) says that the kernel was entered by. */
export function syndromeKind(syndrome: bigint): EntryKind {
  return classes[Number((syndrome >> 26n) & 63n)] ?? 'synchronous';
}

/**
 * What the kernel was entered by.
 * @param name of the code of the entry.
 * @param called names of the functions that it called, the outermost first: more exceptions than one share an entry.
 */
export function arm64EntryKind(name: string, called: readonly string[]): EntryKind {
  if (/_(irq|fiq)(_|$)/.test(name)) return 'interrupt';
  if (/_error(_|$)/.test(name)) return 'serror';
  for (const each of [name, ...called]) {
    // Compilers append to names: `el0_svc_common.constprop.0`.
    const [plain = each] = each.split('.', 1);
    if (Object.hasOwn(handlers, plain)) return handlers[plain] ?? 'synchronous';
  }
  // A stack that was used up is known by a data abort that cannot push anything.
  return /sync/.test(name) || name === '__bad_stack' ? 'synchronous' : 'other';
}
