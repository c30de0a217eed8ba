import { names, type PassRule } from './rule.ts';

/** Families in which standing in the scheduler says nothing. */
const waitFamilies = ['hang', 'rcu', 'atomic', 'panic', 'lockdep', 'trace'];

/** How a blocked or spinning task always stands. */
export const waitRules: readonly PassRule[] = [
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
    patterns: [
      /^_*wake_up(?:_(?:common|common_lock|locked|locked_key|sync|sync_key|bit|process|state|q|var|pollfree|on_current_cpu))*$/,
      /^(?:complete|complete_all|complete_with_flags|try_to_wake_up|swake_up_(?:one|locked|all|all_locked)|remove_wait_queue|add_wait_queue\w*)$/,
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
      /^(?:arch_)?_*jump_label_(?:update|transform)(?:_(?:apply|queue|static))?$/,
      /^_*static_key_(?:enable|disable|slow_inc|slow_dec)(?:_(?:cpuslocked|deferred))?$/,
      /^set_memory_(?:ro|rw|nx|x|rox|np|uc|wc|wb|encrypted|decrypted)$/,
      /^(?:smp_)?text_poke(?:_(?:bp|bp_batch|sync|finish|queue|batch_finish))?$/,
    ],
    names: names`vm_unmap_aliases _vm_unmap_aliases __purge_vmap_area_lazy purge_vmap_area_lazy change_page_attr_set_clr
      generic_exec_single kick_all_cpus_sync multi_cpu_stop rcu_momentary_dyntick_idle rcu_momentary_eqs
      arch_tlbbatch_flush native_send_call_func_single_ipi`,
  },
  {
    words: "RCU's own thread",
    appliesTo: ['rcu', 'hang'],
    patterns: [/^rcu_(?:gp_kthread|gp_fqs_loop|gp_init|gp_cleanup|gp_fqs|tasks_kthread|tasks_one_gp|nocb_gp_kthread)$/],
  },
];
