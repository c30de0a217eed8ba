import { names, type PassRule } from './rule.ts';

/** Kinds whose stack was taken by something that looked on: its top is where it happened to be. */
export const stallKinds: readonly string[] = [
  'hang/soft-lockup',
  'hang/hard-lockup',
  'hang/csd-lock',
  'hang/spinlock-lockup',
  'rcu/stall',
  'rcu/expedited-stall',
  'panic/soft-lockup',
  'panic/hard-lockup',
  'panic/rcu-stall',
  'panic/nmi',
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
  names: names`ret_from_intr retint_kernel common_interrupt nmi end_repeat_nmi repeat_nmi first_nmi restore_nmi do_nmi default_do_nmi
    hv_callback xen_evtchn_do_upcall xen_hvm_callback_vector gic_handle_irq handle_arch_irq do_IRQ smp_apic_timer_interrupt
    common_interrupt_return do_interrupt_handler call_on_irq_stack do_irq handle_riscv_irq do_external_interrupt
    hardware_interrupt_common hardware_interrupt_common_virt decrementer_common decrementer_common_virt ext_int_handler
    do_ext_irq do_io_irq io_int_handler handle_int handle_loongarch_irq do_vint ret_from_irq hypervisor_callback`,
  fallback: 'late',
};
