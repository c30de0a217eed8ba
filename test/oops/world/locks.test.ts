import { describeWorld } from './world.ts';

describeWorld('locks', [
  {
    name: 'circular',
    log: `
======================================================
WARNING: possible circular locking dependency detected
6.1.0-18-amd64 #1 Not tainted
------------------------------------------------------
worker/4242 is trying to acquire lock:
ffff888104a3c010 (&foo->lock){+.+.}-{3:3}, at: foo_take+0x12/0x60 [foo]

but task is already holding lock:
ffff888104a3c110 (&bar->mutex){+.+.}-{3:3}, at: bar_take+0x12/0x60 [foo]

which lock already depends on the new lock.


the existing dependency chain (in reverse order) is:

-> #1 (&bar->mutex){+.+.}-{3:3}:
       __mutex_lock+0x12/0x60
       bar_first+0x12/0x60 [foo]

-> #0 (&foo->lock){+.+.}-{3:3}:
       __lock_acquire+0x12/0x60
       lock_acquire+0x12/0x60
       __mutex_lock+0x12/0x60
       foo_take+0x12/0x60 [foo]
       bar_take+0x12/0x60 [foo]

other info that might help us debug this:

 Possible unsafe locking scenario:

       CPU0                    CPU1
       ----                    ----
  lock(&bar->mutex);
                               lock(&foo->lock);
                               lock(&bar->mutex);
  lock(&foo->lock);

 *** DEADLOCK ***

1 lock held by worker/4242:
 #0: ffff888104a3c110 (&bar->mutex){+.+.}-{3:3}, at: bar_take+0x12/0x60 [foo]

stack backtrace:
@comm
@trace dump_stack_lvl check_noncircular __lock_acquire lock_acquire __mutex_lock foo_take[foo] bar_take[foo]`,
    says: `
lockdep/circular warning LOCKDEP: possible deadlock in foo_take
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_take, frames dump_stack_lvl check_noncircular __lock_acquire lock_acquire __mutex_lock and 4 more
stack lock, -> #1 (&bar->mutex){+.+.}-{3:3}:: __mutex_lock bar_first
stack lock, -> #0 (&foo->lock){+.+.}-{3:3}:: __lock_acquire lock_acquire __mutex_lock foo_take bar_take
task {cpu 1, pid 4242, comm worker}
details {of lockdep, task worker, pid 4242, wanted {name &foo->lock, address 0xffff888104a3c010, usage +.+., function foo_take, offset 18}, held [{name &bar->mutex, address 0xffff888104a3c110, usage +.+., function bar_take, offset 18}], chain [{step 1, lock {name &bar->mutex, usage +.+.}}; {step 0, lock {name &foo->lock, usage +.+.}}], scenario 6 of them}`,
  },
  {
    name: 'recursive',
    log: `
============================================
WARNING: possible recursive locking detected
6.16.3 #7 Tainted: G        W          
--------------------------------------------
worker/4242 is trying to acquire lock:
ffff888104a3c010 (&foo->lock){+.+.}-{3:3}, at: foo_take+0x12/0x60 [foo]

but task is already holding lock:
ffff888104a3c110 (&foo->lock){+.+.}-{3:3}, at: foo_outer+0x12/0x60 [foo]

other info that might help us debug this:
 Possible unsafe locking scenario:

       CPU0
       ----
  lock(&foo->lock);
  lock(&foo->lock);

 *** DEADLOCK ***

 May be due to missing lock nesting notation

1 lock held by worker/4242:
 #0: ffff888104a3c110 (&foo->lock){+.+.}-{3:3}, at: foo_outer+0x12/0x60 [foo]

stack backtrace:
@comm12
@trace dump_stack_lvl print_deadlock_bug validate_chain __lock_acquire lock_acquire __mutex_lock foo_take[foo] foo_outer[foo]`,
    says: `
lockdep/recursive warning LOCKDEP: possible deadlock in foo_take
lines +1 to 0, x86_64, registers user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_take, frames dump_stack_lvl print_deadlock_bug validate_chain __lock_acquire lock_acquire and 5 more
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of lockdep, task worker, pid 4242, wanted {name &foo->lock, address 0xffff888104a3c010, usage +.+., function foo_take, offset 18}, held [{name &foo->lock, address 0xffff888104a3c110, usage +.+., function foo_outer, offset 18}], chain [], scenario [CPU0; ----; lock(&foo->lock);; lock(&foo->lock);]}`,
  },
  {
    name: 'inconsistent',
    log: `
================================
WARNING: inconsistent lock state
6.1.0-18-amd64 #1 Not tainted
--------------------------------
inconsistent {IN-SOFTIRQ-W} -> {SOFTIRQ-ON-W} usage.
worker/4242 [HC0[0]:SC0[0]:HE1:SE1] takes:
ffff888104a3c010 (&foo->lock){+.?.}-{2:2}, at: foo_take+0x12/0x60 [foo]
{IN-SOFTIRQ-W} state was registered at:
  lock_acquire+0x12/0x60
  _raw_spin_lock+0x12/0x60
  foo_timer+0x12/0x60 [foo]
irq event stamp: 1234
hardirqs last  enabled at (1233): [<ffffffff81c00d0b>] foo_a+0x1b/0x20
hardirqs last disabled at (1234): [<ffffffff81a2b3c4>] foo_b+0xa/0xc0
softirqs last  enabled at (1200): [<ffffffff81c00d0b>] foo_c+0x1b/0x20
softirqs last disabled at (1190): [<ffffffff81c00d0b>] foo_d+0x1b/0x20

other info that might help us debug this:
 Possible unsafe locking scenario:

       CPU0
       ----
  lock(&foo->lock);
  <Interrupt>
    lock(&foo->lock);

 *** DEADLOCK ***

no locks held by worker/4242.

stack backtrace:
@comm
@trace dump_stack_lvl print_usage_bug.part.0 mark_lock __lock_acquire lock_acquire _raw_spin_lock foo_take[foo]`,
    says: `
lockdep/inconsistent-state warning LOCKDEP: inconsistent lock state in foo_take
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_take, frames dump_stack_lvl print_usage_bug.part.0 mark_lock __lock_acquire lock_acquire and 4 more
stack lock, {IN-SOFTIRQ-W} state was registered at:: lock_acquire _raw_spin_lock foo_timer
task {cpu 1, pid 4242, comm worker, interruptState HC0[0]:SC0[0]:HE1:SE1}
details {of lockdep, task worker, pid 4242, wanted {name &foo->lock, address 0xffff888104a3c010, usage +.?., function foo_take, offset 18}, held [], chain [], usageChange {from IN-SOFTIRQ-W, to SOFTIRQ-ON-W}, scenario 5 of them}`,
  },
  {
    name: 'invalid wait',
    log: `
=============================
[ BUG: Invalid wait context ]
6.1.0-18-amd64 #1 Not tainted
-----------------------------
worker/4242 is trying to lock:
ffff888104a3c010 (&foo->lock){+.+.}-{3:3}, at: foo_take+0x12/0x60 [foo]
other info that might help us debug this:
context-{5:5}
1 lock held by worker/4242:
 #0: ffff888104a3c110 (&bar->raw){....}-{2:2}, at: bar_take+0x12/0x60 [foo]
stack backtrace:
@comm
@trace dump_stack_lvl __lock_acquire.cold lock_acquire _raw_spin_lock foo_take[foo]`,
    says: `
lockdep/invalid-wait-context warning LOCKDEP: WARNING: locking bug in foo_take
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_take, frames dump_stack_lvl __lock_acquire.cold lock_acquire _raw_spin_lock foo_take and 2 more
task {cpu 1, pid 4242, comm worker}
details {of lockdep, task worker, pid 4242, wanted {name &foo->lock, address 0xffff888104a3c010, usage +.+., function foo_take, offset 18}, held [{name &bar->raw, address 0xffff888104a3c110, usage ...., function bar_take, offset 18}], chain []}`,
  },
  {
    name: 'irq safe unsafe',
    log: `
=====================================================
WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected
6.1.0-18-amd64 #1 Not tainted
-----------------------------------------------------
worker/4242 [HC0[0]:SC0[2]:HE0:SE0] is trying to acquire:
ffff888104a3c010 (&foo->lock){+.+.}-{2:2}, at: foo_take+0x12/0x60 [foo]

and this task is already holding:
ffff888104a3c110 (&bar->lock){-...}-{2:2}, at: bar_take+0x12/0x60 [foo]
which would create a new lock dependency:
 (&bar->lock){-...}-{2:2} -> (&foo->lock){+.+.}-{2:2}

but this new dependency connects a HARDIRQ-irq-safe lock:
 (&bar->lock){-...}-{2:2}

... which became HARDIRQ-irq-safe at:
  lock_acquire+0x12/0x60
  _raw_spin_lock+0x12/0x60
  bar_irq+0x12/0x60 [foo]

to a HARDIRQ-irq-unsafe lock:
 (&foo->lock){+.+.}-{2:2}

... which became HARDIRQ-irq-unsafe at:
...
  lock_acquire+0x12/0x60
  _raw_spin_lock+0x12/0x60
  foo_plain+0x12/0x60 [foo]

other info that might help us debug this:

 Possible interrupt unsafe locking scenario:

       CPU0                    CPU1
       ----                    ----
  lock(&foo->lock);
                               local_irq_disable();
                               lock(&bar->lock);
                               lock(&foo->lock);
  <Interrupt>
    lock(&bar->lock);

 *** DEADLOCK ***

1 lock held by worker/4242:
 #0: ffff888104a3c110 (&bar->lock){-...}-{2:2}, at: bar_take+0x12/0x60 [foo]

the dependencies between HARDIRQ-irq-safe lock and the holding lock:
-> (&bar->lock){-...}-{2:2} {
   IN-HARDIRQ-W at:
                    lock_acquire+0x12/0x60
                    _raw_spin_lock+0x12/0x60
                    bar_irq+0x12/0x60 [foo]
   INITIAL USE at:
                   lock_acquire+0x12/0x60
                   bar_take+0x12/0x60 [foo]
 }
 ... key      at: [<ffffffffc04d3010>] __key.1+0x0/0xffffffffffffff00 [foo]

the dependencies between the lock to be acquired
 and HARDIRQ-irq-unsafe lock:
-> (&foo->lock){+.+.}-{2:2} {
   HARDIRQ-ON-W at:
                    lock_acquire+0x12/0x60
                    foo_plain+0x12/0x60 [foo]
 }
 ... key      at: [<ffffffffc04d3018>] __key.0+0x0/0xffffffffffffff00 [foo]
 ... acquired at:
   lock_acquire+0x12/0x60
   _raw_spin_lock+0x12/0x60
   foo_take+0x12/0x60 [foo]


stack backtrace:
@comm
@trace dump_stack_lvl print_bad_irq_dependency.cold check_irq_usage __lock_acquire lock_acquire _raw_spin_lock foo_take[foo]`,
    says: `
lockdep/unsafe-order warning LOCKDEP: possible deadlock in bar_irq
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_take, frames dump_stack_lvl print_bad_irq_dependency.cold check_irq_usage __lock_acquire lock_acquire and 4 more
stack lock, ... which became HARDIRQ-irq-safe at:: lock_acquire _raw_spin_lock bar_irq
stack lock, ... which became HARDIRQ-irq-unsafe at:: lock_acquire _raw_spin_lock foo_plain
stack lock, IN-HARDIRQ-W at:: lock_acquire _raw_spin_lock bar_irq
stack lock, INITIAL USE at:: lock_acquire bar_take
stack lock, HARDIRQ-ON-W at:: lock_acquire foo_plain
stack lock, ... acquired at:: lock_acquire _raw_spin_lock foo_take
task {cpu 1, pid 4242, comm worker, interruptState HC0[0]:SC0[2]:HE0:SE0}
details {of lockdep, task worker, pid 4242, wanted {name &foo->lock, address 0xffff888104a3c010, usage +.+., function foo_take, offset 18}, held [{name &bar->lock, address 0xffff888104a3c110, usage -..., function bar_take, offset 18}], chain [], scenario 8 of them}`,
  },
  {
    name: 'held freed',
    log: `
=========================
WARNING: held lock freed!
6.1.0-18-amd64 #1 Not tainted
-------------------------
worker/4242 is freeing memory ffff888104a3c000-ffff888104a3c03f, with a lock still held there!
ffff888104a3c010 (&foo->lock){+.+.}-{3:3}, at: foo_release+0x12/0x60 [foo]
1 lock held by worker/4242:
 #0: ffff888104a3c010 (&foo->lock){+.+.}-{3:3}, at: foo_release+0x12/0x60 [foo]

stack backtrace:
@comm
@trace dump_stack_lvl debug_check_no_locks_freed kfree foo_release[foo]`,
    says: `
lockdep/held-lock-freed warning LOCKDEP: WARNING: held lock freed in foo_release
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_release, frames dump_stack_lvl debug_check_no_locks_freed kfree foo_release do_syscall_64 and 1 more
task {cpu 1, pid 4242, comm worker}
details {of lockdep, task worker, pid 4242, wanted {name &foo->lock, address 0xffff888104a3c010, usage +.+., function foo_release, offset 18}, held [{name &foo->lock, address 0xffff888104a3c010, usage +.+., function foo_release, offset 18}], chain []}`,
  },
  {
    name: 'bad unlock',
    log: `
=====================================
WARNING: bad unlock balance detected!
6.1.0-18-amd64 #1 Not tainted
-------------------------------------
worker/4242 is trying to release lock (&foo->lock) at:
[<ffffffffc04d10b2>] foo_drop+0x12/0x60 [foo]
but there are no more locks to release!

other info that might help us debug this:
no locks held by worker/4242.

stack backtrace:
@comm
@trace dump_stack_lvl lock_release __mutex_unlock_slowpath foo_drop[foo]`,
    says: `
lockdep/bad-unlock warning LOCKDEP: WARNING: bad unlock balance in foo_drop
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_drop, frames dump_stack_lvl lock_release __mutex_unlock_slowpath foo_drop do_syscall_64 and 1 more
stack lock, worker/4242 is trying to release lock (&foo->lock) at:: foo_drop
task {cpu 1, pid 4242, comm worker}
details {of lockdep, task worker, pid 4242, held [], chain [], released {name &foo->lock, function foo_drop}}`,
  },
  {
    name: 'held at user',
    log: `
================================================
WARNING: lock held when returning to user space!
6.1.0-18-amd64 #1 Not tainted
------------------------------------------------
worker/4242 is leaving the kernel with locks still held!
1 lock held by worker/4242:
 #0: ffff888104a3c010 (&foo->lock){+.+.}-{3:3}, at: foo_take+0x12/0x60 [foo]`,
    says: `
lockdep/held-in-user-space warning LOCKDEP: WARNING: lock held when returning to user space in foo_take
lines +1 to 0, x86_64, 6.1.0-18-amd64
culprit none, frames none
task {pid 4242, comm worker}
details {of lockdep, task worker, pid 4242, held [{name &foo->lock, address 0xffff888104a3c010, usage +.+., function foo_take, offset 18}], chain []}`,
  },
  {
    name: 'held at exit',
    log: `
====================================
WARNING: worker/4242 still has locks held!
6.1.0-18-amd64 #1 Not tainted
------------------------------------
1 lock held by worker/4242:
 #0: ffff888104a3c010 (&foo->lock){+.+.}-{3:3}, at: foo_take+0x12/0x60 [foo]

stack backtrace:
@comm
@trace dump_stack_lvl do_exit`,
    says: `
lockdep/held-at-exit warning LOCKDEP: WARNING: still has locks held in foo_take
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit do_exit, frames dump_stack_lvl do_exit do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of lockdep, task worker, pid 4242, held [{name &foo->lock, address 0xffff888104a3c010, usage +.+., function foo_take, offset 18}], chain []}`,
  },
  {
    name: 'nonstatic key',
    log: `
INFO: trying to register non-static key.
The code is fine but needs lockdep annotation, or maybe
you didn't initialize this object before use?
turning off the locking correctness validator.
@comm
@trace dump_stack_lvl register_lock_class __lock_acquire lock_acquire _raw_spin_lock foo_take[foo]`,
    says: `
lockdep/non-static-key warning UNKNOWN: INFO: trying to register non-static key in foo_take
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_take, frames dump_stack_lvl register_lock_class __lock_acquire lock_acquire _raw_spin_lock and 3 more
task {cpu 1, pid 4242, comm worker}
details {of lockdep, held [], chain []}`,
  },
  {
    name: 'lockdep limit',
    log: `
BUG: MAX_LOCKDEP_CHAINS too low!
turning off the locking correctness validator.
@comm
@trace dump_stack_lvl __lock_acquire lock_acquire _raw_spin_lock foo_take[foo]`,
    says: `
lockdep/limit warning UNKNOWN: BUG: MAX_LOCKDEP_CHAINS too low!
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_take, frames dump_stack_lvl __lock_acquire lock_acquire _raw_spin_lock foo_take and 2 more
task {cpu 1, pid 4242, comm worker}
details {of lockdep, held [], chain []}`,
  },
  {
    name: 'rcu usage',
    log: `
=============================
WARNING: suspicious RCU usage
6.1.0-18-amd64 #1 Not tainted
-----------------------------
drivers/foo/foo.c:120 suspicious rcu_dereference_check() usage!

other info that might help us debug this:


rcu_scheduler_active = 2, debug_locks = 1
1 lock held by worker/4242:
 #0: ffff888104a3c010 (&foo->lock){+.+.}-{3:3}, at: foo_take+0x12/0x60 [foo]

stack backtrace:
@comm
@trace dump_stack_lvl lockdep_rcu_suspicious foo_deref[foo] foo_ioctl[foo]`,
    says: `
rcu/suspicious-usage warning LOCKDEP: WARNING: suspicious RCU usage in foo_deref
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_deref, frames dump_stack_lvl lockdep_rcu_suspicious foo_deref foo_ioctl do_syscall_64 and 1 more
task {cpu 1, pid 4242, comm worker}
details {of rcu-usage, file drivers/foo/foo.c, line 120, message suspicious rcu_dereference_check() usage!, schedulerActive 2, debugLocks 1, held [{name &foo->lock, address 0xffff888104a3c010, usage +.+., function foo_take, offset 18}]}`,
  },
  {
    name: 'sleeping',
    log: `
BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580
in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 4242, name: worker
preempt_count: 1, expected: 0
RCU nest depth: 0, expected: 0
1 lock held by worker/4242:
 #0: ffff888104a3c010 (&foo->lock){+.+.}-{2:2}, at: foo_take+0x12/0x60 [foo]
Preemption disabled at:
[<ffffffffc04d10b2>] foo_take+0x12/0x60 [foo]
@comm
@trace dump_stack_lvl __might_resched.cold __mutex_lock foo_sleep[foo] foo_ioctl[foo]`,
    says: `
atomic/sleeping warning ATOMIC_SLEEP: BUG: sleeping function called from invalid context in foo_sleep
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_sleep, frames dump_stack_lvl __might_resched.cold __mutex_lock foo_sleep foo_ioctl and 2 more
stack other, Preemption disabled at:: foo_take
task {cpu 1, pid 4242, comm worker, preemptCount 1, inAtomic true, irqsDisabled false}
details {of sleeping-in-atomic, file kernel/locking/mutex.c, line 580, inAtomic true, irqsDisabled false, nonBlock false, pid 4242, task worker, preemptCount 1, preemptExpected 0, rcuNesting 0, disabledAt foo_take}`,
  },
  {
    name: 'scheduling',
    log: `
BUG: scheduling while atomic: worker/4242/0x00000002
Modules linked in: foo(OE)
Preemption disabled at:
[<ffffffffc04d10b2>] foo_take+0x12/0x60 [foo]
@comm
@trace dump_stack_lvl __schedule_bug.cold __schedule schedule schedule_timeout msleep foo_sleep[foo]`,
    says: `
atomic/scheduling warning ATOMIC_SLEEP: BUG: scheduling while atomic in msleep
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_sleep, frames dump_stack_lvl __schedule_bug.cold __schedule schedule schedule_timeout and 4 more
stack other, Preemption disabled at:: foo_take
task {cpu 1, pid 4242, comm worker, preemptCount 2}
details {of scheduling, task worker, pid 4242, preemptCount 2}`,
  },
  {
    name: 'smp id',
    log: `
BUG: using smp_processor_id() in preemptible [00000000] code: worker/4242
caller is foo_cpu+0x12/0x60 [foo]
@comm
@trace dump_stack_lvl check_preemption_disabled foo_cpu[foo] foo_ioctl[foo]`,
    says: `
atomic/preemptible-smp-id warning LOCKDEP: BUG: using smp_processor_id() in preemptible code in foo_cpu
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_cpu, frames dump_stack_lvl check_preemption_disabled foo_cpu foo_ioctl do_syscall_64 and 1 more
task {cpu 1, pid 4242, comm worker}
details {of scheduling, task worker, pid 4242, operation smp_processor_id(), caller foo_cpu}`,
  },
  {
    name: 'wq leak',
    log: `
BUG: workqueue leaked atomic, lock or RCU: kworker/1:2[4242]
     preempt=0x00000000 lock=0->1 RCU=0->0 workfn=foo_work [foo]
1 lock held by kworker/1:2/4242:
 #0: ffff888104a3c010 (&foo->lock){+.+.}-{3:3}, at: foo_take+0x12/0x60 [foo]
CPU: 1 PID: 4242 Comm: kworker/1:2 Not tainted 6.12.0-18-amd64 #1
Hardware name: Acme
Workqueue: events foo_work [foo]
@ktrace dump_stack_lvl process_one_work.cold worker_thread`,
    says: `
atomic/workqueue-leak warning UNKNOWN: BUG: workqueue leaked lock or atomic in corrupted
lines +0 to 0, no function to blame was found, x86_64, 6.12.0-18-amd64
culprit process_one_work, frames dump_stack_lvl process_one_work.cold worker_thread kthread ret_from_fork
task {workqueue events foo_work [foo], cpu 1, pid 4242, comm kworker/1:2}
details {of scheduling, task kworker/1:2, pid 4242, preemptCount 0, caller foo_work}`,
  },
  {
    name: 'lockdep mutex debugging',
    log: `
@cut
DEBUG_LOCKS_WARN_ON(lock->magic != lock)
WARNING: CPU: 1 PID: 4242 at kernel/locking/mutex.c:587 __mutex_lock+0x3c1/0x8a0
@modules
@comm
@regs __mutex_lock+0x3c1/0x8a0
@trace foo_take[foo] foo_ioctl[foo]
@end`,
    says: `
locking/mutex error WARNING: WARNING in foo_take
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_take, frames __mutex_lock foo_take foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of warning, file kernel/locking/mutex.c, line 587, function __mutex_lock, cpu 1, pid 4242, message DEBUG_LOCKS_WARN_ON(lock->magic != lock)}`,
  },
]);
