import { names, type PassRule } from './rule.ts';

/** Locks, atomics and reference counts: a lock that cannot be had, or a count gone wrong, is its user's doing. */
export const lockingRules: readonly PassRule[] = [
  {
    words: 'generic locking',
    patterns: [
      /^_*(?:do_)?_*raw_(?:spin|read|write)_(?:lock|trylock|unlock)(?:_(?:irq|irqsave|irqrestore|bh|nested|nest_lock|irqsave_nested|unlocked))*$/,
      /^(?:native_|__pv_|pv_|xen_)?_*queued_(?:spin|read|write)_(?:lock|unlock)(?:_slowpath)?$/,
      /^(?:queued|resilient)_\w+_lock_slowpath$/,
      /^_*(?:spin|read|write)_(?:lock|trylock|unlock)(?:_(?:irq|irqsave|irqrestore|bh|nested))*$/,
      /^rt_(?:spin|read|write)_(?:lock|unlock|trylock)(?:_bh|_nested)?$/,
      /^rtlock_slowlock(?:_locked)?$/,
      /^_*(?:rt_|ww_|ww_rt_)?mutex_(?:lock|unlock|trylock|slowlock|slowunlock|spin_on_owner|optimistic_spin)(?:_(?:common|slowpath|nested|interruptible|killable|io|nest_lock|interruptible_nested|killable_nested|io_nested|locked|block|atomic|_*unlock|slow))*$/,
      /^_*rt_mutex_(?:slow|start|handle|adjust|futex)\w*$/,
      /^_*(?:down|up)(?:_(?:read|write|trylock|interruptible|killable|timeout|common|nested|non_owner|nest_lock|slowpath))*$/,
      /^_*downgrade_write$/,
      // lib/rwsem.S and arch/x86/lib/rwsem.S, before 5.2.
      /^call_rwsem_\w+$/,
      /^lockref_(?:get|put|mark)_\w+$/,
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
    names: names`_raw_spin_rq_lock_nested raw_spin_rq_unlock_irq _raw_spin_rq_lock_irqsave raw_spin_rq_lock_nested raw_spin_rq_unlock owner_on_cpu __lock_task_sighand
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
];
