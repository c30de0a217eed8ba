import { family } from './family.ts';

/** Lockup detectors: kernel/watchdog.c, watchdog_perf.c, watchdog_buddy.c, hung_task.c, workqueue.c, smp.c */
export const hangKinds = family(
  'hang',
  { severity: 'error', document: 'admin-guide/lockup-watchdogs.rst' },
  {
    'soft-lockup': {
      summary: 'A CPU ran kernel code for more than 20 seconds without scheduling.',
      explanation:
        'Interrupts work, but the watchdog thread of this CPU did not get to run. Look at the stack below the interrupt: a loop without cond_resched(), a spin lock that is not released, or (in a virtual machine) a host that did not run the CPU. Take more than one report to see what is common.',
    },
    'hard-lockup': {
      summary: 'A CPU did not even take interrupts for some ten seconds.',
      explanation:
        'Found by an NMI from the performance counters, or by a neighbour CPU. The CPU spins with interrupts off: look at its stack for a spin lock taken with _irqsave and at who holds it on the other CPUs; firmware (SMI) and a stopped virtual CPU look the same.',
    },
    'hung-task': {
      summary: 'A task waited without interruption for more than 120 seconds.',
      explanation:
        'The task is in state D (uninterruptible). Its stack tells what it waits for: a mutex or rwsem (who holds it? newer kernels name the likely owner, lockdep lists all held locks), I/O that never completes (look for disk errors or a lost NFS server), or an event that is never signalled. Of several hung tasks, the one that waits for none of the others is the root.',
    },
    'cannot-die': {
      summary: 'A killed task did not end.',
      explanation: 'The task has a fatal signal pending but is stuck in the kernel; its stack tells where.',
    },
    'workqueue-lockup': {
      summary: 'A worker pool made no progress for more than 30 seconds.',
      explanation:
        'Work is queued, but no worker of the pool ran it: a work function loops on that CPU, or there are no workers. The dump of all busy pools shows what is running ("in-flight") and what waits ("pending").',
      document: 'core-api/workqueue.rst',
    },
    'csd-lock': {
      summary: 'A CPU did not answer a call from another one (smp_call_function).',
      explanation:
        'The CPU named has interrupts off or does not run. Look at its stack, printed after the headline; the function that was to be called is named.',
    },
    'spinlock-lockup': {
      summary: 'A CPU waited for a spin lock for seconds.',
      explanation:
        'The owner and its CPU are named. Look what the owner does: its stack is in the backtraces that follow.',
      document: 'locking/spinlocks.rst',
    },
    deadlock: {
      summary: 'Threads wait for each other for ever, or one for what it has itself.',
      explanation:
        'Found by looking at a machine that hangs (`ktriage live`), not by the kernel. Who waits for what, where, and who has it since when is told with it: bring the locks into one order, or keep the interrupt away from where the lock is held. A kernel with CONFIG_PROVE_LOCKING tells of the same before it happens.',
      document: 'locking/lockdep-design.rst',
    },
    'not-running': {
      summary: 'No CPU executes the kernel any more.',
      explanation:
        'Found by looking at the machine (`ktriage live`): all CPUs are in firmware, or were stopped. Look at what stopped them: a panic, a reboot that did not come, a shutdown that firmware did not finish.',
    },
    'netdev-refcount': {
      summary: 'A network device cannot go away because somebody still holds a reference.',
      explanation:
        'unregister_netdevice() waits for the count to fall and prints this every ten seconds. Some protocol, route, neighbour or socket leaks a reference; with CONFIG_NET_DEV_REFCNT_TRACKER the holders are listed.',
      document: 'networking/netdevices.rst',
    },
    'workqueue-hog': {
      summary: 'A work function used a CPU for long without letting others run.',
      severity: 'notice',
      explanation: 'The kernel proposes WQ_UNBOUND for such work. It is a matter of latency, nothing is broken.',
      document: 'core-api/workqueue.rst',
    },
    'rt-throttling': {
      summary: 'Real-time tasks used up their share and were throttled.',
      severity: 'notice',
      explanation:
        'Real-time tasks ran for 0.95 seconds of a second, so others got the rest. A real-time task that never sleeps may starve the kernel threads; hangs and RCU stalls may follow.',
      document: 'scheduler/sched-rt-group.rst',
    },
  },
);
