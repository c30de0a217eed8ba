import type { RulePages } from './page.ts';

/** What stands still. */
export const hangPages: RulePages<
  'hard-lockup' | 'soft-lockup' | 'silent-cpu' | 'rcu-stall' | 'workqueue-stall' | 'hung-task'
> = {
  'hard-lockup': {
    summary: 'A CPU takes no interrupts.',
    meaning: 'It loops, or spins for a lock, with interrupts off.',
    recognized:
      'The watchdog of hard lockups says so. What the CPU does is read off its stack, where that was printed: likely.',
    against: 'A virtual CPU that the host stopped, and firmware (SMI), look the same.',
    next: 'Look who holds the lock it spins for: sysrq-l, or ktriage on the hung guest.',
  },
  'soft-lockup': {
    summary: 'A CPU has not scheduled for long.',
    meaning: 'Kernel code runs on it without a pause: a loop, or a spinlock that does not come free.',
    recognized:
      'The watchdog says so. A locking function at the top of the stack means a lock, one that waits for other CPUs that one of these is stuck, anything else a loop: likely. With the files of the kernel the lock is named; where the code shows that the same stack took it before and did not give it back, the CPU waits for itself: certain if nothing was called in between.',
    against: 'A host that did not run the virtual CPU; a single long operation that ends.',
    next: 'Several reports with one place: look at the loop there. Else add cond_resched().',
  },
  'silent-cpu': {
    summary: 'A CPU does not answer calls of others.',
    meaning: 'It has interrupts off or does not run at all.',
    recognized: 'The watchdog of smp_call_function says so: certain.',
    against: 'It may answer late.',
    next: 'Look at the stack of that CPU, which is printed with it.',
  },
  'rcu-stall': {
    summary: 'A CPU or task keeps RCU waiting.',
    meaning: 'A read section does not end, a CPU loops in the kernel, or the thread of RCU gets no time.',
    recognized: 'RCU says so and names CPUs and tasks. What they do is read off the stack: likely.',
    against:
      'A stack of another CPU without an NMI is that of when the task last slept. A slow console stalls RCU too.',
    next: 'Look below the interrupt in the stack of the named CPU or task: the loop or lock is there.',
  },
  'workqueue-stall': {
    summary: 'The workers of a pool make no progress.',
    meaning: 'A work function does not end, or the CPU is taken by something else.',
    recognized: 'The workqueue watchdog says so; work under way is named: likely.',
    against: 'What is under way need not be what is slow.',
    next: 'Look at the stacks of the workers; long work belongs on WQ_UNBOUND or WQ_CPU_INTENSIVE queues.',
  },
  'hung-task': {
    summary: 'A task has waited too long.',
    meaning: 'It sleeps without being interruptible for a lock, I/O, or an event.',
    recognized:
      'khungtaskd says so. What it waits for is read off its stack: likely. With the files of the kernel a lock is named. The kernel names the holder since 6.16.',
    against: 'It may be slow rather than stuck: a full disk queue, a network file system.',
    next: 'Of several hung tasks, find the one that waits for none of the others. sysrq-w prints all blocked tasks.',
  },
};
