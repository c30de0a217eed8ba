import { family } from './family.ts';

/** kernel/locking/lockdep.c */
const lockdepKinds = family(
  'lockdep',
  { severity: 'warning', document: 'locking/lockdep-design.rst' },
  {
    circular: {
      summary: 'Locks are taken in different orders: a possible deadlock.',
      explanation:
        'Lockdep remembers every order in which locks of two classes were ever nested. The lock being taken closes a circle with the ones held; "the existing dependency chain (in reverse order)" gives a stack for each step. No deadlock happened yet. Decide which order is right; if the two locks are of one class by accident (set up at the same line), give them classes of their own.',
    },
    recursive: {
      summary: 'A task takes a lock of a class that it holds already: a possible deadlock.',
      explanation:
        'Either the very same lock is taken twice, which deadlocks, or two locks of one class (parent and child, two devices of one driver) are nested. If that nesting has an order, say so with mutex_lock_nested() or a lock class of its own.',
    },
    'irq-inversion': {
      summary: 'A lock used in interrupts depends on one that is held with interrupts on.',
      explanation:
        'A holder of the second lock may be interrupted by code that wants the first, which waits for the second: a deadlock across CPUs. The report gives where each usage arose. Mostly one place has to disable interrupts (spin_lock_irqsave()).',
    },
    'unsafe-order': {
      summary: 'A lock that is taken in interrupts is held while taking one that is not safe there.',
      explanation:
        '"HARDIRQ-safe -> HARDIRQ-unsafe" (or SOFTIRQ) means: the first lock is taken in interrupts, the second with interrupts enabled, and now they are nested. The second one must be taken with interrupts off everywhere, or not below the first.',
    },
    'inconsistent-state': {
      summary: 'A lock is taken both in interrupts and with interrupts enabled.',
      explanation:
        '"{IN-HARDIRQ-W} -> {HARDIRQ-ON-W}" tells: the lock was once taken in an interrupt, and now without disabling them; an interrupt on this CPU would deadlock. Use the _irqsave or _bh form at the place that lacks it. Both places are given.',
    },
    'bad-unlock': {
      summary: 'A lock was released that is not held.',
      explanation:
        'The task releases a lock that it does not hold, or releases it twice. Look at error paths and at functions that release the lock of their caller; a structure that was freed and reused under a held lock shows so too.',
    },
    'bad-contention': {
      summary: 'A lock was found contended or acquired that is not held (lock statistics).',
      explanation:
        'The accounting of lock statistics does not fit; the lock was reinitialized while held, or its memory reused.',
      document: 'locking/lockstat.rst',
    },
    'held-lock-freed': {
      summary: 'Memory with a held lock in it was freed, or the lock initialized anew.',
      explanation:
        'The object went away while somebody is inside its lock: a use after free in the making. Look at who holds it and why the object is not referenced.',
    },
    'held-at-exit': {
      summary: 'A task ended, froze or left while holding locks.',
      explanation: 'A path does not release its lock; the lock and the place where it was taken are given.',
    },
    'held-in-user-space': {
      summary: 'A system call returned to user space with a lock held.',
      explanation: 'A path of the system call does not release its lock; the place where it was taken is given.',
    },
    'nested-lock': {
      summary: 'A lock was taken as nested, without the outer one being held.',
      explanation:
        'mutex_lock_nest_lock() says that an outer lock orders the inner ones, and that outer lock is not held. Also printed when the lock given is of another structure.',
    },
    'invalid-wait-context': {
      summary: 'A lock that may sleep is taken where sleeping is not possible.',
      explanation:
        'On PREEMPT_RT spin locks sleep, so they may not be taken under a raw spin lock or in hard interrupts; CONFIG_PROVE_RAW_LOCK_NESTING checks this everywhere. Make the outer lock an ordinary one, or the inner one raw.',
      document: 'locking/locktypes.rst',
    },
    'non-static-key': {
      summary: 'A lock is used that was never initialized.',
      explanation:
        'Lockdep knows lock classes by the place of their initialization, and this lock has none: spin_lock_init() and the like was not called, the memory was cleared or freed, or a failed initialization is being torn down.',
    },
    limit: {
      summary: 'A table of lockdep is full; lockdep turned itself off.',
      explanation:
        'Too many locks, dependencies or stack entries were seen. Loading and unloading modules again and again, or locks without a static key, exhaust the tables; CONFIG_LOCKDEP_BITS and its kin make them larger. Deadlocks are not found any more from here on.',
    },
    locking: {
      summary: 'Lockdep found its own data in disorder, or a lock used wrongly.',
      explanation:
        'A check inside of lockdep failed: a lock class was unregistered while in use, a lock is not held where it should be, memory of a lock was overwritten. Look at the lifetime of the lock of the first frame outside of lockdep.',
    },
  },
);

