import { describeWorld } from './world.ts';

describeWorld('stopped at once', [
  {
    name: 'serror',
    log: `
SError Interrupt on CPU2, code 0x00000000be000011 -- SError
CPU: 2 PID: 4242 Comm: worker Tainted: G   M               6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_mmio+0x24/0x60[foo] foo_ioctl+0x40/0x80[foo]
Kernel panic - not syncing: Asynchronous SError Interrupt
CPU: 2 PID: 4242 Comm: worker Tainted: G   M               6.12.9-arm64 #1
Hardware name: Acme Board (DT)
Call trace:
@stack show_stack dump_stack_lvl dump_stack panic nmi_panic arm64_serror_panic do_serror el1h_64_error_handler el1h_64_error foo_mmio[foo] foo_ioctl[foo]
SMP: stopping secondary CPUs
Kernel Offset: disabled
CPU features: 0x00,00000000,01002014,00000000
Memory Limit: none
---[ end Kernel panic - not syncing: Asynchronous SError Interrupt ]---`,
    says: `
panic/serror fatal DoS: kernel panic: Asynchronous SError Interrupt
lines +0 to 0, arm64, registers kernel 32, taint M, 6.12.9-arm64
culprit foo_mmio, frames foo_mmio show_stack dump_stack_lvl dump_stack panic and 7 more
task {cpu 2, pid 4242, comm worker}
fault {esr 0xbe000011, fields 7}
details {of panic, message Asynchronous SError Interrupt}
panic Asynchronous SError Interrupt`,
  },
  {
    name: 'bad mode arm64 6.x',
    log: `
Unhandled 64-bit el1h sync exception on CPU2, ESR 0x0000000002000000 -- Unknown/Uncategorized
CPU: 2 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_mmio+0x24/0x60[foo] foo_ioctl+0x40/0x80[foo]
Kernel panic - not syncing: Unhandled exception
CPU: 2 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@trace64 dump_backtrace show_stack dump_stack_lvl panic __panic_unhandled el1h_64_sync_handler el1h_64_sync foo_mmio[foo] foo_ioctl[foo]
SMP: stopping secondary CPUs
Kernel Offset: disabled
CPU features: 0x00,00000000,01002014,00000000
Memory Limit: none
---[ end Kernel panic - not syncing: Unhandled exception ]---`,
    says: `
oops/bad-mode fatal DoS: kernel panic: Unhandled exception
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64
culprit foo_mmio, frames foo_mmio dump_backtrace show_stack dump_stack_lvl panic and 8 more
task {cpu 2, pid 4242, comm worker}
fault {esr 0x2000000, fields 3}
panic Unhandled exception`,
  },
  {
    name: 'bad mode arm64 4.x',
    log: `
Bad mode in Error handler detected on CPU2, code 0xbf000002 -- SError
Internal error: Oops - bad mode: 0 [#1] PREEMPT SMP
Modules linked in: foo
CPU: 2 PID: 4242 Comm: worker Not tainted 4.14.0 #1
Hardware name: Acme Board (DT)
task: ffff80003d603b00 task.stack: ffff00000a5b8000
PC is at foo_mmio+0x24/0x60 [foo]
LR is at foo_ioctl+0x40/0x80 [foo]
pc : [<ffff000000a1b2c4>] lr : [<ffff000000a1b2e0>] pstate: 60000145
sp : ffff00000a5bbc90
x29: ffff00000a5bbc90 x28: ffff80003d603b00 
x1 : 0000000000000018 x0 : 0000000000000000 
Process worker (pid: 4242, stack limit = 0xffff00000a5b8000)
Call trace:
[<ffff000000a1b2c4>] foo_mmio+0x24/0x60 [foo]
[<ffff000000a1b2e0>] foo_ioctl+0x40/0x80 [foo]
Code: f9400260 b4000080 (b9000000) 17fffff4
@end`,
    says: `
oops/bad-mode fatal DoS: Internal error in foo_mmio
lines +1 to 0, arm64, registers kernel 8, 4.14.0, PREEMPT
culprit foo_mmio, frames foo_mmio foo_ioctl
task {pid 4242, comm worker, cpu 2}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0x0}`,
  },
  {
    name: 'stack overflow arm64',
    log: `
Insufficient stack space to handle exception!
ESR: 0x0000000096000047 -- DABT (current EL)
FAR: 0xffff80000a5bfff0
Task stack:     [0xffff80000a5c0000..0xffff80000a5c4000]
IRQ stack:      [0xffff800008000000..0xffff800008004000]
Overflow stack: [0xffff0000fef812c0..0xffff0000fef822c0]
CPU: 2 PID: 4242 Comm: worker Not tainted 6.1.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_deep+0x4/0x60[foo] foo_deep+0x40/0x60[foo]
Kernel panic - not syncing: kernel stack overflow
CPU: 2 PID: 4242 Comm: worker Not tainted 6.1.9-arm64 #1
Hardware name: Acme Board (DT)
Call trace:
@stack dump_backtrace.part.0 show_stack dump_stack_lvl dump_stack panic nmi_panic panic_bad_stack handle_bad_stack __bad_stack foo_deep[foo] foo_deep[foo] foo_deep[foo] foo_deep[foo] foo_ioctl[foo] __arm64_sys_ioctl
SMP: stopping secondary CPUs
Kernel Offset: disabled
CPU features: 0x00,00000000,01002014,00000000
Memory Limit: none
---[ end Kernel panic - not syncing: kernel stack overflow ]---`,
    says: `
oops/stack-overflow fatal DoS: kernel stack overflow in foo_ioctl
lines +0 to 0, arm64, registers kernel 32, 6.1.9-arm64
culprit foo_deep, frames foo_deep dump_backtrace.part.0 show_stack dump_stack_lvl dump_stack and 11 more
task {cpu 2, pid 4242, comm worker}
fault {esr 0x96000047, address 0xffff80000a5bfff0, access write, mode kernel, fields 11}
panic kernel stack overflow`,
  },
  {
    name: 'stack overflow x86',
    log: `
BUG: TASK stack guard page was hit at 00000000a1b2c3d4 (stack is 00000000b1b2c3d4..00000000c1b2c3d4)
Oops: stack guard page: 0000 [#1] PREEMPT SMP NOPTI
@comm12
@regs foo_deep[foo]
Call Trace:
 <TASK>
@stack foo_deep[foo] foo_deep[foo] foo_deep[foo] foo_deep[foo] foo_ioctl[foo] __x64_sys_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
 </TASK>
@modules
@end
@regs foo_deep[foo]
Kernel panic - not syncing: Fatal exception in interrupt
Kernel Offset: disabled
---[ end Kernel panic - not syncing: Fatal exception in interrupt ]---`,
    says: `
oops/stack-guard-page fatal UNKNOWN: BUG: stack guard page was hit in foo_ioctl
lines +0 to 0, x86_64, registers kernel 30, taint W, 6.16.3, PREEMPT(full)
culprit foo_deep, frames foo_deep foo_deep foo_deep foo_deep foo_ioctl and 3 more
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}
panic Fatal exception in interrupt`,
  },
  {
    name: 'stack overflow x86 old',
    log: `
BUG: stack guard page was hit at 00000000a1b2c3d4 (stack is 00000000b1b2c3d4..00000000c1b2c3d4)
kernel stack overflow (page fault): 0000 [#1] PREEMPT SMP NOPTI
@modules
@comm
@regs foo_deep[foo]
@trace foo_deep[foo] foo_deep[foo] foo_deep[foo] foo_deep[foo] foo_ioctl[foo] __x64_sys_ioctl
@end`,
    says: `
oops/stack-guard-page error UNKNOWN: BUG: stack guard page was hit in foo_ioctl
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64, PREEMPT
culprit foo_deep, frames foo_deep foo_deep foo_deep foo_deep foo_ioctl and 3 more
task {cpu 1, pid 4242, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}`,
  },
  {
    name: 'double fault',
    log: `
traps: PANIC: double fault, error_code: 0x0
Oops: double fault: 0000 [#1] PREEMPT SMP NOPTI
@comm12
@regs foo_deep[foo]
Call Trace:
 <#DF>
@stack ?__die_body.cold ?die ?exc_double_fault ?asm_exc_double_fault
 </#DF>
 <TASK>
@stack foo_ioctl[foo] __x64_sys_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
 </TASK>
@modules
@end
@regs foo_deep[foo]
Kernel panic - not syncing: Fatal exception in interrupt
Kernel Offset: disabled
---[ end Kernel panic - not syncing: Fatal exception in interrupt ]---`,
    says: `
oops/double-fault fatal DoS: PANIC: double fault in foo_deep
lines +0 to 0, x86_64, registers kernel 30, taint W, 6.16.3, PREEMPT(full)
culprit foo_deep, frames foo_deep ?__die_body.cold ?die ?exc_double_fault ?asm_exc_double_fault and 4 more
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {errorCode 0x0, oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI]}
panic Fatal exception in interrupt`,
  },
]);
