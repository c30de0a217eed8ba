/** A lock as lockdep prints it: address, class, usage, where it was taken. */
export interface LockInstance {
  readonly address?: bigint;
  /** The class: `&dev->mutex`, with subclass and number as printed (`&port->lock#2/1`). */
  readonly name: string;
  /** The usage letters between braces and the depth, as printed: `+.+.`. */
  readonly usage?: string;
  /** `at:` the function that took it. */
  readonly function?: string;
  readonly offset?: number;
  readonly source?: string;
}

/** kernel/locking/lockdep.c */
export interface LockdepDetails {
  readonly of: 'lockdep';
  readonly task?: string;
  readonly pid?: number;
  /** What the task was about to take, or whose usage changed. */
  readonly wanted?: LockInstance;
  /** What it holds, innermost last, from `but task is already holding lock` and `N locks held by`. */
  readonly held: readonly LockInstance[];
  /** The steps of `the existing dependency chain (in reverse order) is`, as printed. */
  readonly chain: readonly { readonly step: number; readonly lock: LockInstance }[];
  /** `{IN-SOFTIRQ-W} -> {SOFTIRQ-ON-W}` of inconsistent states. */
  readonly usageChange?: { readonly from: string; readonly to: string };
  /** `Chain exists of:` lock classes in order. */
  readonly chainExists?: readonly string[];
  /** The lines of `Possible unsafe locking scenario`, as printed. */
  readonly scenario?: readonly string[];
  /** Lock which was released without being held, and where. */
  readonly released?: LockInstance;
}

/** kernel/locking/spinlock_debug.c */
export interface SpinlockDetails {
  readonly of: 'spinlock';
  readonly problem: string;
  readonly cpu?: number;
  readonly task?: string;
  readonly pid?: number;
  readonly lock?: string;
  readonly magic?: bigint;
  readonly owner?: string;
  readonly ownerPid?: number;
  readonly ownerCpu?: number;
}

/** __might_resched() in kernel/sched/core.c */
export interface SleepingDetails {
  readonly of: 'sleeping-in-atomic';
  readonly file?: string;
  readonly line?: number;
  readonly inAtomic?: boolean;
  readonly irqsDisabled?: boolean;
  readonly nonBlock?: boolean;
  readonly pid?: number;
  readonly task?: string;
  readonly preemptCount?: number;
  readonly preemptExpected?: number;
  readonly rcuNesting?: number;
  /** `Preemption disabled at:` */
  readonly disabledAt?: string;
}

/** __schedule_bug() in kernel/sched/core.c; check_preemption_disabled() in lib/smp_processor_id.c */
export interface SchedulingDetails {
  readonly of: 'scheduling';
  readonly task?: string;
  readonly pid?: number;
  readonly preemptCount?: number;
  /** `smp_processor_id()` and the like, and who called it. */
  readonly operation?: string;
  readonly caller?: string;
}

/** kernel/rcu/tree_stall.h */
export interface RcuStallDetails {
  readonly of: 'rcu-stall';
  /** `rcu_preempt`, `rcu_sched`, `rcu_tasks`. */
  readonly flavour?: string;
  readonly expedited: boolean;
  readonly selfDetected: boolean;
  /** The CPU that noticed it. */
  readonly detectedBy?: number;
  readonly jiffies?: number;
  readonly gracePeriod?: number;
  readonly queued?: number;
  readonly cpus: readonly {
    readonly cpu: number;
    readonly ticks?: number;
    readonly idle?: string;
    readonly fqs?: number;
    readonly words: string;
  }[];
  /** Tasks that block it inside a read section. */
  readonly tasks: readonly number[];
  readonly starved?: {
    readonly kthread: string;
    readonly jiffies: number;
    readonly state?: string;
    readonly cpu?: number;
  };
}

/** lockdep_rcu_suspicious() in kernel/locking/lockdep.c */
export interface RcuUsageDetails {
  readonly of: 'rcu-usage';
  readonly file?: string;
  readonly line?: number;
  readonly message?: string;
  readonly schedulerActive?: number;
  readonly debugLocks?: number;
  readonly held: readonly LockInstance[];
}

/** kernel/watchdog.c and its like */
export interface LockupDetails {
  readonly of: 'lockup';
  readonly detector: 'soft' | 'hard' | 'csd';
  readonly cpu?: number;
  readonly seconds?: number;
  readonly task?: string;
  readonly pid?: number;
  /** The CPU that noticed it, where it was another one. */
  readonly detectedBy?: number;
  /** csd: the function that was to be called. */
  readonly function?: string;
}

/** kernel/hung_task.c */
export interface HungTaskDetails {
  readonly of: 'hung-task';
  readonly task?: string;
  readonly pid?: number;
  readonly seconds?: number;
  readonly inIoWait?: boolean;
  /** `D`, and its words as the task line has them. */
  readonly state?: string;
  /** As of 6.16: what blocks it (`mutex`, `semaphore`, `rw-semaphore`), and who owns that. */
  readonly blockedOn?: string;
  readonly owner?: { readonly task: string; readonly pid: number; readonly likely: boolean };
  readonly held?: readonly LockInstance[];
}

/** wq_watchdog_timer_fn() in kernel/workqueue.c */
export interface WorkqueueLockupDetails {
  readonly of: 'workqueue-lockup';
  readonly pool?: string;
  readonly cpus?: string;
  readonly seconds?: number;
  /** `show_workqueue_state()`: queues with work under way or waiting. */
  readonly workqueues: readonly {
    readonly name: string;
    readonly inFlight: readonly string[];
    readonly pending: readonly string[];
  }[];
}
