import type { LockKind } from '../../model/live.ts';
import { plainName } from '../frames.ts';

/** Functions of one kind of lock, by their names without what compilers append. */
export interface LockFunctions {
  readonly kind: LockKind;
  /** Those that may wait for it, and those that only are called by these: none of them is where it is wanted. */
  readonly inside: RegExp;
  /** Those that are called to take it: with the lock as their first argument. */
  readonly take: RegExp;
  /** Those that are called to give it back. */
  readonly release: RegExp;
  /** Of those that wait: it is certain that they do, when a thread stands in them. */
  readonly waiting: RegExp;
  /** What the parameter is called that is the lock. */
  readonly parameters: readonly string[];
}

/** What is waited for besides locks: kernel/futex, mm/filemap.c, kernel/{smp,stop_machine,workqueue}.c, kernel/rcu, kernel/printk. */
const otherWaits: readonly (Pick<LockFunctions, 'kind' | 'inside' | 'waiting'> & Partial<LockFunctions>)[] = [
  {
    kind: 'futex',
    inside: /^(?:futex_wait_queue(?:_me)?|futex_do_wait|__futex_wait|rt_mutex_wait_proxy_lock)$/,
    waiting: /^(?:futex_wait_queue(?:_me)?|futex_do_wait|__futex_wait|rt_mutex_wait_proxy_lock)$/,
  },
  {
    kind: 'folio',
    inside:
      /^(?:folio_wait_\w+|__folio_lock\w*|folio_lock\w*|wait_on_page_\w+|__lock_page\w*|lock_page\w*|folio_put_wait_locked|put_and_wait_on_page_locked|softleaf_entry_wait_on_locked|migration_entry_wait\w*)$/,
    waiting: /^(?:folio_wait_bit\w*|wait_on_page_bit\w*|migration_entry_wait_on_locked|softleaf_entry_wait_on_locked)$/,
  },
  {
    kind: 'bit-lock',
    inside:
      /^(?:__wait_on_bit(?:_lock)?|out_of_line_wait_on_bit\w*|wait_on_bit\w*|_{0,2}wait_on_buffer|_{0,2}lock_buffer)$/,
    waiting: /^(?:__wait_on_bit(?:_lock)?|out_of_line_wait_on_bit\w*)$/,
  },
  {
    kind: 'rcu',
    inside:
      /^(?:_{0,2}wait_rcu_gp\w*|synchronize_(?:rcu\w*|net|sched\w*|rcu_tasks\w*)|rcu_barrier|cond_synchronize_\w+)$/,
    waiting: /^(?:_{0,2}wait_rcu_gp\w*|synchronize_rcu\w*|rcu_barrier)$/,
  },
  {
    kind: 'workqueue',
    inside:
      /^(?:_{0,2}flush_(?:work|workqueue|delayed_work|rcu_work)|__cancel_work(?:_timer|_sync)?|cancel_(?:work|delayed_work)_sync|drain_workqueue|work_on_cpu\w*|schedule_on_each_cpu)$/,
    waiting: /^(?:_{0,2}flush_(?:work|workqueue)|__cancel_work(?:_timer|_sync))$/,
    parameters: ['work', 'wq'],
  },
  {
    kind: 'stop-machine',
    inside:
      /^(?:multi_cpu_stop|rcu_momentary_(?:dyntick_idle|eqs)|stop_(?:one_cpu|two_cpus|cpus|machine\w*)|__stop_cpus)$/,
    waiting: /^(?:multi_cpu_stop|stop_(?:one_cpu|two_cpus)|__stop_cpus)$/,
  },
  {
    kind: 'ipi',
    inside:
      /^(?:smp_call_function(?:_many_cond|_many|_single|_any)?|(?:__)?csd_lock_wait\w*|csd_lock|on_each_cpu\w*|(?:native_)?flush_tlb_multi|kick_all_cpus_sync)$/,
    waiting: /^(?:smp_call_function(?:_many_cond|_single)|(?:__)?csd_lock_wait\w*)$/,
  },
  { kind: 'other', inside: /^console_trylock_spinning$/, waiting: /^console_trylock_spinning$/ },
];

/** Of what is not taken or given back by calls: no name. */
const never = /(?!)/;

/**
 * After kernel/locking/*.c and include/linux/{spinlock,mutex,rwsem,semaphore,completion}*.h of 5.4 to 7.x. The first
 * that fits a frame takes it.
 */