/** kernel/locking/spinlock_debug.c, mutex-debug.c, rtmutex-debug.c */
const lockingKinds = family(
  'locking',
  { severity: 'error', document: 'locking/spinlocks.rst' },
  {
    spinlock: {
      summary: 'A spin lock was used wrongly or is damaged.',
      explanation:
        '"bad magic": never initialized, freed or overwritten; "recursion": taken twice by one CPU; "already unlocked", "wrong owner", "wrong CPU": released by somebody else. The lock address and owner are on the next line.',
    },
    rwlock: {
      summary: 'A reader-writer lock was used wrongly or is damaged.',
      explanation: 'As for spin locks: not initialized, freed, overwritten, or taken twice for writing.',
    },
    mutex: {
      summary: 'A mutex was used wrongly or is damaged.',
      explanation:
        'DEBUG_LOCKS_WARN_ON() failed: the mutex is not initialized, is released by another task, or was freed while held.',
      document: 'locking/mutex-design.rst',
    },
    'rt-mutex': {
      summary: 'A real-time mutex deadlock or misuse.',
      explanation: 'Tasks wait for each other through priority-inheriting mutexes; the owners are listed.',
      document: 'locking/rt-mutex-design.rst',
    },
  },
);

/** kernel/sched/core.c, lib/smp_processor_id.c, kernel/workqueue.c */
const atomicKinds = family(
  'atomic',
  { severity: 'warning', document: 'kernel-hacking/locking.rst' },
  {
    sleeping: {
      summary: 'A function that may sleep was called where sleeping is forbidden.',
      explanation:
        'Interrupts or preemption are off, or an RCU read section is open: the next line gives in_atomic(), irqs_disabled() and the nesting. Find the spin lock or RCU section around the call (lockdep lists locks held), and move the call out, use GFP_ATOMIC, or a mutex instead of the spin lock.',
    },
    scheduling: {
      summary: 'The task gave up the CPU while in an atomic section.',
      explanation:
        'schedule() was called with preemption off: a sleeping function under a spin lock, or a preempt count that some path leaves unbalanced ("preempt_count" is the number behind the PID). Lockdep, if on, lists the locks held.',
    },
    'preemptible-smp-id': {
      summary: 'Per-CPU data was used while the task could move to another CPU.',
      explanation:
        'smp_processor_id() or this_cpu_ operations need preemption off. Use get_cpu(), a local lock, or the raw_ form if a wrong CPU does no harm.',
      document: 'core-api/this_cpu_ops.rst',
    },
    'workqueue-leak': {
      summary: 'A work function returned with a lock held, in an atomic section, or inside RCU.',
      explanation: 'The line gives the work function ("last function"). One of its paths does not clean up.',
      document: 'core-api/workqueue.rst',
    },
  },
);

/** kernel/rcu/tree_stall.h, tasks.h, update.c; include/linux/rcupdate.h */
const rcuKinds = family(
  'rcu',
  { severity: 'error', document: 'RCU/stallwarn.rst' },
  {
    stall: {
      summary: 'A CPU or task blocked RCU for longer than 21 seconds.',
      explanation:
        'RCU waits until every CPU has passed a quiet state, and one did not: it loops in the kernel without scheduling, has interrupts off, a task sits in an RCU read section and does not run, or the CPU (of a virtual machine) did not run at all. The stack of the stalled CPU is what matters, and only below the interrupt: look for the loop. "fqs=0" or a starved kthread means that the RCU thread itself got no time.',
    },
    'expedited-stall': {
      summary: 'An expedited RCU grace period is blocked by a CPU or task.',
      explanation:
        'As an RCU stall, but somebody asked for a grace period in a hurry (synchronize_rcu_expedited()), and the limit may be far shorter, 20 ms on Android. Look at the stacks of the CPUs named.',
    },
    'tasks-stall': {
      summary: 'A Tasks RCU grace period is blocked (used for tracing and BPF trampolines).',
      explanation:
        'Tasks RCU waits until each task has scheduled voluntarily once. The tasks listed did not: kernel threads that loop with cond_resched() missing, or tasks that are not run.',
    },
    'kthread-starved': {
      summary: 'The thread that drives RCU did not get to run.',
      explanation:
        'The grace-period kthread could not run for the given jiffies: real-time tasks use the CPU up, its timer interrupt is missing, or the machine is overloaded. "->state=0x0" means it wants to run, "->state=0x402" that its wakeup did not come. Memory may run out, as nothing is freed by RCU meanwhile.',
    },
    'suspicious-usage': {
      summary: 'Data protected by RCU was used without rcu_read_lock() or the lock that guards it.',
      severity: 'warning',
      explanation:
        'rcu_dereference_check() or lockdep_assert at the line named found neither an RCU read section nor the lock. The locks held are listed. Take rcu_read_lock(), use the form that names the lock (rcu_dereference_protected()), or fix the caller.',
      document: 'RCU/lockdep-splat.rst',
    },
  },
);

export const lockingFamilies = [...lockdepKinds, ...lockingKinds, ...atomicKinds, ...rcuKinds];
