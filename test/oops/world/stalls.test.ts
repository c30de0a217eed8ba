import { describeWorld } from './world.ts';

describeWorld('stalls and hung tasks', [
  {
    name: 'rcu self 6.1',
    log: `
rcu: INFO: rcu_preempt self-detected stall on CPU
rcu: \t1-....: (5249 ticks this GP) idle=3d74/1/0x4000000000000000 softirq=1412/1412 fqs=2625
rcu: \t(t=5250 jiffies g=1893 q=83 ncpus=4)
@comm
@regs foo_spin+0x21/0x60[foo]
Call Trace:
 <IRQ>
@stack ?rcu_dump_cpu_stacks+0xc4/0x100 ?rcu_sched_clock_irq.cold ?update_process_times ?tick_sched_handle ?__hrtimer_run_queues ?hrtimer_interrupt ?__sysvec_apic_timer_interrupt ?sysvec_apic_timer_interrupt
 </IRQ>
 <TASK>
 ? asm_sysvec_apic_timer_interrupt+0x16/0x20
@stack foo_ioctl[foo] __x64_sys_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
@user
 </TASK>`,
    says: `
rcu/stall error HANG: INFO: rcu detected stall in corrupted
lines +0 to 0, no function to blame was found, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_spin, frames foo_spin ?rcu_dump_cpu_stacks ?rcu_sched_clock_irq.cold ?update_process_times ?tick_sched_handle and 9 more
task {cpu 1, pid 4242, comm worker}
details {of rcu-stall, flavour rcu_preempt, expedited false, selfDetected true, jiffies 5250, gracePeriod 1893, queued 83, cpus [{cpu 1, ticks 5249, idle 3d74/1/0x4000000000000000, fqs 2625, words 5249 ticks this GP}], tasks []}`,
  },
  {
    name: 'rcu detected 6.6 with NMI and starved kthread',
    log: `
rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
rcu: \t1-...!: (1 GPs behind) idle=3d74/1/0x4000000000000000 softirq=1412/1412 fqs=0
rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-3): P123/1:b..l P77
rcu: \t(detected by 0, t=21002 jiffies, g=1893, q=83 ncpus=4)
Sending NMI from CPU 0 to CPUs 1:
NMI backtrace for cpu 1
@comm
@regs foo_spin+0x21/0x60[foo]
@trace foo_ioctl[foo] __x64_sys_ioctl
task:reader          state:D stack:13512 pid:123   ppid:1      flags:0x00004000
Call Trace:
 <TASK>
@stack __schedule schedule foo_read[foo]
 </TASK>
rcu: rcu_preempt kthread timer wakeup didn't happen for 20999 jiffies! g1893 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402
rcu: \tPossible timer handling issue on cpu=2 timer-softirq=812
rcu: rcu_preempt kthread starved for 21002 jiffies! g1893 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402 ->cpu=2
rcu: \tUnless rcu_preempt kthread gets sufficient CPU time, OOM is now expected behavior.
rcu: RCU grace-period kthread stack dump:
task:rcu_preempt     state:I stack:14768 pid:15    ppid:2      flags:0x00004000
Call Trace:
 <TASK>
@stack __schedule schedule schedule_timeout rcu_gp_fqs_loop rcu_gp_kthread kthread ret_from_fork
 </TASK>
rcu: Stack dump where RCU GP kthread last ran:
Sending NMI from CPU 0 to CPUs 2:
NMI backtrace for cpu 2
CPU: 2 PID: 78 Comm: other Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
@regs bar_wait+0x21/0x60
@trace bar_read vfs_read`,
    says: `
rcu/stall error HANG: INFO: rcu detected stall in corrupted
lines +0 to 0, no function to blame was found, x86_64, registers kernel 30 user 21 kernel 30, 6.1.0-18-amd64
culprit foo_spin, frames foo_spin foo_ioctl __x64_sys_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
stack task, task:reader          state:D stack:13512 pid:123   ppid:1      flags:0x00004000, reader: __schedule schedule foo_read
stack task, task:rcu_preempt     state:I stack:14768 pid:15    ppid:2      flags:0x00004000, rcu_preempt: __schedule schedule schedule_timeout rcu_gp_fqs_loop rcu_gp_kthread and 2 more
stack cpu, NMI backtrace for cpu 2, cpu 2, other: bar_read vfs_read do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of rcu-stall, flavour rcu_preempt, expedited false, selfDetected false, detectedBy 0, jiffies 21002, gracePeriod 1893, queued 83, cpus [{cpu 1, idle 3d74/1/0x4000000000000000, fqs 0, words 1 GPs behind}], tasks [123; 77], starved {kthread rcu_preempt, jiffies 21002, state 0x402, cpu 2}}`,
  },
  {
    name: 'rcu detected 6.12 snapshot',
    log: `
rcu: INFO: rcu_sched detected stalls on CPUs/tasks:
rcu: \t3-...0: (0 ticks this GP) idle=3d74/1/0x4000000000000000 softirq=1412/1412 fqs=2625 (false positive?)
rcu: \t         hardirqs   softirqs   csw/system
rcu: \t number:        0          0            0
rcu: \tcputime:        0          0            0   ==> 10512(ms)
rcu: \t(detected by 0, t=5252 jiffies, g=1893, q=83 ncpus=4)
Sending NMI from CPU 0 to CPUs 3:
NMI backtrace for cpu 3
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_spin+0x24/0x60[foo] foo_ioctl+0x40/0x80[foo]
Call trace:
 foo_spin+0x24/0x60 [foo] (P)
@stack foo_ioctl[foo] __arm64_sys_ioctl invoke_syscall el0_svc el0t_64_sync`,
    says: `
rcu/stall error HANG: INFO: rcu detected stall in corrupted
lines +0 to 0, no function to blame was found, arm64, registers kernel 32, 6.12.9-arm64
culprit foo_spin, frames foo_spin foo_ioctl __arm64_sys_ioctl invoke_syscall el0_svc and 1 more
task {cpu 3, pid 4242, uid 0, comm worker}
details {of rcu-stall, flavour rcu_sched, expedited false, selfDetected false, detectedBy 0, jiffies 5252, gracePeriod 1893, queued 83, cpus [{cpu 3, ticks 0, idle 3d74/1/0x4000000000000000, fqs 2625, words 0 ticks this GP}], tasks []}`,
  },
  {
    name: 'rcu 4.9',
    log: `
INFO: rcu_sched self-detected stall on CPU
\t1-...: (5249 ticks this GP) idle=3d7/140000000000001/0 softirq=1412/1412 fqs=2625 
\t (t=5250 jiffies g=1893 c=1892 q=83)
Task dump for CPU 1:
worker          R  running task        0  4242      1 0x00000008
 ffffffffb4e44fc0 ffffffffb44a3b8b 0000000000000001 ffffffffb4e44fc0
Call Trace:
 <IRQ> 
 [<ffffffffb44a3b8b>] ? sched_show_task+0xcb/0x130
 [<ffffffffb457d4ac>] ? rcu_dump_cpu_stacks+0x92/0xb2
 [<ffffffffb44e1b4f>] ? rcu_check_callbacks+0x74f/0x880
 [<ffffffffb4a1be62>] ? apic_timer_interrupt+0x82/0x90
 <EOI> 
 [<ffffffffc04d10b2>] ? foo_ioctl+0x32/0x60 [foo]
 [<ffffffffb461bc12>] ? do_vfs_ioctl+0xa2/0x620`,
    says: `
rcu/stall error HANG: INFO: rcu detected stall in corrupted
lines +0 to 0, no function to blame was found, x86_64, 6.1.0-18-amd64
culprit foo_ioctl, frames ?sched_show_task ?rcu_dump_cpu_stacks ?rcu_check_callbacks ?apic_timer_interrupt ?foo_ioctl and 1 more
task {cpu 1, pid 4242, comm worker}
details {of rcu-stall, flavour rcu_sched, expedited false, selfDetected true, jiffies 5250, gracePeriod 1893, queued 83, cpus [{cpu 1, ticks 5249, idle 3d7/140000000000001/0, fqs 2625, words 5249 ticks this GP}], tasks []}`,
  },
  {
    name: 'rcu 5.4 arm64 detected',
    log: `
rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
rcu: \t2-...0: (1 GPs behind) idle=3d6/1/0x4000000000000000 softirq=1412/1413 fqs=2625 
\t(detected by 0, t=5252 jiffies, g=1893, q=83)
Task dump for CPU 2:
worker          R  running task        0  4242      1 0x0000000a
Call trace:
 __switch_to+0xfc/0x150
 0xffff0000c4a1d4c0
rcu: rcu_preempt kthread starved for 2500 jiffies! g1893 f0x2 RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=1
rcu: RCU grace-period kthread stack dump:
rcu_preempt     R  running task        0    10      2 0x00000028
Call trace:
@stack __switch_to __schedule schedule schedule_timeout rcu_gp_kthread kthread ret_from_fork`,
    says: `
rcu/stall error HANG: INFO: rcu detected stall in corrupted
lines +0 to 0, no function to blame was found, arm64, 6.1.0-18-amd64
culprit __switch_to, frames __switch_to 0xffff0000c4a1d4c0
stack task, rcu_preempt     R  running task        0    10      2 0x00000028, rcu_preempt: __switch_to __schedule schedule schedule_timeout rcu_gp_kthread and 2 more
task {cpu 2, pid 4242, comm worker}
details {of rcu-stall, flavour rcu_preempt, expedited false, selfDetected false, detectedBy 0, jiffies 5252, gracePeriod 1893, queued 83, cpus [{cpu 2, idle 3d6/1/0x4000000000000000, fqs 2625, words 1 GPs behind}], tasks [], starved {kthread rcu_preempt, jiffies 2500, state 0x0, cpu 1}}`,
  },
  {
    name: 'rcu expedited',
    log: `
rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-.... 3-...D P123 } 22 jiffies s: 1041 root: 0xa/.
rcu: blocking rcu_node structures (internal RCU debug): l=1:0-15:0x2/. l=1:16-31:0x8/.
Sending NMI from CPU 0 to CPUs 1:
NMI backtrace for cpu 1
@comm
@regs foo_spin+0x21/0x60[foo]
@trace foo_ioctl[foo] __x64_sys_ioctl`,
    says: `
rcu/expedited-stall error HANG: INFO: rcu detected stall in corrupted
lines +0 to 0, no function to blame was found, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_spin, frames foo_spin foo_ioctl __x64_sys_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of rcu-stall, flavour rcu_preempt, expedited true, selfDetected false, jiffies 22, cpus [{cpu 1, words ....}; {cpu 3, words ...D}], tasks [123]}`,
  },
  {
    name: 'rcu tasks',
    log: `
INFO: rcu_tasks detected stalls on tasks:
00000000a1b2c3d4: .. nvcsw: 12/12 holdout: 1 idle_cpu: -1/1
task:worker          state:R  running task     stack:13512 pid:4242  ppid:1      flags:0x00004000
Call Trace:
 <TASK>
@stack foo_spin[foo] foo_ioctl[foo] __x64_sys_ioctl
 </TASK>`,
    says: `
rcu/tasks-stall error HANG: INFO: rcu detected stall in corrupted
lines +0 to 0, no function to blame was found, x86_64, 6.1.0-18-amd64
culprit foo_spin, frames foo_spin foo_ioctl __x64_sys_ioctl
task {pid 4242, comm worker}
details {of rcu-stall, flavour rcu_tasks, expedited false, selfDetected false, cpus [], tasks [4242]}`,
  },
  {
    name: 'hung 6.1',
    log: `
INFO: task worker:4242 blocked for more than 120 seconds.
      Not tainted 6.1.0-18-amd64 #1 Debian 6.1.76-1
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:worker          state:D stack:13512 pid:4242  ppid:1      flags:0x00004000
Call Trace:
 <TASK>
@stack __schedule schedule schedule_preempt_disabled __mutex_lock.constprop.0 foo_open[foo] chrdev_open do_syscall_64 entry_SYSCALL_64_after_hwframe
@user
 </TASK>`,
    says: `
hang/hung-task error HANG: INFO: task hung in foo_open
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_open, frames __schedule schedule schedule_preempt_disabled __mutex_lock.constprop.0 foo_open and 3 more
task {pid 4242, comm worker}
details {of hung-task, task worker, pid 4242, seconds 120, state D}`,
  },
  {
    name: 'hung 6.16 mutex owner and locks and panic',
    log: `
INFO: task worker:4242 blocked in I/O wait for more than 122 seconds.
      Tainted: G        W           6.16.3 #7
      Blocked by coredump.
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:worker          state:D stack:13512 pid:4242  tgid:4242  ppid:1      task_flags:0x400040 flags:0x00004000
Call Trace:
 <TASK>
@stack __schedule schedule schedule_preempt_disabled __mutex_lock.constprop.0 foo_open[foo] chrdev_open do_syscall_64 entry_SYSCALL_64_after_hwframe
 </TASK>
INFO: task worker:4242 is blocked on a mutex likely owned by task hold er:77.
task:hold er         state:S stack:13512 pid:77    tgid:77    ppid:1      task_flags:0x400040 flags:0x00004000
Call Trace:
 <TASK>
@stack __schedule schedule foo_hold[foo] do_syscall_64 entry_SYSCALL_64_after_hwframe
 </TASK>

Showing all locks held in the system:
1 lock held by khungtaskd/32:
 #0: ffffffff82d3f0a0 (rcu_read_lock){....}-{1:2}, at: debug_show_all_locks+0x1b/0x1a0
1 lock held by hold er/77:
 #0: ffffffffc04d3010 (foo_mutex){+.+.}-{3:3}, at: foo_hold+0x12/0x50 [foo]
1 lock held by worker/4242:
 #0: ffffffffc04d3010 (foo_mutex){+.+.}-{3:3}, at: foo_open+0x12/0x50 [foo]

=============================================

NMI backtrace for cpu 0
CPU: 0 UID: 0 PID: 32 Comm: khungtaskd Tainted: G        W           6.16.3 #7 PREEMPT(full) 
Tainted: [W]=WARN
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
@ktrace dump_stack_lvl nmi_cpu_backtrace.cold nmi_trigger_cpumask_backtrace watchdog.cold
Sending NMI from CPU 0 to CPUs 1:
NMI backtrace for cpu 1 skipped: idling at default_idle+0xb/0x10
Kernel panic - not syncing: hung_task: blocked tasks
CPU: 0 UID: 0 PID: 32 Comm: khungtaskd Tainted: G        W           6.16.3 #7 PREEMPT(full) 
Tainted: [W]=WARN
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
@ktrace dump_stack_lvl panic watchdog.cold
Kernel Offset: disabled
---[ end Kernel panic - not syncing: hung_task: blocked tasks ]---`,
    says: `
hang/hung-task fatal HANG: INFO: task hung in foo_open
lines +0 to 0, x86_64, taint W, 6.16.3, PREEMPT(full)
culprit foo_open, frames __schedule schedule schedule_preempt_disabled __mutex_lock.constprop.0 foo_open and 3 more
stack lock-user, task:hold er         state:S stack:13512 pid:77    tgid:77    ppid:1      task_flags:0x400040 flags:0x00004000, hold er: __schedule schedule foo_hold do_syscall_64 entry_SYSCALL_64_after_hwframe
stack cpu, NMI backtrace for cpu 0, cpu 0, khungtaskd: dump_stack_lvl nmi_cpu_backtrace.cold nmi_trigger_cpumask_backtrace watchdog.cold kthread and 1 more
stack other, Call Trace:: dump_stack_lvl panic watchdog.cold kthread ret_from_fork
task {pid 4242, comm worker}
details {of hung-task, task worker, pid 4242, seconds 122, inIoWait true, state D, blockedOn mutex, owner {task hold er, pid 77, likely true}, held [{name foo_mutex, address 0xffffffffc04d3010, usage +.+., function foo_open, offset 18}]}
panic hung_task: blocked tasks`,
  },
  {
    name: 'hung rwsem',
    log: `
INFO: task worker:4242 blocked for more than 120 seconds.
      Tainted: G        W           6.16.3 #7
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:worker          state:D stack:13512 pid:4242  tgid:4242  ppid:1      task_flags:0x400040 flags:0x00004000
Call Trace:
 <TASK>
@stack __schedule schedule schedule_preempt_disabled rwsem_down_write_slowpath down_write foo_open[foo] chrdev_open do_syscall_64 entry_SYSCALL_64_after_hwframe
 </TASK>
INFO: task worker:4242 <writer> blocked on an rw-semaphore likely owned by task holder:77 <reader>
task:holder          state:S stack:13512 pid:77    tgid:77    ppid:1      task_flags:0x400040 flags:0x00004000
Call Trace:
 <TASK>
@stack __schedule schedule foo_hold[foo] do_syscall_64 entry_SYSCALL_64_after_hwframe
 </TASK>`,
    says: `
hang/hung-task error HANG: INFO: task hung in foo_open
lines +0 to 0, x86_64, taint W, 6.16.3
culprit foo_open, frames __schedule schedule schedule_preempt_disabled rwsem_down_write_slowpath down_write and 4 more
stack lock-user, task:holder          state:S stack:13512 pid:77    tgid:77    ppid:1      task_flags:0x400040 flags:0x00004000, holder: __schedule schedule foo_hold do_syscall_64 entry_SYSCALL_64_after_hwframe
task {pid 4242, comm worker}
details {of hung-task, task worker, pid 4242, seconds 120, state D, blockedOn rw-semaphore, owner {task holder, pid 77, likely true}}`,
  },
  {
    name: 'hung 4.9',
    log: `
INFO: task worker:4242 blocked for more than 120 seconds.
      Not tainted 4.9.0-8-amd64 #1 Debian 4.9.130-2
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
worker          D    0  4242      1 0x00000000
 ffff8b5f364a0000 0000000000000000 ffff8b5f364a0000 ffffffffb4733284
 ffff8b5f364a0000 0000000000000000 ffff8b5f364a0000 ffffffffb4733284
Call Trace:
 [<ffffffffb4a15a3e>] ? __schedule+0x23e/0x6d0
 [<ffffffffb4a15f02>] ? schedule+0x32/0x80
 [<ffffffffb4a16189>] ? schedule_preempt_disabled+0xa/0x10
 [<ffffffffb4a178f4>] ? __mutex_lock_slowpath+0x93/0x110
 [<ffffffffc04d10b2>] ? foo_open+0x32/0x60 [foo]`,
    says: `
hang/hung-task error HANG: INFO: task hung in corrupted
lines +0 to 0, no function to blame was found, x86_64, 4.9.0-8-amd64
culprit none, frames ?__schedule ?schedule ?schedule_preempt_disabled ?__mutex_lock_slowpath ?foo_open
task {pid 4242, comm worker}
details {of hung-task, task worker, pid 4242, seconds 120, state D}`,
  },
]);