export const lockFunctions: readonly LockFunctions[] = [
  {
    kind: 'spinlock',
    inside:
      /^(?:(?:native_|__pv_|pv_)?queued_spin_lock(?:_slowpath)?|(?:do_|_|__)?raw_spin_(?:try)?lock\w*|virt_spin_lock|pv_(?:wait|kick|hybrid)\w*|arch_(?:mcs_)?spin_lock\w*|ticket_spin_lock|spin_lock(?:_irq|_bh|_irqsave|_nested)?|resilient_queued_spin_lock\w*|lock_acquire|pv_queued_spin_lock_slowpath|__cmpwait\w*|cpu_relax|rep_nop|native_pause|__delay|delay_\w+)$/,
    waiting:
      /^(?:(?:native_|__pv_|pv_)?queued_spin_lock_slowpath|virt_spin_lock|do_raw_spin_lock|_raw_spin_lock\w*|arch_spin_lock\w*|ticket_spin_lock|resilient_queued_spin_lock_slowpath)$/,
    take: /^(?:_|__|do_)?raw_spin_(?:try)?lock(?:_irqsave|_irq|_bh|_nested|_irqsave_nested|_nest_lock)?$|^queued_spin_lock_slowpath$/,
    release: /^(?:_|__|do_)?raw_spin_unlock(?:_irqrestore|_irq|_bh)?$|^(?:__pv_|native_)?queued_spin_unlock\w*$/,
    parameters: ['lock'],
  },
  {
    kind: 'rwlock',
    inside: /^(?:queued_(?:read|write)_lock(?:_slowpath)?|(?:do_|_|__)?raw_(?:read|write)_(?:try)?lock\w*)$/,
    waiting: /^(?:queued_(?:read|write)_lock_slowpath|_raw_(?:read|write)_lock\w*)$/,
    take: /^(?:_|__)?raw_(?:read|write)_(?:try)?lock(?:_irqsave|_irq|_bh|_nested)?$/,
    release: /^(?:_|__)?raw_(?:read|write)_unlock(?:_irqrestore|_irq|_bh)?$/,
    parameters: ['lock'],
  },
  {
    kind: 'rt-mutex',
    inside: /^(?:__)?(?:rt_mutex_(?:slow)?\w*lock\w*|rt_spin_lock\w*|rtlock_slowlock\w*|rt_(?:read|write)_lock\w*)$/,
    waiting: /^(?:__)?(?:rt_mutex_slowlock\w*|rtlock_slowlock\w*|rt_mutex_lock\w*|rt_spin_lock\w*)$/,
    take: /^(?:rt_mutex_(?:try)?lock\w*|rt_spin_(?:try)?lock\w*)$/,
    release: /^(?:rt_mutex_unlock|rt_spin_unlock\w*)$/,
    parameters: ['lock', 'rtm'],
  },
  {
    kind: 'mutex',
    inside:
      /^(?:__)?(?:ww_)?mutex_(?:lock|trylock|optimistic_spin)\w*$|^schedule_preempt_disabled$|^mutex_spin_on_owner$|^osq_lock$/,
    waiting: /^(?:__)?(?:ww_)?mutex_lock\w*$/,
    take: /^(?:ww_)?mutex_(?:try)?lock(?:_interruptible|_killable|_io|_nested|_interruptible_nested|_killable_nested)?$/,
    release: /^(?:ww_)?mutex_unlock$/,
    parameters: ['lock'],
  },
  {
    kind: 'rwsem',
    inside: /^(?:__)?(?:rwsem_(?:down|optimistic_spin|spin_on_owner)\w*|down_(?:read|write)\w*)$/,
    waiting: /^(?:rwsem_down_(?:read|write)\w*|(?:__)?down_(?:read|write)\w*)$/,
    take: /^down_(?:read|write)(?:_trylock|_interruptible|_killable|_nested|_killable_nested|_non_owner)?$/,
    release: /^(?:up_(?:read|write)|downgrade_write)(?:_non_owner)?$/,
    parameters: ['sem'],
  },
  {
    // kernel/locking/percpu-rwsem.c. To read, percpu_down_read() is inlined, and calls only if it has to wait.
    kind: 'percpu-rwsem',
    inside: /^(?:percpu_rwsem_wait|__percpu_(?:rwsem_trylock|down_(?:read|write)\w*)|percpu_down_(?:read|write)\w*)$/,
    waiting: /^(?:percpu_rwsem_wait|(?:__)?percpu_down_(?:read|write)\w*)$/,
    take: /^(?:__)?percpu_down_(?:read|write)(?:_trylock|_internal|_freezable)?$/,
    release: /^(?:__)?percpu_up_(?:read|write)$/,
    parameters: ['sem'],
  },
  {
    kind: 'semaphore',
    inside:
      /^(?:__)?(?:down(?:_common|_interruptible|_killable|_timeout)?)$|^___down_common$|^__down_console_sem$|^console_lock$/,
    waiting: /^_{0,3}down(?:_common|_interruptible|_killable|_timeout)?$/,
    take: /^down(?:_interruptible|_killable|_timeout|_trylock)?$/,
    release: /^up$/,
    parameters: ['sem'],
  },
  {
    kind: 'completion',
    inside: /^(?:do_wait_for_common|__wait_for_common|wait_for_common\w*|wait_for_completion\w*)$/,
    waiting: /^(?:do_wait_for_common|__wait_for_common|wait_for_common\w*|wait_for_completion\w*)$/,
    take: never,
    release: never,
    parameters: ['x'],
  },
  ...otherWaits.map((each) => ({ take: never, release: never, parameters: [], ...each })),
];

/** Functions that only put a task to sleep, whatever it waits for. */
export const sleepFunctions =
  /^(?:__switch_to\w*|context_switch|_{0,2}schedule\w*|io_schedule\w*|preempt_schedule\w*|raw_spin_rq_\w*|finish_task_switch|bit_wait\w*|do_nanosleep|hrtimer_nanosleep|usleep_range\w*|msleep\w*)$/;

/** The lock that a function is of, if it is one of those that wait for it or are called by these. */
export function lockFunctionsOf(name: string): LockFunctions | undefined {
  const plain = plainName(name);
  return lockFunctions.find(({ inside }) => inside.test(plain));
}

/** What a function does to a lock, where it is called. */
export function lockCall(
  name: string,
): { readonly functions: LockFunctions; readonly does: 'take' | 'release' } | undefined {
  const plain = plainName(name);
  for (const functions of lockFunctions) {
    if (functions.take.test(plain)) return { functions, does: 'take' };
    if (functions.release.test(plain)) return { functions, does: 'release' };
  }
  return undefined;
}
