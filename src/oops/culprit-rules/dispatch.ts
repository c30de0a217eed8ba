import { names, type PassRule } from './rule.ts';

/** What leads to the culprit: never to be blamed while anything else is there. */
export const dispatchRules: readonly PassRule[] = [
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
    names: names`process_one_work process_scheduled_works worker_thread kthread_worker_fn task_work_run rescuer_thread
      cpuhp_thread_fun cpuhp_invoke_callback async_run_entry_fn
      notifier_call_chain blocking_notifier_call_chain raw_notifier_call_chain atomic_notifier_call_chain`,
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
      kthread smpboot_thread_fn x86_64_start_kernel x86_64_start_reservations rest_init system_call_exception system_call_common
      system_call_vectored_common __do_syscall do_syscall syscall_common sys_call_table __switch_to_xtra
      rewind_stack_do_exit rewind_stack_and_make_dead`,
    fallback: 'late',
  },
  {
    words: 'idle loop',
    patterns: [
      /^(?:default|arch_cpu|native_safe|acpi|acpi_safe|intel|mwait|poll|pv_native_safe)_(?:idle|halt|idle_ibrs)(?:_\w+)?$/,
    ],
    names: names`cpu_startup_entry do_idle cpuidle_enter cpuidle_enter_state default_idle_call cpu_idle_poll
      cpuidle_idle_call cpu_do_idle call_cpuidle arch_cpu_idle acpi_idle_do_entry acpi_idle_enter mwait_idle
      mwait_idle_with_hints cpu_idle_loop`,
    fallback: 'late',
  },
];
