import { names, type PassRule } from './rule.ts';

/** The processor's way from the fault to the report. */
export const trapRules: readonly PassRule[] = [
  {
    words: 'trap entry',
    patterns: [
      /^(?:asm_)?exc_(?:page_fault|invalid_op|general_protection|divide_error|stack_segment|double_fault|int3|overflow|bounds|alignment_check|control_protection|device_not_available|coproc_segment_overrun|invalid_tss|segment_not_present|debug|machine_check|spurious_interrupt_bug|coprocessor_error|simd_coprocessor_error|virtualization_exception)$/,
      /^(?:do|el1|el0|el1h_64|el1t_64|el0t_64|el0_64)_(?:sync|sync_handler|abort|da|ia|dbg|undef|sp|pc|brk64|fpac|bti|gcs|mops|softstp|sync_invalid)$/,
      /^el[01][ht]?_64_(?:sync|error)(?:_handler)?$/,
      /^do_(?:page_fault|kern_addr_fault|user_addr_fault|kernel_fault|translation_fault|mem_abort|sp_pc_abort|sea|bad_area|alignment_fault|undefinstr|el1_undef|el1_bti|el1_fpac|el1_gcs|el1_mops|serror|trap|trap_no_signal|error_trap|invalid_op|divide_error|general_protection|double_fault|stack_segment|int3|alignment_check|debug_exception|entUna|PrefetchAbort|DataAbort|trap_insn_illegal|trap_unknown|trap_break)$/,
      /^__(?:do_kernel_fault|do_page_fault|do_user_fault|bad_area|bad_area_nosemaphore)$/,
    ],
    names: names`page_fault async_page_fault invalid_op general_protection divide_error stack_segment double_fault int3
      alignment_check error_entry error_code paranoid_entry page_fault_oops kernelmode_fixup_or_oops no_context bad_area
      bad_area_nosemaphore bad_area_access_error bad_area_access_error_kernel mm_fault_error spurious_kernel_fault
      fixup_exception handle_invalid_op handle_page_fault handle_exception handle_stack_overflow __handle_bad_stack
      handle_bad_stack __bad_stack panic_bad_stack die __die die_addr die_body oops_begin oops_end die_kernel_fault
      __die_body arm64_notify_die arm64_serror_panic arm64_is_fatal_ras_serror nmi_panic bad_mode bad_el0_sync
      __dabt_svc __pabt_svc __und_svc __und_svc_finish __invalid __irq_invalid bad_page_fault data_access_common_virt
      data_access_slb_common_virt program_check_exception program_check_common program_check_common_virt
      do_program_check pgm_check_handler __do_pgm_check _exception _exception_pkey do_dat_exception
      do_protection_exception ret_from_exception handle_ade_int handle_tlbl handle_tlbs do_ade do_ri do_bp do_tr
      panic_unhandled __panic_unhandled primary_fault_handler asm_handle_fault load_unaligned_zeropad`,
    fallback: 'never',
  },
];
