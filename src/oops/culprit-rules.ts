import { ruleName } from './function-name.ts';

/** One reason for not blaming a function. */
export interface PassRule {
  /** Told to the user with the frame that was passed over. */
  readonly words: string;
  /** Names as they are, without compiler suffixes. */
  readonly names?: ReadonlySet<string>;
  /** Anchored on both ends or on a whole first word: a rule must not hit what merely contains a word. */
  readonly patterns?: readonly RegExp[];
  /** Kinds (`hang/soft-lockup`) or families (`hang`) it holds for; absent: all. */
  readonly appliesTo?: readonly string[];
  /**
   * What becomes of a function if nothing better is found: `never` to be blamed (it only reports),
   * `late` (it stands in every stack of its sort), else the first one of them is taken.
   */
  readonly fallback?: 'never' | 'late';
}

/** Splits a table of names that is written as text. */
function names(text: TemplateStringsArray): ReadonlySet<string> {
  return new Set(text.join('').split(/\s+/).filter(Boolean));
}

/** Kinds whose stack was taken by something that looked on: its top is where it happened to be. */
export const stallKinds = ['hang/soft-lockup', 'hang/hard-lockup', 'hang/csd-lock', 'rcu/stall', 'rcu/expedited-stall'];
const waitFamilies = ['hang', 'rcu', 'atomic', 'panic', 'lockdep', 'trace'];

