import type { EntryKind } from '../model/live.ts';

/**
 * The code that the processor enters, by its names in arch/x86/entry/entry_64.S: `asm_exc_page_fault` since 5.8,
 * `page_fault` and `async_page_fault` before, `xen_*` of its guests.
 */
const exceptions: Readonly<Record<string, EntryKind>> = {
  page_fault: 'page-fault',
  general_protection: 'general-protection',
  invalid_op: 'invalid-opcode',
  divide_error: 'divide',
  int3: 'breakpoint',
  debug: 'debug',
  double_fault: 'double-fault',
  stack_segment: 'stack-segment',
  machine_check: 'machine-check',
  alignment_check: 'alignment',
  nmi: 'nmi',
  nmi_kvm_vmx: 'nmi',
  overflow: 'other',
  bounds: 'other',
  device_not_available: 'other',
  coproc_segment_overrun: 'other',
  invalid_tss: 'other',
  segment_not_present: 'other',
  spurious_interrupt_bug: 'other',
  coprocessor_error: 'other',
  simd_coprocessor_error: 'other',
  simd_exception: 'other',
  virtualization_exception: 'other',
  control_protection: 'other',
  vmm_communication: 'other',
};

/** What exceptions had in front of their names. */
const prefix = /^(asm_(xenpv_|xen_)?exc_|async_|xen_)/;
const interrupt =
  /^(asm_sysvec_\w+|asm_common_interrupt|asm_spurious_interrupt|common_interrupt|common_spurious|ret_from_intr|interrupt_entry|irq_entries_start|spurious_entries_start|spurious_interrupt|(apic_timer|reschedule|call_function|call_function_single|irq_work|x86_platform_ipi|reboot|thermal|threshold|error|spurious|deferred_error|uv_bau_message|kvm_posted_intr\w*)_interrupt|hyperv_\w+_vector|hv_stimer0_callback_vector|xen_hvm_callback_vector|asm_exc_xen_hypervisor_callback|xen_do_hypervisor_callback|acrn_hv_callback_vector)$/;
const nmi = /^(nmi|nmi_restore|nmi_swapgs|nmi_no_fsgsbase|first_nmi|repeat_nmi|end_repeat_nmi|nested_nmi\w*)$/;
const systemCall =
  /^(entry_SYSCALL_64\w*|entry_SYSCALL_compat\w*|entry_SYSENTER_\w+|entry_INT80_\w+|asm_int80_emulation|asm_entry_INT80\w*|return_from_SYSCALL_64|syscall_return_via_sysret|entry_SYSRETL_compat\w*)$/;

/**
 * What the kernel was entered by, by the name of the code of the entry; undefined if the name does not tell, as that of
 * `error_entry`, which all exceptions go through, and of the code that leaves the kernel.
 */
export function x86EntryKind(name: string): EntryKind | undefined {
  const plain = name.replace(prefix, '');
  const known = Object.hasOwn(exceptions, plain) ? exceptions[plain] : undefined;
  if (known !== undefined) return known;
  if (nmi.test(name)) return 'nmi';
  if (interrupt.test(name)) return 'interrupt';
  if (systemCall.test(name)) return 'system-call';
  return name.startsWith('asm_exc_') ? 'other' : undefined;
}

/** By the vector, as FRED saves it and the descriptor tables count (Intel SDM 3A, 6.3.1). */
const vectors: Readonly<Record<number, EntryKind>> = {
  0: 'divide',
  1: 'debug',
  2: 'nmi',
  3: 'breakpoint',
  6: 'invalid-opcode',
  8: 'double-fault',
  12: 'stack-segment',
  13: 'general-protection',
  14: 'page-fault',
  17: 'alignment',
  18: 'machine-check',
};

/**
 * What a processor with FRED says that it entered the kernel by (asm/fred.h, EVENT_TYPE_* of asm/trapnr.h).
 * @param type of the event, 0 to 15.
 */
export function fredEntryKind(type: number, vector: number): EntryKind {
  switch (type) {
    case 0:
      return 'interrupt';
    case 2:
      return 'nmi';
    case 3:
    case 5:
    case 6:
      return vectors[vector] ?? 'other';
    case 4:
      return vector === 3 ? 'breakpoint' : 'system-call';
    case 7:
      return 'system-call';
    default:
      return 'other';
  }
}
