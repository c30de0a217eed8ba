/**
 * Functions that are never to blame (`specs/titles.md` section 5.2): substrings of the name unless anchored.
 * Substrings also hit innocents (`device_add_disk`); the titles of other systems have it that way. The culprit,
 * which is ours, does not (`src/oops/culprit.ts`).
 */
const groups: readonly (readonly string[])[] = [
  // Sanitizers, hardening.
  ['kasan', 'hwasan', '__asan', '__sanitizer', 'kmsan', '__msan', 'kcsan_setup_watchpoint', 'check_memory_region'],
  ['read_word_at_a_time', '(?:read|write)_once_.*nocheck', 'check_heap_object', 'check_object', '__fortify_report'],
  // Reporting, dumping, traps.
  ['dump_stack', 'show_stack', 'walk_stack', 'dump_backtrace', 'arch_stack_walk', 'stack_trace_'],
  ['print_address_description', 'print_report', 'print_usage_bug', 'print_unlock', 'imbalance_bug', 'print_tainted'],
  ['^get_taint$', 'report_bug', 'fixup_bug', 'invalid_op', 'do_error', '_trap$', 'do_trap', 'program_check_', 'panic'],
  ['__warn', 'warn_slowpath', 'warn_alloc', 'warn_bogus', 'assertfail', 'hex_dump'],
  // arm64 fault entry.
  ['do_kernel_fault', 'do_translation_fault', 'do_mem_abort', 'el1_abort', 'el1h_64_sync'],
  // Allocation, page cache getters.
  ['malloc', 'zalloc', 'calloc', 'krealloc', 'kmem_cache', 'slab_', 'allocate_slab', 'alloc_page'],
  ['__alloc_frozen_pages', 'folio_alloc', 'filemap_alloc_folio', '^kfree$', '^kvfree$', 'ida_free'],
  ['__filemap_get_folio', 'find_or_create_page', 'do_read_cache_folio', 'read_cache_page', 'pagecache_get_page'],
  ['grab_cache_page'],
  // Lockdep.
  ['lockdep', 'lock_acquire', 'lock_release', 'lock_class', 'mark_lock', '_held_locks'],
  ['(?:trace|lockdep)_(?:hardirq|softirq)'],
  // Locks.
  ['spin_(?:lock|trylock|unlock)', 'raw_spin_rq', '(?:read|write)_(?:lock|trylock|unlock)', '^down$', 'down_read'],
  ['down_write', 'down_trylock', 'up_read', 'up_write', '^mutex_', '^__mutex_', '^rt_mutex_', 'owner_on_cpu'],
  ['osq_(?:lock|unlock)', 'bh_(?:enable|disable)', '^lock_page', '^unlock_page', 'folio_unlock'],
  // Atomics, bits, references.
  ['atomic(?:64)?_(?:dec|inc|read|set|or|xor|and|add|sub|fetch|xchg|cmpxchg|try)', '(?:set|clear|change|test)_bit'],
  ['^refcount_', '^kref_', 'ref_tracker', 'seqprop_assert'],
  // Waiting, might-sleep.
  ['__wake_up', 'finish_wait', '^complete$', 'wait_for_completion', 'kthread_stop', 'might_fault', 'might_sleep'],
  ['might_resched'],
  // Memory, strings.
  ['memcpy', 'memcmp', 'memset', 'memchr', 'memmove', 'memdup', 'strcmp', 'strncmp', 'str[lns]?cpy', 'strlen'],
  ['strnlen', 'strstr', 'strnstr', 'strchr', 'strdup', 'strndup', 'crc_itu_t', '^crc[0-9]'],
  // Printing.
  ['string', 'pointer', 'snprintf', 'scnprintf', 'asprintf', 'printk', 'va_format'],
  ['dev_(?:info|notice|warn|err|alert|crit|emerg)'],
  // User copies, iov.
  ['copy_(?:to|from)_user', '(?:put|get)_user', '^copyin$', '^copyout$', 'copy_(?:to|from)_iter'],
  ['copy_page_(?:to|from)_iter', 'copy_folio_to_iter', 'extract_(?:user|iter)_to_sg'],
  // Containers.
  ['list_(?:add|del|replace|move|splice)', '^rb_', '^__rb_', '^klist_', 'xas_(?:start|load|find)', 'rhashtable_lookup'],
  // Timers, work, debug objects.
  ['debug_object', 'timer_is_static_object', 'work_is_static_object', 'del_timer', 'timer_delete_sync'],
  ['lock_timer_base', '__mod_timer', 'sk_stop_timer_sync', 'flush_work', '__cancel_work_timer', 'cancel_work_sync'],
  ['try_to_grab_pending', 'drain_workqueue', 'destroy_workqueue', 'insert_work', 'queue_work'],
  ['__queue_delayed_work', 'queue_delayed_work_on'],
  // Driver core, net devices.
  ['kobject_', 'add_uevent_var', 'get_device_parent', 'devres_release_all', '^put_device$', 'sysfs_remove'],
  ['device_(?:add|del|unregister|destroy|release|for_each_child|remove_file)', 'tty_unregister_device'],
  [
    'hwrng_unregister',
    'i2c_del_adapter',
    '__unregister_client',
    'rollback_registered',
    'unregister_netdev',
    'kfree_skb',
  ],
  // USB.
  ['usb_(?:submit|kill|hcd_submit)_urb', 'usb_kill_anchored_urbs', 'usb_control_msg', 'dummy_urb_enqueue'],
  // Memory-mapped and port input and output.
  ['(?:read|write)[bwlq]$', 'logic_in', 'logic_out'],
  // VFS.
  ['^iput$', '^iput_final$', '^ihold$', 'dput', 'drop_nlink', 'find_lock_entries', 'truncate_inode_pages_range'],
  ['mark_buffer_dirty'],
  // Other.
  ['_indirect_thunk_', '__phys_addr', 'cleanup_srcu_struct', 'perf_trace'],
];

const neverGuilty = new RegExp(groups.flat().join('|'));

/** True if the function is passed over when the one to blame is sought. */
export function isSkipped(name: string, kindSkips: readonly RegExp[]): boolean {
  return neverGuilty.test(name) || kindSkips.some((s) => s.test(name));
}

/** Another task's fault injection has got into the report. */
export function isFaultInjection(name: string): boolean {
  return name === 'should_fail' || name === 'should_failslab';
}