/** Code that makes the report: sanitizers, checks, dumping, the way from trap to oops. */
const reporting: readonly PassRule[] = [
  {
    words: 'reports the problem (KASAN)',
    patterns: [/^_*kasan_\w+$/, /^__(?:hw)?asan_\w+$/, /^__sanitizer_\w+$/],
    names: names`check_memory_region __check_memory_region check_region_inline print_address_description print_report
      end_report start_report complete_report_info print_error_description print_shadow_for_address
      describe_object describe_address do_tag_check_fault do_tag_recovery memory_is_poisoned`,
  },
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
    fallback: 'never',
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
      /^_*(?:v|_)?printk\w*$/,
      /^vprintk_\w+$/,
      /^_*dump_stack(?:_\w+)?$/,
      /^_*show_(?:stack|regs|trace|stack_log_lvl|trace_log_lvl|regs_print_info|ip|iret_regs|backtrace)$/,
      /^(?:arch_)?stack_(?:walk|trace_save|trace_consume)\w*$/,
      /^save_stack(?:_trace)?\w*$/,
      /^unwind_(?:next_frame|frame|backtrace|stack)$/,
      /^_dev_(?:emerg|alert|crit|err|warn|notice|info|printk)$/,
    ],
    names: names`arch_stack_walk kunwind_stack_walk dump_backtrace dump_trace print_trace_stack walk_stackframe
      sched_show_task dump_cpu_task print_hex_dump show_state_filter print_tainted __dump_page dump_page bad_page
      warn_alloc warn_alloc_show_mem show_mem __show_mem dump_header print_modules console_unlock console_flush_all
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

/** The processor's way from the fault to the report. */
const traps: readonly PassRule[] = [
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

/** Functions that do what they are told; a wrong call of them is the caller's. */
const primitives: readonly PassRule[] = [
  {
    words: 'memory copy',
    patterns: [
      /^_*(?:pi_)?mem(?:cpy|move|set|cmp|chr|chr_inv|scan|set16|set32|set64|zero_explicit)(?:_(?:orig|erms|fromio|toio|io|flushcache|mcsafe|avx_unaligned_erms|and_pad))?$/,
      /^_*(?:arch_|generic_|raw_|inline_)?_*copy_(?:to|from|in|mc_to)_user(?:_\w+)?$/,
      /^copy_user_(?:generic|enhanced_fast|short|handle)(?:_\w+)?$/,
      /^_*(?:arch_|raw_)?_*clear_user(?:_\w+)?$/,
      /^_*copy_(?:page_|folio_)?(?:to|from)_iter(?:_\w+)?$/,
      /^_*(?:clear|copy)_page(?:_(?:rep|erms|orig|regs))?$/,
      /^_*(?:get|put)_user_(?:\d|bad|nocheck_\d|asm\w*)$/,
    ],
    names: names`rep_movs_alternative rep_stos_alternative copy_mc_to_kernel copy_mc_fragile copy_mc_generic
      copy_from_kernel_nofault copy_to_kernel_nofault strncpy_from_user strnlen_user strncpy_from_kernel_nofault
      __copy_user_flushcache __copy_user_nocache memdup_user memdup_user_nul vmemdup_user kmemdup kmemdup_nul
      kmemdup_noprof __memcpy_fromio __memcpy_toio iov_iter_advance iov_iter_zero fault_in_readable fault_in_writeable
      memcpy_to_iter memcpy_from_iter read_word_at_a_time __read_once_word_nocheck`,
  },
  {
    words: 'string function',
    patterns: [
      /^_*(?:pi_)?str(?:n|l|s)?(?:len|cpy|cmp|casecmp|cat|chr|rchr|str|chrnul|spn|cspn|pbrk|sep|im)$/,
      /^(?:str(?:scpy|scpy_pad|noncpy)|sized_strscpy|kstrdup|kstrndup|kstrdup_const|kasprintf|kvasprintf|kvasprintf_const|match_string)(?:_noprof)?$/,
    ],
    names: names`string string_nocheck pointer number format_decode kstrtoull kstrtoint`,
  },
  {
    words: 'allocator',
    patterns: [
      /^_*k(?:v?[mzc]|v?re)alloc(?:_(?:array|node|track|caller|noprof|cache|large|order|trace|nolock|objs?|flex|bulk|reserve))*$/,
      /^_*(?:kv?free|vfree)(?:_(?:sensitive|const|bulk|rcu|rcu_mightsleep|atomic|nolock|call_rcu))*$/,
      /^_*kmem_cache_(?:alloc|zalloc|free|create|destroy|shutdown|shrink)(?:_(?:node|noprof|lru|bulk|trace|args|usercopy|to_array|from_sheaf))*$/,
      /^_*(?:do_)?slab_(?:alloc|free|post_alloc_hook|pre_alloc_hook|free_hook|free_freelist_hook|want_init_on_free)(?:_(?:node|bulk))*$/,
      /^_*(?:alloc|free|get_free|free_unref|alloc_frozen|free_frozen)_pages?(?:_(?:noprof|bulk|node|mpol|vma|current|nodemask|exact|slowpath|ok|prepare|commit|list|nolock))*$/,
      /^_*(?:folio|vma)_alloc(?:_folio)?(?:_(?:noprof|mpol|order))*$/,
      /^_*(?:v[mz]alloc)(?:_(?:node|user|range|area|noprof|huge|32|node_range))*$/,
      /^_*(?:alloc_percpu|free_percpu|pcpu_alloc|pcpu_free)(?:_\w+)?$/,
      /^mempool_(?:alloc|free|create|init|destroy|exit|kmalloc|alloc_slab|kfree|free_slab)(?:_(?:node|noprof|pool))*$/,
      /^devm_k(?:m|z|c)alloc(?:_\w+)?$/,
      /^get_(?:page_from_freelist|zeroed_page|partial_node|any_partial)(?:_noprof)?$/,
    ],
    names: names`___slab_alloc new_slab allocate_slab alloc_slab_page new_slab_objects free_slab __free_slab discard_slab
      __unfreeze_partials put_cpu_partial ksize __ksize __do_kmalloc_node __do_kmalloc kmalloc_large_node
      cache_alloc_refill ____cache_alloc cache_flusharray cache_grow_begin qlist_free_all qlink_free
      rmqueue rmqueue_bulk prep_new_page post_alloc_hook alloc_pages_exact __rmqueue_pcplist kernel_init_pages
      clear_highpage kvfree_rcu_bulk kfree_rcu_work kvfree_call_rcu kernel_init_free_pages page_frag_free
      alloc_set_pte ida_alloc_range ida_free alloc_cpumask_var_node build_skb __build_skb`,
  },
  {
    words: 'memory charging and reclaim',
    appliesTo: ['memory', 'panic/out-of-memory'],
    names: names`out_of_memory oom_kill_process __oom_kill_process mem_cgroup_out_of_memory mem_cgroup_oom try_charge
      try_charge_memcg charge_memcg __mem_cgroup_charge mem_cgroup_charge mem_cgroup_try_charge obj_cgroup_charge_pages
      __memcg_kmem_charge_page mem_cgroup_oom_synchronize pagefault_out_of_memory __alloc_pages_may_oom
      try_to_free_pages do_try_to_free_pages __alloc_pages_direct_reclaim __alloc_pages_direct_compact
      filemap_alloc_folio filemap_alloc_folio_noprof __filemap_get_folio __filemap_get_folio_mpol pagecache_get_page
      filemap_add_folio __filemap_add_folio page_cache_ra_unbounded page_cache_ra_order page_cache_sync_ra`,
  },
  {
    words: 'gives pages back',
    appliesTo: ['memory'],
    patterns: [/^_*(?:free|put|release)_(?:pages?|page_list|pages_and_swap_cache)(?:_\w+)?$/, /^_*folios?_put\w*$/],
    names: names`free_unref_folios free_unref_page_list free_pcp_prepare free_pcppages_bulk page_bad_reason
      free_page_is_bad free_page_is_bad_report check_free_page_bad free_tail_page_prepare free_tail_pages_check
      __put_single_page __put_compound_page truncate_inode_pages truncate_inode_pages_range check_new_page_bad`,
  },
  {
    words: 'generic locking',
    patterns: [
      /^_*(?:do_)?_*raw_(?:spin|read|write)_(?:lock|trylock|unlock)(?:_(?:irq|irqsave|irqrestore|bh|nested|nest_lock|irqsave_nested|unlocked))*$/,
      /^(?:native_|__pv_|pv_|xen_)?_*queued_(?:spin|read|write)_(?:lock|unlock)(?:_slowpath)?$/,
      /^(?:queued|resilient)_\w+_lock_slowpath$/,
      /^_*(?:spin|read|write)_(?:lock|trylock|unlock)(?:_(?:irq|irqsave|irqrestore|bh|nested))*$/,
      /^(?:rt|rtlock)_(?:spin|read|write|slowlock|slow)_?(?:lock|unlock|trylock|lock_locked|locked)?(?:_bh)?$/,
      /^_*(?:rt_|ww_|ww_rt_)?mutex_(?:lock|unlock|trylock|slowlock|slowunlock|spin_on_owner|optimistic_spin)(?:_(?:common|slowpath|nested|interruptible|killable|io|nest_lock|interruptible_nested|killable_nested|io_nested|locked|block|atomic|_*unlock|slow))*$/,
      /^_*(?:__)?rt_mutex_(?:slow|start|handle|adjust|futex)\w*$/,
      /^_*(?:down|up)(?:_(?:read|write|trylock|interruptible|killable|timeout|common|nested|non_owner|nest_lock|downgrade|slowpath))*$/,
      /^rwsem_(?:down_(?:read|write)_\w+|optimistic_spin|spin_on_owner|wake|mark_wake|read_trylock|try_write_lock_unqueued)$/,
      /^_*percpu_(?:down|up|rwsem)_(?:read|write|wait|wake_function)(?:_\w+)?$/,
      /^_*(?:rwbase|rwsem)_(?:read|write)_(?:lock|unlock|trylock)$/,
      /^osq_(?:lock|unlock|wait_next)$/,
      /^_*(?:rtnl|console|device|lock_device)_?(?:lock|unlock|trylock)(?:_(?:killable|interruptible|hotplug|sysfs))?$/,
      /^_*(?:lock|release)_sock(?:_nested|_fast)?$/,
      /^cpus_(?:read|write)_(?:lock|unlock|trylock)$/,
      /^_*(?:local_)?bh_(?:enable|disable)(?:_ip)?$/,
      /^_*local_bh_(?:enable|disable)(?:_ip)?$/,
      /^_*(?:folio|page)_?(?:lock|unlock)(?:_(?:killable|or_retry))?$/,
      /^_*(?:lock|unlock)_(?:page|buffer)(?:_(?:killable|or_retry))?$/,
      /^(?:bit_spin_|hlist_bl_)(?:lock|unlock)$/,
    ],
    names: names`_raw_spin_rq_lock_nested raw_spin_rq_lock_nested raw_spin_rq_unlock owner_on_cpu __lock_task_sighand
      pv_wait_head_or_lock kvm_wait kvm_kick_cpu mcs_spin_lock ticket_spin_lock arch_spin_lock arch_mutex_cpu_relax
      do_raw_spin_lock do_raw_spin_unlock __raw_callee_save___native_queued_spin_unlock
      __raw_callee_save___pv_queued_spin_unlock __lock_buffer __lock_parent mutex_lock_double cpu_relax __delay
      delay_tsc delay_loop __const_udelay __udelay _atomic_dec_and_lock _atomic_dec_and_lock_irqsave
      refcount_dec_and_mutex_lock refcount_dec_and_lock refcount_dec_and_lock_irqsave __rtnl_net_lock`,
  },
  {
    words: 'atomics, bits and reference counts',
    patterns: [
      /^_*(?:arch_|raw_|ll_sc_|lse_)?_*atomic(?:64|_long)?_(?:read|set|add|sub|inc|dec|and|or|xor|xchg|cmpxchg|try_cmpxchg|fetch_\w+|add_\w+|sub_\w+|inc_\w+|dec_\w+)(?:_(?:acquire|release|relaxed))?$/,
      /^_*(?:arch_)?(?:test_and_)?_*(?:set|clear|change|test)_bit(?:_(?:lock|unlock))?$/,
      /^_*refcount_\w+$/,
      /^kref_(?:get|put|get_unless_zero|put_mutex|put_lock|init|read)$/,
      /^ref_tracker_\w+$/,
      /^percpu_ref_\w+$/,
    ],
  },
  {
    words: 'list, tree or table primitive',
    patterns: [
      /^_*h?list_(?:add|add_tail|del|del_init|del_rcu|move|move_tail|replace|splice|splice_init|empty|empty_careful|lru_add|lru_del|sort)(?:_(?:rcu|tail|head|before|behind|obj))*$/,
      /^_*rb_(?:erase|insert_color|next|prev|first|last|insert_augmented|erase_augmented|erase_color|replace_node|first_postorder|next_postorder)$/,
      /^_*x(?:a|as)_(?:load|store|erase|find|find_next|find_marked|start|descend|create|alloc|insert|cmpxchg|get_mark|set_mark|clear_mark|nomem|destroy|expand|alloc_cyclic|find_after)$/,
      /^_*radix_tree_(?:lookup|lookup_slot|insert|delete|delete_item|next_chunk|tag_set|tag_clear|descend|node_alloc)$/,
      /^_*mas?t?_?(?:mas|mtree|mt)_(?:walk|find|load|store|erase|next|prev|state_walk|empty_area)(?:_\w+)?$/,
      /^_*idr_(?:alloc|find|remove|replace|for_each|get_next|destroy|alloc_u32|alloc_cyclic)(?:_ul)?$/,
      /^_*rhashtable_(?:lookup|insert_fast|insert_slow|remove_fast|lookup_fast|walk_next|walk_start)$/,
      /^_*klist_(?:add_tail|add_head|del|put|remove|next|prev|iter_exit|iter_init_node|release)$/,
      /^_*kfifo_(?:in|out|alloc|free|init)\w*$/,
      /^llist_(?:add_batch|del_first|reverse_order)$/,
      /^timerqueue_(?:add|del|iterate_next)$/,
      /^crc\d+\w*$|^crc_(?:itu_t|ccitt|t10dif)\w*$/,
    ],
  },
  {
    words: 'device register access',
    patterns: [/^_*(?:raw_)?(?:read|write)[bwlq](?:_relaxed)?$/, /^io(?:read|write)(?:8|16|32|64)(?:be|_rep)?$/],
    names: names`logic_inb logic_inw logic_inl logic_outb logic_outw logic_outl __raw_readl __raw_writel
      regmap_mmio_read32le regmap_mmio_write32le`,
  },
  {
    words: 'timers and work items',
    patterns: [
      /^_*(?:mod|add|del|try_to_del)_timer(?:_(?:sync|on|pending|sync_try|global|local))*$/,
      /^_*timer_(?:delete|shutdown|reduce)(?:_sync)?$/,
      /^_*hrtimer_(?:start|cancel|try_to_cancel|init|setup|forward|start_range_ns|active)(?:_(?:on_stack|range_ns))?$/,
      /^_*queue_(?:work|delayed_work|rcu_work|work_on|delayed_work_on|work_node)$/,
      /^_*(?:mod_delayed_work|mod_delayed_work_on|insert_work|try_to_grab_pending|work_grab_pending|start_flush_work)$/,
      /^_*(?:flush|cancel|disable|drain|destroy)_(?:work|delayed_work|workqueue|work_sync|delayed_work_sync|work_timer|rcu_work)$/,
      /^_*tasklet_(?:schedule|hi_schedule|kill|disable|setup|init|unlock_wait)(?:_common)?$/,
    ],
    names: names`lock_timer_base detach_if_pending internal_add_timer __internal_add_timer enqueue_timer calc_wheel_index
      sk_stop_timer sk_stop_timer_sync sk_reset_timer check_flush_dependency call_rcu __call_rcu __call_rcu_common
      call_srcu call_rcu_hurry`,
  },
  {
    words: 'driver core',
    patterns: [
      /^_*kobject_(?:add|add_internal|add_varg|del|get|put|init|init_and_add|create_and_add|release|cleanup|set_name|set_name_vargs|rename|uevent|uevent_env|get_path|namespace|get_unless_zero)$/,
      /^device_(?:add|del|register|unregister|create|destroy|initialize|release|create_groups_vargs|create_with_groups|for_each_child|for_each_child_reverse|remove_file|create_file|find_child)$/,
      /^sysfs_(?:create|remove|add)_(?:file|files|group|groups|link|dir|dir_ns|file_ns|file_mode_ns|bin_file|link_sd)(?:_\w+)?$/,
      /^kernfs_(?:get|put|add_one|find_ns|remove|remove_by_name_ns|new_node|create_dir_ns|create_link|find_and_get_ns)$/,
    ],
    names: names`get_device put_device get_device_parent add_uevent_var devres_release_all release_nodes
      kset_register kset_unregister cdev_device_add cdev_device_del cdev_add cdev_del cdev_put`,
  },
  {
    words: 'socket buffer primitive',
    patterns: [
      /^_*(?:kfree|consume|alloc|dev_kfree|napi_consume|napi_alloc|netdev_alloc)_skb(?:_(?:list|any|irq|reason|any_reason|partial|head_state|with_frags|irq_reason|list_reason))*$/,
      /^skb_(?:put|push|pull|over_panic|under_panic|panic|release_data|release_head_state|release_all|copy_bits|copy|clone|pull_data|ensure_writable|dequeue|queue_tail|queue_purge|unlink|tx_error|zerocopy_clear|free_head|store_bits|copy_and_csum_bits)(?:_(?:reason|data|tail))*$/,
      /^_*pskb_(?:pull_tail|expand_head|copy|carve|trim_head|copy_fclone)$/,
    ],
    names: names`sk_skb_reason_drop __copy_skb_header kfree_skbmem __skb_clone sock_alloc_send_pskb`,
  },
  {
    words: 'file system reference counts',
    names: names`iput iput_final ihold dput dget_parent dput_to_list drop_nlink inc_nlink clear_nlink set_nlink fput
      mark_buffer_dirty __brelse __bread_gfp __getblk_slow bdev_getblk igrab mntput mntput_no_expire path_put`,
  },
  {
    words: 'USB request primitive',
    names: names`usb_submit_urb usb_start_wait_urb usb_internal_control_msg usb_control_msg usb_control_msg_send
      usb_control_msg_recv usb_bulk_msg usb_interrupt_msg usb_kill_urb usb_hcd_submit_urb usb_kill_anchored_urbs
      usb_unlink_urb usb_hcd_unlink_urb usb_poison_urb usb_free_urb usb_alloc_urb`,
  },
  {
    words: 'jump through a register',
    patterns: [/^__x86_indirect_(?:its_)?(?:jump_|call_)?thunk_\w+$/, /^__llvm_retpoline_\w+$/],
    names: names`srso_return_thunk srso_alias_return_thunk retbleed_return_thunk __x86_return_thunk its_return_thunk
      __phys_addr __virt_to_phys __phys_addr_symbol __fentry__ ftrace_regs_caller ftrace_caller`,
  },
  {
    words: 'Rust core library',
    patterns: [/^<*(?:core|alloc|__rustc)::/, /^<\w+ as core::/],
  },
  {
    words: 'Rust wrapper of a C primitive',
    patterns: [/^rust_helper_\w+$/, /^<*kernel::(?:sync|list|alloc|uaccess|init|types|rbtree|page|workqueue)::/],
  },
];

/** How a blocked or spinning task always stands. */
const waiting: readonly PassRule[] = [
  {
    words: 'scheduler: where a blocked task always stands',
    appliesTo: waitFamilies,
    patterns: [
      /^_*schedule(?:_(?:timeout|preempt_disabled|idle|user|tail|rtlock|hrtimeout|loop|timeout_\w+|hrtimeout_range\w*|debug))?$/,
      /^(?:io_schedule|preempt_schedule|raw_irqentry_exit_cond_resched|irqentry_exit_cond_resched)(?:_\w+)?$/,
      /^_*cond_resched(?:_\w+)?$/,
    ],
    names: names`__switch_to __switch_to_asm context_switch finish_task_switch dynamic_cond_resched
      dynamic_preempt_schedule rt_mutex_schedule`,
    fallback: 'late',
  },
  {
    words: 'waiting primitive',
    appliesTo: waitFamilies,
    patterns: [
      /^_*(?:do_)?wait_for_(?:common|completion)(?:_\w+)?$/,
      /^_*(?:out_of_line_)?wait_on_bit(?:_\w+)?$/,
      /^_*wait_on_(?:page_bit|page_bit_common|page_writeback|buffer|page_locked)(?:_\w+)?$/,
      /^_*folio_wait_(?:bit|bit_common|writeback|locked|stable)(?:_\w+)?$/,
      /^_*(?:folio|page)_(?:lock|wait_writeback)(?:_\w+)?$/,
      /^(?:prepare_to|finish|do)_wait(?:_(?:event|exclusive|intr|intr_irq))?$/,
      /^bit_wait(?:_(?:io|timeout|io_timeout))?$/,
      /^_*synchronize_(?:rcu|srcu|net|sched|rcu_expedited|rcu_tasks|rcu_tasks_generic|rcu_normal|irq|hardirq|shrinkers|rcu_bh|rcu_mult|rcu_tasks_trace|rcu_tasks_rude|srcu_expedited)$/,
      /^_*(?:wait_rcu_gp|rcu_barrier|srcu_barrier|kvfree_rcu_barrier|rcu_barrier_tasks|cleanup_srcu_struct)(?:_\w+)?$/,
      /^(?:m|u)sleep(?:_(?:interruptible|range|range_state))?$/,
      /^kthread_(?:stop|park|flush_worker|flush_work|cancel_work_sync|stop_put)$/,
      /^(?:nanosleep_copyout|do_nanosleep|hrtimer_nanosleep)$/,
    ],
    names: names`wait_woken ssleep fsleep usleep_range blk_mq_freeze_queue_wait percpu_ref_switch_to_atomic_sync
      __refrigerator autoremove_wake_function wait_task_inactive stop_one_cpu stop_two_cpus stop_machine
      stop_machine_cpuslocked __stop_cpus wait_current_trans_commit`,
  },
  {
    words: 'waits for other CPUs',
    appliesTo: ['hang', 'rcu', 'panic'],
    patterns: [
      /^smp_call_function(?:_(?:many|many_cond|single|single_async|any))?$/,
      /^on_each_cpu(?:_\w+)?$/,
      /^_*csd_lock_(?:wait|wait_toolong)$/,
      /^(?:native_)?flush_tlb_(?:multi|others|mm_range|kernel_range|all|page|range)$/,
      /^(?:smp_)?text_poke(?:_(?:bp|bp_batch|sync|finish|queue|batch_finish))?$/,
    ],
    names: names`generic_exec_single kick_all_cpus_sync multi_cpu_stop rcu_momentary_dyntick_idle rcu_momentary_eqs
      arch_tlbbatch_flush native_send_call_func_single_ipi`,
  },
];

/** Names of the code that takes the stack of a CPU from an interrupt. */
export const detectorRule: PassRule = {
  words: 'notices the stall',
  patterns: [
    /^watchdog_(?:timer_fn|overflow_callback|hardlockup_check|buddy_check_hardlockup|check_hardlockup_\w+)$/,
    /^rcu_(?:sched_clock_irq|check_callbacks|pending|dump_cpu_stacks|check_gp_kthread_starvation|exp_handler)$/,
    /^(?:print|check)_(?:cpu|other_cpu)_stall(?:_\w+)?$/,
    /^nmi_(?:cpu_backtrace|trigger_cpumask_backtrace|cpu_backtrace_handler|handle|raise_cpu_backtrace)$/,
    /^(?:arch_)?trigger_(?:cpumask|all_cpu|allbutcpu_cpu|single_cpu)_\w*backtrace$/,
    /^(?:ipi_cpu_backtrace|showacpu|sysrq_handle_showallcpus|perf_event_overflow|__perf_event_overflow)$/,
    /^(?:tick_sched_(?:handle|timer)|tick_nohz_(?:handler|highres_handler)|tick_periodic|update_process_times)$/,
    /^(?:is_softlockup|rcu_stall_\w+|synchronize_rcu_expedited_wait|__print_cpu_stall)$/,
  ],
  fallback: 'never',
};

/** Entry of an interrupt: what stands below was interrupted and has not called what stands above. */
export const interruptEntryRule: PassRule = {
  words: 'interrupt entry',
  patterns: [
    /^(?:asm_)?sysvec_\w+$/,
    /^(?:asm_)?(?:common|spurious)_interrupt(?:_return)?$/,
    /^(?:smp_)?(?:apic_timer|call_function|call_function_single|reschedule|irq_work|x86_platform_ipi|kvm_posted_intr_ipi)_interrupt$/,
    /^(?:asm_)?exc_nmi(?:_noist|_kvm_vmx)?$/,
    /^(?:asm_)?exc_(?:hv_callback|xen_hypervisor_callback|vmm_communication)$/,
    /^el[01][ht]?_(?:64_)?(?:irq|fiq)(?:_handler)?$/,
    /^el[01]_(?:interrupt|irq_naked|irq_invalid)$/,
    /^(?:__)?irq_(?:svc|usr)$/,
  ],
  names: names`ret_from_intr common_interrupt nmi end_repeat_nmi repeat_nmi first_nmi restore_nmi do_nmi default_do_nmi
    hv_callback xen_evtchn_do_upcall xen_hvm_callback_vector gic_handle_irq handle_arch_irq do_IRQ smp_apic_timer_interrupt
    common_interrupt_return do_interrupt_handler call_on_irq_stack do_irq handle_riscv_irq do_external_interrupt
    hardware_interrupt_common hardware_interrupt_common_virt decrementer_common decrementer_common_virt ext_int_handler
    do_ext_irq do_io_irq io_int_handler handle_int handle_loongarch_irq do_vint ret_from_irq hypervisor_callback`,
  fallback: 'late',
};

/** What leads to the culprit: never to be blamed while anything else is there. */
const dispatch: readonly PassRule[] = [
  {
    words: 'interrupt and softirq dispatch',
    patterns: [
      /^_*(?:do_softirq|irq_exit|irq_exit_rcu|irq_enter|handle_softirqs)(?:_own_stack|_post_smp_call_flush)?$/,
      /^_*handle_(?:irq_event|irq_event_percpu|edge_irq|fasteoi_irq|level_irq|percpu_devid_irq|irq|domain_irq|IRQ|percpu_irq|irq_desc)(?:_percpu)?$/,
      /^generic_handle_(?:irq|domain_irq|irq_desc|arch_irq|irq_safe|domain_nmi)$/,
      /^_*(?:run_timers|run_timer_base|run_timer_softirq|expire_timers|call_timer_fn|hrtimer_run_queues|hrtimer_interrupt|hrtimer_run_softirq)$/,
      /^tasklet_(?:action|hi_action|action_common)$/,
      /^rcu_(?:do_batch|core|core_si|process_callbacks|nocb_cb_kthread|cpu_kthread)$/,
      /^arch_timer_handler_(?:virt|phys)(?:_mem)?$/,
    ],
    names: names`__rcu_process_callbacks run_ksoftirqd local_apic_timer_interrupt __sysvec_apic_timer_interrupt
      generic_handle_irq_desc do_handle_IPI ipi_handler handle_IPI __handle_domain_irq irq_thread irq_thread_fn
      irq_forced_thread_fn irq_work_run irq_work_run_list irq_work_single flush_smp_call_function_queue
      __flush_smp_call_function_queue generic_smp_call_function_single_interrupt do_softirq_own_stack ____do_softirq
      el0_interrupt do_interrupt __do_softirq_own_stack srcu_invoke_callbacks`,
  },
  {
    words: 'runs work items and threads',
    names: names`process_one_work process_scheduled_works worker_thread kthread kthread_worker_fn smpboot_thread_fn
      task_work_run rescuer_thread cpuhp_thread_fun cpuhp_invoke_callback async_run_entry_fn notifier_call_chain
      blocking_notifier_call_chain raw_notifier_call_chain atomic_notifier_call_chain`,
  },
  {
    words: 'system call and task entry',
    patterns: [
      /^entry_(?:SYSCALL|SYSENTER|INT80|SYSRETQ|SYSCALL32)\w*$/,
      /^(?:do_)?(?:syscall_64|fast_syscall_32|int80_syscall_32|syscall_32_irqs_on|int80_emulation|syscall_x64|syscall_x32)(?:_fastpath|_irqs_on)?$/,
      /^_*do_(?:syscall_64|fast_syscall_32|int80_syscall_32|syscall_32_irqs_on|int80_emulation|SYSENTER_32)$/,
      /^el0_(?:svc|svc_naked|svc_common|svc_handler|svc_compat|sync|sync_compat|sync_handler|sync_compat_handler)(?:_\w+)?$/,
      /^el0t_(?:64|32)_(?:sync|irq|error|fiq)(?:_handler)?$/,
      /^ret_from_(?:fork|kernel_thread|syscall)\w*$/,
      /^(?:syscall_)?exit_to_user_mode(?:_\w+)?$/,
      /^(?:irqentry|syscall)_exit(?:_\w+)?$/,
      /^(?:secondary_)?start(?:_\w+)?_kernel$|^start_kernel$|^start_secondary$|^secondary_startup_64\w*$/,
      /^(?:common|secondary)_startup_64\w*$|^__(?:primary|secondary)_switched$/,
      /^(?:system_call|sys_call|tracesys|sysenter_dispatch|cstar_dispatch|ia32_sysenter_target|sysenter_past_esp)\w*$/,
    ],
    names: names`x64_sys_call ia32_sys_call invoke_syscall ret_fast_syscall __sys_trace_return do_trap_ecall_u
      handle_syscall do_notify_resume do_exit_to_user kernel_init kernel_init_freeable kernel_thread_starter
      x86_64_start_kernel x86_64_start_reservations rest_init system_call_exception system_call_common
      system_call_vectored_common __do_syscall do_syscall syscall_common sys_call_table __switch_to_xtra
      rewind_stack_do_exit rewind_stack_and_make_dead`,
    fallback: 'late',
  },
  {
    words: 'idle loop',
    patterns: [/^(?:default|arch_cpu|native_safe|acpi|acpi_safe|intel|mwait|poll|pv_native_safe)_(?:idle|halt|idle_ibrs)(?:_\w+)?$/],
    names: names`cpu_startup_entry do_idle cpuidle_enter cpuidle_enter_state default_idle_call cpu_idle_poll
      cpuidle_idle_call cpu_do_idle call_cpuidle arch_cpu_idle acpi_idle_do_entry acpi_idle_enter mwait_idle
      mwait_idle_with_hints cpu_idle_loop`,
    fallback: 'late',
  },
];

function neverBlamed(rule: PassRule): PassRule {
  return { ...rule, fallback: 'never' };
}

/** All rules in the order in which they are tried. */
export const passRules: readonly PassRule[] = [
  ...reporting.map(neverBlamed),
  ...traps,
  detectorRule,
  interruptEntryRule,
  ...primitives,
  ...waiting,
  ...dispatch,
];

function appliesTo(rule: PassRule, kind: string): boolean {
  return rule.appliesTo?.some((entry) => kind === entry || kind.startsWith(`${entry}/`)) ?? true;
}

/** True if a rule is about the function of this name; the name may still have its compiler suffixes. */
export function ruleMatches(rule: PassRule, functionName: string): boolean {
  const name = ruleName(functionName);
  return rule.names?.has(name) === true || rule.patterns?.some((pattern) => pattern.test(name)) === true;
}

/** The rule that says why the function is not to blame for a report of this kind; undefined if none does. */
export function passRuleFor(functionName: string, kind: string): PassRule | undefined {
  return passRules.find((rule) => appliesTo(rule, kind) && ruleMatches(rule, functionName));
}
