import { names, type PassRule } from './rule.ts';

/** Code that makes the report: sanitizers, checks, dumping, the way from trap to oops. */
export const reportingRules: readonly PassRule[] = [
  {
    words: 'reports the problem (KASAN)',
    patterns: [/^_*kasan_\w+$/, /^__(?:hw)?asan_\w+$/],
    names: names`check_memory_region __check_memory_region check_region_inline print_address_description print_report
      end_report start_report complete_report_info print_error_description print_shadow_for_address
      describe_object describe_address do_tag_check_fault do_tag_recovery memory_is_poisoned check_slab_allocation report_tag_fault
      check_page_allocation poison_slab_object ____kasan_slab_free print_invalid_free`,
  },
  {
    words: 'injects faults that were asked for',
    names: names`should_fail should_fail_ex should_failslab __should_failslab should_fail_alloc_page
      __should_fail_alloc_page should_fail_usercopy should_fail_futex should_fail_bio fail_dump`,
  },
  { words: 'coverage instrumentation', patterns: [/^__sanitizer_\w+$/] },
  { words: 'reports the problem (KMSAN)', patterns: [/^_*kmsan_\w+$/, /^__msan_\w+$/] },
  { words: 'reports the problem (KCSAN)', patterns: [/^_*kcsan_\w+$/, /^__tsan_\w+$/] },
  { words: 'reports the problem (KFENCE)', patterns: [/^_*kfence_\w+$/] },
  {
    words: 'reports the problem (UBSAN)',
    patterns: [/^__ubsan_\w+$/],
    names: names`ubsan_epilogue ubsan_prologue handle_overflow handle_object_size_mismatch ubsan_type_mismatch_common
      handle_null_ptr_deref handle_misaligned_access`,
  },
  {
    words: 'reports the problem (CFI)',
    patterns: [/^__cfi_(?:slowpath|check)\w*$/],
    names: names`report_cfi_failure handle_cfi_failure cfi_handler find_check_fn`,
  },
  {
    words: 'reports the problem (hardened memory access)',
    names: names`usercopy_abort usercopy_warn __check_object_size check_object_size __check_heap_object check_heap_object
      check_kernel_text_object check_stack_object fortify_panic __fortify_panic __fortify_report
      __stack_chk_fail __stack_chk_fail_local __copy_overflow __bad_copy_from __bad_copy_to __write_overflow_field`,
  },
  {
    words: 'reports the problem (list debugging)',
    patterns: [/^__list_(?:add|del_entry)_valid(?:_or_report)?$/],
    names: names`__list_del_entry __list_valid_slowpath plist_check_list plist_check_head`,
  },
  {
    words: 'reports the problem (lockdep)',
    patterns: [
      /^lockdep_\w+$/,
      /^_*lock_(?:acquire|release|acquired|contended|downgrade|set_class|is_held_type|pin_lock|unpin_lock)$/,
      /^print_(?:circular|usage|deadlock|irq_inversion|lock_invalid_wait_context|unlock_imbalance|lock_contention|lock_nested_lock_not_held|freed_lock|irqtrace)_?\w*$/,
      /^(?:check|mark)_(?:prev_add|prevs_add|noncircular|redundant|deadlock|usage|irq_usage|wait_context|held_locks|lock|lock_irq)$/,
      /^trace_(?:hard|soft)irqs_(?:on|off)(?:_\w+)?$/,
      /^debug_check_no_locks_(?:held|freed)$/,
    ],
    names: names`validate_chain valid_state register_lock_class assign_lock_key look_up_lock_class __bfs
      print_bad_irq_dependency print_held_locks_bug add_lock_to_list check_usage_forwards check_usage_backwards
      __lockdep_reset_lock __lock_set_class __lock_downgrade print_unlock_imbalance_bug`,
  },
  {
    words: 'reports the problem (debugging checks)',
    patterns: [
      /^_*might_(?:sleep|resched|fault)$/,
      /^_*debug_(?:check_no_obj_freed|print_object|smp_processor_id)$/,
      /^_*debug_object_(?:init|init_on_stack|activate|deactivate|destroy|free|assert_init|active_state|fixup|is_on_stack)\w*$/,
      /^debug_(?:mutex|rt_mutex|spin|read|write|timer|hrtimer|work|rcu)_\w+$/,
    ],
    names: names`__might_sleep_precision ___might_sleep __schedule_bug check_preemption_disabled
      __this_cpu_preempt_check preempt_count_add preempt_count_sub lookup_object_or_alloc timer_is_static_object
      work_is_static_object spin_bug spin_dump rwlock_bug sched_rcu_dereference warn_bogus_irq_restore __flush_tlb_check
      refcount_warn_saturate`,
  },
  {
    words: 'reports the problem (slab debugging)',
    names: names`print_trailer slab_bug slab_err object_err __object_err slab_fix check_object check_slab
      check_bytes_and_report slab_pad_check on_freelist alloc_debug_processing free_debug_processing
      free_to_partial_list alloc_consistency_checks free_consistency_checks __slab_err slab_error cache_alloc_debugcheck_after
      cache_free_debugcheck verify_redzone_free __check_heap_object list_slab_objects __kmem_cache_do_shutdown`,
  },
  {
    words: 'prints the report',
    patterns: [
      /^_*v?printk(?:_(?:emit|default|deferred|safe|store|func|sprint))?$/,
      /^_*dump_stack(?:_\w+)?$/,
      /^_*show_(?:stack|regs|trace|stack_log_lvl|trace_log_lvl|regs_print_info|ip|iret_regs|backtrace)$/,
      /^(?:arch_)?stack_(?:walk|trace_save|trace_consume)\w*$/,
      /^save_stack(?:_trace)?\w*$/,
      /^unwind_(?:next_frame|frame|backtrace|stack)$/,
      /^_dev_(?:emerg|alert|crit|err|warn|notice|info|printk)$/,
    ],
    names: names`arch_stack_walk kunwind_stack_walk dump_backtrace dump_trace print_trace_stack walk_stackframe
      sched_show_task dump_cpu_task print_hex_dump show_state_filter print_tainted __dump_page dump_page bad_page print_bad_pte print_bad_page_map
      warn_alloc warn_alloc_failed warn_alloc_show_mem show_mem __show_mem dump_header print_modules console_unlock console_flush_all console_lock_spinning_enable
      printk_safe_flush printk_safe_flush_on_panic __printk_safe_flush __down_trylock_console_sem console_trylock
      vsnprintf snprintf sprintf scnprintf vscnprintf vsprintf vasprintf va_format __dynamic_pr_debug __dynamic_dev_dbg
      netdev_printk netdev_warn netdev_err __netdev_printk dev_vprintk_emit dev_printk_emit`,
  },
  {
    words: 'reports the problem (warnings and panics)',
    patterns: [/^warn_slowpath_\w+$/, /^_*(?:nmi_|v)?panic$/, /^_*report_bug(?:_entry)?$/, /^assert_?fail$/],
    names: names`__warn __warn_printk handle_bug fixup_bug find_bug bug_handler bug_brk_handler brk_handler
      call_break_hook do_el1_brk64 el1_brk64 reserved_fault_brk_handler early_brk64 ubsan_brk_handler cfi_brk_handler
      check_panic_on_warn __crash_kexec crash_kexec nmi_panic_self_stop lockdep_rcu_suspicious
      __report_bad_irq note_interrupt`,
  },
  {
    words: 'reports the problem (Rust panic)',
    patterns: [
      /^(?:core::panicking|std::panicking)::/,
      /^core::(?:result|option)::(?:unwrap_failed|expect_failed)$/,
      /^core::slice::index::\w*(?:fail|slice_)\w*$/,
      /^core::cell::panic_already\w+$/,
    ],
    names: names`rust_begin_unwind __rustc::rust_begin_unwind rust_helper_BUG core::str::slice_error_fail`,
  },
];
