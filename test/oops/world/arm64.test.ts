import { describeWorld } from './world.ts';

describeWorld('arm64', [
  {
    name: 'cfi arm64',
    log: `
CFI failure at foo_call+0x24/0x60 [foo] (target: bar_target+0x0/0x60; expected type: 0xa1b2c3d4)
Internal error: Oops - CFI: 00000000f2008228 [#1] PREEMPT SMP
@modules
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_call+0x24/0x60[foo] foo_ioctl+0x40/0x80[foo]
Call trace:
 foo_call+0x24/0x60 [foo] (P)
@stack foo_ioctl[foo] __arm64_sys_ioctl
Code: f9400260 b4000080 (d4304500) 17fffff4
@end`,
    says: `
oops/cfi error DoS: Internal error in foo_call
lines +1 to 0, arm64, registers kernel 32, 6.12.9-arm64, PREEMPT
culprit foo_call, frames foo_call foo_ioctl __arm64_sys_ioctl
task {cpu 3, pid 4242, uid 0, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0xf2008228, esr 0xf2008228, fields 4}`,
  },
  {
    name: 'bti arm64',
    log: `
Internal error: Oops - BTI: 0000000036000002 [#1] PREEMPT SMP
@modules
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_target+0x0/0x60[foo] foo_ioctl+0x40/0x80[foo]
Call trace:
 foo_target+0x0/0x60 [foo] (P)
@stack foo_ioctl[foo] __arm64_sys_ioctl
Code: f9400260 b4000080 (d4304500) 17fffff4
@end`,
    says: `
oops/bti error DoS: Internal error in foo_target
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64, PREEMPT
culprit foo_target, frames foo_target foo_ioctl __arm64_sys_ioctl
task {cpu 3, pid 4242, uid 0, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0x36000002, esr 0x36000002, fields 4}`,
  },
  {
    name: 'fpac arm64',
    log: `
Internal error: Oops - FPAC: 0000000072000000 [#1] PREEMPT SMP
@modules
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_smash+0x24/0x60[foo] foo_smash+0x20/0x60[foo]
@trace64 foo_smash[foo] foo_ioctl[foo]
Code: f9400260 b4000080 (d4304500) 17fffff4
@end`,
    says: `
oops/pointer-authentication error DoS: Internal error in foo_smash
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64, PREEMPT
culprit foo_smash, frames foo_smash foo_smash foo_ioctl invoke_syscall el0_svc and 1 more
task {cpu 3, pid 4242, uid 0, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0x72000000, esr 0x72000000, fields 5}`,
  },
  {
    name: 'undef arm64',
    log: `
Internal error: Oops - Undefined instruction: 0000000002000000 [#1] PREEMPT SMP
@modules
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_undef+0x24/0x60[foo] foo_undef+0x20/0x60[foo]
@trace64 foo_ioctl[foo]
Code: f9400260 b4000080 (00000000) 17fffff4
@end`,
    says: `
oops/undefined-instruction error DoS: Internal error in foo_undef
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64, PREEMPT
culprit foo_undef, frames foo_undef foo_ioctl invoke_syscall el0_svc el0t_64_sync
task {cpu 3, pid 4242, uid 0, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0x2000000, esr 0x2000000, fields 3}`,
  },
  {
    name: 'null arm64 6.x',
    log: `
Unable to handle kernel NULL pointer dereference at virtual address 0000000000000018
Mem abort info:
  ESR = 0x0000000096000004
  EC = 0x25: DABT (current EL), IL = 32 bits
  SET = 0, FnV = 0
  EA = 0, S1PTW = 0
  FSC = 0x04: level 0 translation fault
Data abort info:
  ISV = 0, ISS = 0x00000004, ISS2 = 0x00000000
  CM = 0, WnR = 0, TnD = 0, TagAccess = 0
  GCS = 0, Overlay = 0, DirtyBit = 0, Xs = 0
user pgtable: 4k pages, 48-bit VAs, pgdp=0000000104e3a000
[0000000000000018] pgd=0000000000000000, p4d=0000000000000000
Internal error: Oops: 0000000096000004 [#1] PREEMPT SMP
@modules
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_read+0x24/0x60[foo] vfs_read+0xc0/0x2e0
@trace64 foo_read[foo] vfs_read ksys_read
Code: f9400260 b4000080 (f9400c21) 17fffff4
@end`,
    says: `
oops/null-deref error NULL-POINTER-DEREFERENCE: BUG: unable to handle kernel NULL pointer dereference in foo_read
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64, PREEMPT
culprit foo_read, frames foo_read foo_read vfs_read ksys_read invoke_syscall and 2 more
task {cpu 3, pid 4242, uid 0, comm worker}
fault {address 0x18, esr 0x96000004, oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0x96000004, access read, mode kernel, fields 12}`,
  },
  {
    name: 'arm64 exec user memory',
    log: `
Unable to handle kernel execute from non-executable memory at virtual address ffff0000c1f2e000
Mem abort info:
  ESR = 0x000000008600000f
  EC = 0x21: IABT (current EL), IL = 32 bits
  SET = 0, FnV = 0
  EA = 0, S1PTW = 0
  FSC = 0x0f: level 3 permission fault
swapper pgtable: 4k pages, 48-bit VAs, pgdp=0000000104e3a000
[ffff0000c1f2e000] pgd=18000001bffff003, p4d=18000001bffff003, pud=18000001bfffe003, pmd=18000001bfffd003, pte=0068000101f2e707
Internal error: Oops: 000000008600000f [#1] PREEMPT SMP
@modules
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)
pc : 0xffff0000c1f2e000
lr : foo_call+0x40/0x80 [foo]
sp : ffff80000a5bbc90
x29: ffff80000a5bbc90 x28: ffff0000c4a1d4c0 x27: 0000000000000000
x2 : 0000000000000000 x1 : 0000000000000018 x0 : 0000000000000000
Call trace:
 0xffff0000c1f2e000 (P)
@stack foo_call[foo] foo_ioctl[foo]
Code: 00000000 00000000 00000000 00000000 (00000000)
@end`,
    says: `
oops/nx-exec error UNKNOWN: Unable to handle kernel execute from non-executable memory at virtual address ADDR
lines +0 to 0, arm64, registers kernel 9, 6.12.9-arm64, PREEMPT
culprit foo_call, frames 0xffff0000c1f2e000 foo_call foo_ioctl
task {cpu 3, pid 4242, uid 0, comm worker}
fault {address 0xffff0000c1f2e000, esr 0x8600000f, oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0x8600000f, access execute, mode kernel, fields 9}`,
  },
  {
    name: 'arm64 read-only',
    log: `
Unable to handle kernel write to read-only memory at virtual address ffff800008a1b2c0
Mem abort info:
  ESR = 0x000000009600004e
  EC = 0x25: DABT (current EL), IL = 32 bits
Internal error: Oops: 000000009600004e [#1] PREEMPT SMP
@modules
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_write+0x24/0x60[foo] vfs_write+0xc0/0x2e0
@trace64 foo_write[foo] vfs_write
Code: f9400260 b4000080 (f9400c21) 17fffff4
@end`,
    says: `
oops/read-only-write error UNKNOWN: Unable to handle kernel write to read-only memory at virtual address ADDR
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64, PREEMPT
culprit foo_write, frames foo_write foo_write vfs_write invoke_syscall el0_svc and 1 more
task {cpu 3, pid 4242, uid 0, comm worker}
fault {address 0xffff800008a1b2c0, esr 0x9600004e, oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0x9600004e, access write, mode kernel, fields 11}`,
  },
  {
    name: 'arm64 unreadable',
    log: `
Unable to handle kernel read from unreadable memory at virtual address 0000000000000018
Mem abort info:
  ESR = 0x000000009600000d
Internal error: Oops: 000000009600000d [#1] PREEMPT SMP
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_read+0x24/0x60[foo] vfs_read+0xc0/0x2e0
@trace64 foo_read[foo] vfs_read
Code: f9400260 b4000080 (f9400c21) 17fffff4
@end`,
    says: `
oops/unreadable error UNKNOWN: Unable to handle kernel read from unreadable memory at virtual address ADDR
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64, PREEMPT
culprit foo_read, frames foo_read foo_read vfs_read invoke_syscall el0_svc and 1 more
task {cpu 3, pid 4242, uid 0, comm worker}
fault {address 0x18, esr 0x9600000d, oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0x9600000d, access read, mode kernel, fields 11}`,
  },
  {
    name: 'arm64 PAN',
    log: `
Unable to handle kernel access to user memory outside uaccess routines at virtual address 0000007ffd4a0c1e
Mem abort info:
  ESR = 0x000000009600000f
Internal error: Oops: 000000009600000f [#1] PREEMPT SMP
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_read+0x24/0x60[foo] vfs_read+0xc0/0x2e0
@trace64 foo_read[foo] vfs_read
Code: f9400260 b4000080 (f9400c21) 17fffff4
@end`,
    says: `
oops/user-access error UNKNOWN: BUG: unable to handle kernel access to user memory in foo_read
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64, PREEMPT
culprit foo_read, frames foo_read foo_read vfs_read invoke_syscall el0_svc and 1 more
task {cpu 3, pid 4242, uid 0, comm worker}
fault {address 0x7ffd4a0c1e, esr 0x9600000f, oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0x9600000f, access read, mode kernel, fields 11}`,
  },
  {
    name: 'arm64 sync external abort',
    log: `
Internal error: synchronous external abort: 0000000096000210 [#1] PREEMPT SMP
@modules
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_mmio+0x24/0x60[foo] foo_ioctl+0xc0/0x2e0
@trace64 foo_mmio[foo] foo_ioctl
Code: f9400260 b4000080 (f9400c21) 17fffff4
@end`,
    says: `
oops/synchronous-external-abort error DoS: Internal error in foo_mmio
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64, PREEMPT
culprit foo_mmio, frames foo_mmio foo_mmio foo_ioctl invoke_syscall el0_svc and 1 more
task {cpu 3, pid 4242, uid 0, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0x96000210, esr 0x96000210, access read, mode kernel, fields 11}`,
  },
  {
    name: 'arm64 4.9',
    log: `
Unable to handle kernel paging request at virtual address dead000000000108
pgd = ffff80003d603000
[dead000000000108] *pgd=0000000000000000
Internal error: Oops: 96000044 [#1] PREEMPT SMP
Modules linked in: foo
CPU: 2 PID: 4242 Comm: worker Not tainted 4.9.0 #1
Hardware name: Acme Board (DT)
task: ffff80003d603b00 task.stack: ffff00000a5b8000
PC is at foo_del+0x24/0x60 [foo]
LR is at foo_ioctl+0x40/0x80 [foo]
pc : [<ffff000000a1b2c4>] lr : [<ffff000000a1b2e0>] pstate: 60000145
sp : ffff00000a5bbc90
x29: ffff00000a5bbc90 x28: ffff80003d603b00 
x1 : 0000000000000018 x0 : 0000000000000000 
Process worker (pid: 4242, stack limit = 0xffff00000a5b8000)
Stack: (0xffff00000a5bbc90 to 0xffff00000a5bc000)
bc80:                                   ffff00000a5bbcb0 ffff000000a1b2e0
Call trace:
Exception stack(0xffff00000a5bbac0 to 0xffff00000a5bbbf0)
bac0: ffff80003d603b00 0001000000000000 ffff00000a5bbc90 ffff000000a1b2c4
[<ffff000000a1b2c4>] foo_del+0x24/0x60 [foo]
[<ffff000000a1b2e0>] foo_ioctl+0x40/0x80 [foo]
Code: f9400260 b4000080 (b9000000) 17fffff4
---[ end trace a1b2c3d4e5f60718 ]---`,
    says: `
oops/page-fault error MEMORY_SAFETY_BUG: BUG: unable to handle kernel paging request in foo_del
lines +0 to 0, arm64, registers kernel 8, 4.9.0, PREEMPT
culprit foo_del, frames foo_del foo_ioctl
task {pid 4242, comm worker, cpu 2}
fault {address 0xdead000000000108, oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0x96000044, esr 0x96000044, access write, mode kernel, fields 11}`,
  },
]);
