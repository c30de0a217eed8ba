import { describeWorld } from './world.ts';

describeWorld('lockups', [
  {
    name: 'soft 6.1',
    log: `
watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [worker:4242]
@modules
@comm
@regs foo_spin+0x21/0x60[foo]
Call Trace:
 <TASK>
 foo_ioctl+0x3c/0x80 [foo]
 __x64_sys_ioctl+0x90/0xd0
 do_syscall_64+0x5b/0xc0
 entry_SYSCALL_64_after_hwframe+0x64/0xce
@user
 </TASK>`,
    says: `
hang/soft-lockup error HANG: BUG: soft lockup in foo_ioctl
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_spin, frames foo_spin foo_ioctl __x64_sys_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of lockup, detector soft, cpu 1, seconds 26, task worker, pid 4242}`,
  },
  {
    name: 'soft 6.12 util',
    log: `
watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [kworker/1:2:4242]
CPU#1 Utilization every 4s during lockup:
\t#1: 100% system,\t  0% softirq,\t  1% hardirq,\t  0% idle
\t#2: 100% system,\t  0% softirq,\t  1% hardirq,\t  0% idle
CPU#1 Detect HardIRQ Time exceeds 50%. Most frequent HardIRQs:
\t#1: 330945    \tirq#31
@modules
irq event stamp: 1234
hardirqs last  enabled at (1233): [<ffffffff81c00d0b>] asm_sysvec_apic_timer_interrupt+0x1b/0x20
hardirqs last disabled at (1234): [<ffffffff81a2b3c4>] sysvec_apic_timer_interrupt+0xa/0xc0
softirqs last  enabled at (1200): [<ffffffff81c00d0b>] __do_softirq+0x1b/0x20
softirqs last disabled at (1190): [<ffffffff81c00d0b>] irq_exit_rcu+0x1b/0x20
@comm12
Workqueue: foo_wq foo_work [foo]
@regs foo_spin+0x21/0x60[foo]
Call Trace:
 <TASK>
@stack foo_work[foo] process_one_work worker_thread kthread ret_from_fork ret_from_fork_asm
 </TASK>
Kernel panic - not syncing: softlockup: hung tasks
@comm12
Call Trace:
 <IRQ>
@stack dump_stack_lvl panic watchdog_timer_fn __hrtimer_run_queues hrtimer_interrupt __sysvec_apic_timer_interrupt
 </IRQ>
Kernel Offset: disabled
---[ end Kernel panic - not syncing: softlockup: hung tasks ]---`,
    says: `
hang/soft-lockup fatal HANG: BUG: soft lockup in foo_work
lines +0 to 0, x86_64, registers kernel 30, taint W, 6.16.3, PREEMPT(full)
culprit foo_spin, frames foo_spin foo_work process_one_work worker_thread kthread and 2 more
stack other, Call Trace:: dump_stack_lvl panic watchdog_timer_fn __hrtimer_run_queues hrtimer_interrupt and 1 more
task {cpu 1, pid 4242, uid 1000, comm kworker/1:2, workqueue foo_wq foo_work [foo]}
details {of lockup, detector soft, cpu 1, seconds 26, task kworker/1:2, pid 4242}
panic softlockup: hung tasks`,
  },
  {
    name: 'soft 4.9',
    log: `
NMI watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [worker:4242]
Modules linked in: foo(OE) bar
CPU: 1 PID: 4242 Comm: worker Tainted: G           OE   4.9.0-8-amd64 #1 Debian 4.9.130-2
Hardware name: Acme Box
task: ffff8b5f364a0000 task.stack: ffffa0c0c0a38000
RIP: 0010:[<ffffffffc04d1021>]  [<ffffffffc04d1021>] foo_spin+0x21/0x60 [foo]
RSP: 0018:ffffa0c0c0a3be40  EFLAGS: 00000246
RAX: 0000000000000000 RBX: ffff888104a3c000 RCX: 0000000000000000
RDX: 0000000000000001 RSI: ffff888104a3c100 RDI: ffff888104a3c200
RBP: ffffc90000a3bdc0 R08: 0000000000000000 R09: 0000000000000000
R10: 0000000000000000 R11: 0000000000000000 R12: 0000000000000012
R13: ffff888104a3c300 R14: 0000000000000000 R15: 0000000000000000
FS:  00007f3c1a2b3740(0000) GS:ffff88813bd00000(0000) knlGS:0000000000000000
CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033
CR2: 0000000000000018 CR3: 0000000104e3a000 CR4: 0000000000750ee0
Stack:
 ffffffffc04d1021 0000000000000000 ffff8b5f364a0000 ffffffffb47331b2
 0000000000000000
Call Trace:
 [<ffffffffc04d10b2>] ? foo_ioctl+0x32/0x60 [foo]
 [<ffffffffb461bc12>] ? do_vfs_ioctl+0xa2/0x620
 [<ffffffffb461c1b2>] ? SyS_ioctl+0x74/0x80
 [<ffffffffb4a1a5ae>] ? entry_SYSCALL_64_fastpath+0x1e/0xb2
Code: 48 89 e5 41 54 53 48 89 fb 48 83 ec 10 <48> 8b 47 18 48 85 c0 74 0a`,
    says: `
hang/soft-lockup error HANG: BUG: soft lockup in corrupted
lines +0 to 0, no function to blame was found, x86_64, registers kernel 31, taint OE, 4.9.0-8-amd64
culprit foo_spin, frames foo_spin ?foo_ioctl ?do_vfs_ioctl ?SyS_ioctl ?entry_SYSCALL_64_fastpath
task {cpu 1, pid 4242, comm worker}
details {of lockup, detector soft, cpu 1, seconds 22, task worker, pid 4242}`,
  },
  {
    name: 'soft arm64',
    log: `
watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [worker:4242]
@modules
CPU: 1 PID: 4242 Comm: worker Tainted: G           OEL    6.1.0-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_spin+0x24/0x60[foo] foo_ioctl+0x40/0x80[foo]
Call trace:
 foo_spin+0x24/0x60 [foo]
@stack foo_ioctl[foo] __arm64_sys_ioctl invoke_syscall el0_svc_common.constprop.0 do_el0_svc el0_svc el0t_64_sync_handler el0t_64_sync`,
    says: `
hang/soft-lockup error HANG: BUG: soft lockup in foo_ioctl
lines +0 to 0, arm64, registers kernel 32, taint OEL, 6.1.0-arm64
culprit foo_spin, frames foo_spin foo_ioctl __arm64_sys_ioctl invoke_syscall el0_svc_common.constprop.0 and 4 more
task {cpu 1, pid 4242, comm worker}
details {of lockup, detector soft, cpu 1, seconds 26, task worker, pid 4242}`,
  },
  {
    name: 'hard 6.1 x86',
    log: `
NMI watchdog: Watchdog detected hard LOCKUP on cpu 1
@modules
@comm
@regs native_queued_spin_lock_slowpath+0x2c1/0x2e0
Call Trace:
 <NMI>
 ? nmi_cpu_backtrace.cold+0x1b/0x76
 ? watchdog_overflow_callback.cold+0x2/0x4d
 ? __perf_event_overflow+0xe2/0x1c0
 </NMI>
 <TASK>
@stack _raw_spin_lock_irqsave foo_take[foo] foo_ioctl[foo] __x64_sys_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
@user
 </TASK>`,
    says: `
hang/hard-lockup error HANG: hard lockup in foo_take
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_take, frames native_queued_spin_lock_slowpath ?nmi_cpu_backtrace.cold ?watchdog_overflow_callback.cold ?__perf_event_overflow _raw_spin_lock_irqsave and 5 more
task {cpu 1, pid 4242, comm worker}
details {of lockup, detector hard, cpu 1, task worker, pid 4242}`,
  },
  {
    name: 'hard 6.12 x86 other cpu backtraces and panic',
    log: `
watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1
@modules
irq event stamp: 1234
@comm12
@regs foo_spin+0x21/0x60[foo]
Call Trace:
 <TASK>
@stack foo_ioctl[foo] __x64_sys_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
@user
 </TASK>
Sending NMI from CPU 1 to CPUs 0,2:
NMI backtrace for cpu 0 skipped: idling at default_idle+0xb/0x10
NMI backtrace for cpu 2
CPU: 2 UID: 0 PID: 77 Comm: other Tainted: G        W           6.16.3 #7 PREEMPT(full) 
Tainted: [W]=WARN
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
@regs bar_wait+0x21/0x60
@trace bar_read vfs_read
Kernel panic - not syncing: Hard LOCKUP
@comm12
Call Trace:
 <NMI>
@stack dump_stack_lvl panic nmi_panic.cold watchdog_hardlockup_check.cold __perf_event_overflow handle_pmi_common intel_pmu_handle_irq perf_event_nmi_handler nmi_handle default_do_nmi exc_nmi end_repeat_nmi
RIP: 0010:foo_spin+0x21/0x60 [foo]
Code: 48 89 e5 41 54 53 48 89 fb 48 83 ec 10 <48> 8b 47 18 48 85 c0 74 0a
RSP: 0018:ffffc90000a3bd80 EFLAGS: 00010246
 </NMI>
 <TASK>
@stack foo_ioctl[foo] __x64_sys_ioctl
 </TASK>
Kernel Offset: disabled
---[ end Kernel panic - not syncing: Hard LOCKUP ]---`,
    says: `
panic/hard-lockup fatal DoS: kernel panic: Hard LOCKUP
lines +0 to 0, x86_64, registers kernel 4, taint W, 6.16.3, PREEMPT(full)
culprit foo_spin, frames dump_stack_lvl panic nmi_panic.cold watchdog_hardlockup_check.cold __perf_event_overflow and 10 more
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of lockup, detector hard, cpu 1, detectedBy 1, task worker, pid 4242}
panic Hard LOCKUP`,
  },
  {
    name: 'hard buddy',
    log: `
watchdog: CPU0: Watchdog detected hard LOCKUP on cpu 3
Modules linked in: foo
Sending NMI from CPU 0 to CPUs 3:
NMI backtrace for cpu 3
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_spin+0x24/0x60[foo] foo_ioctl+0x40/0x80[foo]
Call trace:
 foo_spin+0x24/0x60 [foo] (P)
@stack foo_ioctl[foo] __arm64_sys_ioctl invoke_syscall el0_svc el0t_64_sync`,
    says: `
hang/hard-lockup error HANG: hard lockup in foo_spin
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64
culprit foo_spin, frames foo_spin foo_ioctl __arm64_sys_ioctl invoke_syscall el0_svc and 1 more
task {cpu 3, pid 4242, uid 0, comm worker}
details {of lockup, detector hard, cpu 3, detectedBy 0, task worker, pid 4242}`,
  },
  {
    name: 'hard arm64 pmu',
    log: `
Watchdog detected hard LOCKUP on cpu 1
@modules
CPU: 1 PID: 4242 Comm: worker Not tainted 5.10.0 #1
Hardware name: Acme Board (DT)
pstate: 60400085 (nZCv daIf +PAN -UAO)
pc : foo_spin+0x24/0x60 [foo]
lr : foo_ioctl+0x40/0x80 [foo]
sp : ffff80000a5bbc90
pmr_save: 000000f0
x29: ffff80000a5bbc90 x28: ffff0000c4a1d4c0 
x1 : 0000000000000018 x0 : 0000000000000000 
Call trace:
@stack foo_spin[foo] foo_ioctl[foo] __arm64_sys_ioctl el0_svc_common.constprop.0 do_el0_svc el0_sync`,
    says: `
hang/hard-lockup error HANG: hard lockup in foo_spin
lines +0 to 0, arm64, registers kernel 7, 5.10.0
culprit foo_spin, frames foo_spin foo_spin foo_ioctl __arm64_sys_ioctl el0_svc_common.constprop.0 and 2 more
task {cpu 1, pid 4242, comm worker}
details {of lockup, detector hard, cpu 1, task worker, pid 4242}`,
  },
  {
    name: 'hard 4.4 x86 panic inside NMI',
    log: `
Kernel panic - not syncing: Watchdog detected hard LOCKUP on cpu 1
CPU: 1 PID: 4242 Comm: worker Tainted: G           OE  3.10.0-957.el7.x86_64 #1
Hardware name: Acme
Call Trace:
 <NMI>  [<ffffffffb4733284>] dump_stack+0x19/0x1b
 [<ffffffffb4733284>] panic+0xe8/0x21f
 [<ffffffffb4733284>] watchdog_overflow_callback+0x121/0x140
 <<EOE>>  [<ffffffffb4733284>] foo_spin+0x11/0x20
 [<ffffffffb4733284>] foo_ioctl+0x11/0x20`,
    says: `
panic/hard-lockup fatal DoS: kernel panic: Watchdog detected hard LOCKUP on cpu NUM
lines +0 to 0, x86_64, taint OE, 3.10.0-957.el7.x86_64
culprit foo_spin, frames dump_stack panic watchdog_overflow_callback foo_spin foo_ioctl
task {cpu 1, pid 4242, comm worker}
details {of panic, message Watchdog detected hard LOCKUP on cpu 1}
panic Watchdog detected hard LOCKUP on cpu 1`,
  },
  {
    name: 'wq 6.6',
    log: `
BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 44s!
Showing busy workqueues and worker pools:
workqueue events: flags=0x0
  pwq 6: cpus=1 node=0 flags=0x0 nice=0 active=2 refcnt=3
    in-flight: 4242:foo_work [foo] for 44s, 77(RESCUER):bar_work for 3s
    pending: 2*baz_work, BAR(812)
workqueue mm_percpu_wq: flags=0x8
  pwq 6: cpus=1 node=0 flags=0x0 nice=0 active=1 refcnt=2
    pending: vmstat_update
    inactive: foo_late
pool 6: cpus=1 node=0 flags=0x0 nice=0 hung=44s workers=3 idle: 45 62
Showing backtraces of running workers in stalled CPU-bound worker pools:
pool 6:
task:kworker/1:2     state:R  running task     stack:13512 pid:4242  tgid:4242  ppid:2      flags:0x00004000
Workqueue: events foo_work [foo]
Call Trace:
 <TASK>
@stack foo_spin[foo] foo_work[foo] process_one_work worker_thread kthread ret_from_fork
 </TASK>`,
    says: `
hang/workqueue-lockup error UNKNOWN: BUG: workqueue lockup
lines +0 to 0, unknown, 6.1.0-18-amd64
culprit foo_spin, frames foo_spin foo_work process_one_work worker_thread kthread and 1 more
task {workqueue events foo_work [foo], pid 4242, comm kworker/1:2}
details {of workqueue-lockup, pool cpus=1 node=0 flags=0x0 nice=0, cpus 1, seconds 44, workqueues [{name events, inFlight [4242:foo_work [foo] for 44s; 77(RESCUER):bar_work for 3s], pending [2*baz_work; BAR(812)]}; {name mm_percpu_wq, inFlight [], pending [vmstat_update; foo_late]}]}`,
  },
  {
    name: 'csd',
    log: `
smp: csd: Detected non-responsive CSD lock (#1) on CPU#2, waiting 5000000042 ns for CPU#03 do_nothing+0x0/0x10(0x0).
smp: \tcsd: CSD lock (#1) unresponsive.
Sending NMI from CPU 2 to CPUs 3:
NMI backtrace for cpu 3
CPU: 3 PID: 4242 Comm: worker Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
@regs foo_spin+0x21/0x60[foo]
@trace foo_ioctl[foo] __x64_sys_ioctl
CPU: 2 PID: 88 Comm: caller Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
@trace dump_stack_lvl __csd_lock_wait smp_call_function_single`,
    says: `
hang/csd-lock error HANG: non-responsive CSD lock in do_nothing
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_spin, frames foo_spin foo_ioctl __x64_sys_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
stack other, Call Trace:: dump_stack_lvl __csd_lock_wait smp_call_function_single do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 3, pid 4242, comm worker}
details {of lockup, detector csd, cpu 3, detectedBy 2, seconds 5, function do_nothing}`,
  },
  {
    name: 'spinlock lockup',
    log: `
BUG: spinlock lockup suspected on CPU#1, worker/4242
 lock: foo_lock+0x0/0x20 [foo], .magic: dead4ead, .owner: holder/77, .owner_cpu: 0
@comm
@trace dump_stack_lvl do_raw_spin_lock.cold _raw_spin_lock foo_take[foo] foo_ioctl[foo] __x64_sys_ioctl`,
    says: `
hang/spinlock-lockup error LOCKDEP: BUG: spinlock lockup suspected in foo_take
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_take, frames dump_stack_lvl do_raw_spin_lock.cold _raw_spin_lock foo_take foo_ioctl and 3 more
task {cpu 1, pid 4242, comm worker}
details {of spinlock, problem spinlock lockup suspected, cpu 1, task worker, pid 4242, lock foo_lock+0x0/0x20 [foo], magic 0xdead4ead, owner holder, ownerPid 77, ownerCpu 0}`,
  },
  {
    name: 'netdev',
    log: `
unregister_netdevice: waiting for eth0 to become free. Usage count = 3
ref_tracker: eth0@ffff888104a3c000 has 1/2 users at
     dst_alloc+0x5b/0x90
     rt_dst_alloc+0x1c/0x60`,
    says: `
hang/netdev-refcount error DoS: unregister_netdevice: waiting for DEV to become free
lines +0 to 0, unknown, 6.1.0-18-amd64
culprit dst_alloc, frames dst_alloc rt_dst_alloc
stack allocated, ref_tracker: eth0@ffff888104a3c000 has 1/2 users at: dst_alloc rt_dst_alloc
details {of netdev-reference, device eth0, usageCount 3}`,
  },
  {
    name: "task can't die",
    log: `
INFO: task worker:4242 can't die for more than 143 seconds.
task:worker          state:R  running task     stack:13512 pid:4242  ppid:1      flags:0x00004006
Call Trace:
 <TASK>
@stack __schedule foo_spin[foo] foo_ioctl[foo] do_syscall_64
 </TASK>`,
    says: `
hang/cannot-die error HANG: INFO: task can't die in foo_spin
lines +0 to 0, x86_64, 6.1.0-18-amd64
culprit foo_spin, frames __schedule foo_spin foo_ioctl do_syscall_64
task {pid 4242, comm worker}
details {of hung-task, task worker, pid 4242, seconds 143, state R}`,
  },
  {
    name: 'rt throttling',
    log: `
sched: RT throttling activated`,
    says: `
notice hang/rt-throttling: sched: RT throttling activated, lines +0 to 0`,
  },
  {
    name: 'wq hog',
    log: `
workqueue: foo_work [foo] hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND`,
    says: `
notice hang/workqueue-hog: workqueue: foo_work [foo] hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND, lines +0 to 0`,
  },
]);
