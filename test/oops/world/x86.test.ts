import { describeWorld } from './world.ts';

describeWorld('x86', [
  {
    name: 'null x86 6.15',
    log: `
BUG: kernel NULL pointer dereference, address: 0000000000000018
#PF: supervisor read access in kernel mode
#PF: error_code(0x0000) - not-present page
PGD 104e3a067 P4D 104e3a067 PUD 104e3b067 PMD 0 
Oops: Oops: 0000 [#1] SMP NOPTI
@comm12
@regs foo_read+0x12/0x60[foo]
@trace vfs_read ksys_read
@modules
CR2: 0000000000000018
@end
@regs foo_read+0x12/0x60[foo]
note: worker[4242] exited with irqs disabled
note: worker[4242] exited with preempt_count 1`,
    says: `
oops/null-deref error NULL-POINTER-DEREFERENCE: BUG: unable to handle kernel NULL pointer dereference in foo_read
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_read, frames foo_read vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {address 0x18, access read, mode kernel, errorCode 0x0, oopsCount 1, oopsFlags [SMP; NOPTI], fields 4}`,
  },
  {
    name: 'null x86 4.9',
    log: `
BUG: unable to handle kernel NULL pointer dereference at 0000000000000018
IP: [<ffffffffc04d1021>] foo_read+0x21/0x60 [foo]
PGD 104e3a067 PUD 104e3b067 PMD 0 
Oops: 0000 [#1] SMP
Modules linked in: foo(OE)
CPU: 1 PID: 4242 Comm: worker Tainted: G           OE   4.9.0-8-amd64 #1 Debian 4.9.130-2
Hardware name: Acme
task: ffff8b5f364a0000 task.stack: ffffa0c0c0a38000
RIP: 0010:[<ffffffffc04d1021>]  [<ffffffffc04d1021>] foo_read+0x21/0x60 [foo]
RSP: 0018:ffffa0c0c0a3be40  EFLAGS: 00010246
RAX: 0000000000000000 RBX: ffff888104a3c000 RCX: 0000000000000000
CR2: 0000000000000018 CR3: 0000000104e3a000 CR4: 0000000000750ee0
Stack:
 ffffffffc04d1021 0000000000000000 ffff8b5f364a0000 ffffffffb47331b2
Call Trace:
 [<ffffffffb461bc12>] vfs_read+0x92/0x140
 [<ffffffffb461c1b2>] SyS_read+0x52/0xc0
Code: 48 89 e5 41 54 53 48 89 fb 48 83 ec 10 <48> 8b 47 18 48 85 c0 74 0a 
RIP  [<ffffffffc04d1021>] foo_read+0x21/0x60 [foo]
 RSP <ffffa0c0c0a3be40>
CR2: 0000000000000018
---[ end trace a1b2c3d4e5f60718 ]---`,
    says: `
oops/null-deref error NULL-POINTER-DEREFERENCE: BUG: unable to handle kernel NULL pointer dereference in foo_read
lines +0 to 0, x86_64, registers kernel 11, taint OE, 4.9.0-8-amd64
culprit foo_read, frames foo_read vfs_read SyS_read
task {cpu 1, pid 4242, comm worker}
fault {address 0x18, oopsCount 1, oopsFlags [SMP], errorCode 0x0, access read, mode kernel, fields 3}`,
  },
  {
    name: 'nx',
    log: `
kernel tried to execute NX-protected page - exploit attempt? (uid: 1000)
BUG: unable to handle page fault for address: ffff888104a3c000
#PF: supervisor instruction fetch in kernel mode
#PF: error_code(0x0011) - permissions violation
PGD 104e3a067 P4D 104e3a067 PUD 104e3b067 PMD 104e3c063 PTE 8000000104a3c163
Oops: Oops: 0011 [#1] PREEMPT SMP NOPTI
@comm12
RIP: 0010:0xffff888104a3c000
Code: Unable to access opcode bytes at 0xffff888104a3bfd6.
RSP: 0018:ffffc90000a3bd80 EFLAGS: 00010246
RAX: 0000000000000000 RBX: ffff888104a3c000 RCX: 0000000000000000
@trace foo_call[foo] foo_ioctl[foo]
@end`,
    says: `
oops/nx-exec error MEMORY_SAFETY_BUG: BUG: unable to handle kernel paging request in foo_call
lines +1 to 0, x86_64, registers kernel 8 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_call, frames 0xffff888104a3c000 foo_call foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {address 0xffff888104a3c000, access execute, mode kernel, errorCode 0x11, oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], fields 5}`,
  },
  {
    name: 'smap',
    log: `
BUG: unable to handle page fault for address: 00007ffd4a0c1e48
#PF: supervisor read access in kernel mode
#PF: error_code(0x0001) - permissions violation
PGD 104e3a067 P4D 104e3a067 PUD 104e3b067 PMD 104e3c067 PTE 8000000104a3c867
Oops: Oops: 0001 [#1] PREEMPT SMP NOPTI
@comm12
@regs foo_read+0x12/0x60[foo]
@trace vfs_read ksys_read
@end`,
    says: `
oops/user-access error MEMORY_SAFETY_BUG: BUG: unable to handle kernel paging request in foo_read
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_read, frames foo_read vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {address 0x7ffd4a0c1e48, access read, mode kernel, errorCode 0x1, oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], fields 4}`,
  },
  {
    name: 'smap wild high user',
    log: `
BUG: unable to handle page fault for address: ffffc90000a3bd80
#PF: supervisor write access in kernel mode
#PF: error_code(0x0003) - permissions violation
PGD 104e3a067 P4D 104e3a067 PUD 104e3b067 PMD 104e3c067 PTE 8000000104a3c161
Oops: Oops: 0003 [#1] PREEMPT SMP NOPTI
@comm12
@regs foo_read+0x12/0x60[foo]
@trace vfs_read ksys_read
@end`,
    says: `
oops/read-only-write error MEMORY_SAFETY_BUG: BUG: unable to handle kernel paging request in foo_read
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_read, frames foo_read vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {address 0xffffc90000a3bd80, access write, mode kernel, errorCode 0x3, oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], fields 4}`,
  },
  {
    name: 'gpf 5.10',
    log: `
general protection fault, probably for non-canonical address 0xdead000000000108: 0000 [#1] SMP NOPTI
@comm
@regs foo_read+0x12/0x60[foo]
@trace vfs_read ksys_read
@modules
@end`,
    says: `
oops/general-protection error DoS: general protection fault in foo_read
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_read, frames foo_read vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
fault {oopsCount 1, oopsFlags [SMP; NOPTI], errorCode 0x0, address 0xdead000000000108, fields 1}`,
  },
  {
    name: 'gpf 7.x null',
    log: `
Oops: general protection fault, kernel NULL pointer dereference 0x18: 0000 [#1] SMP NOPTI
@comm12
@regs foo_read+0x12/0x60[foo]
@trace vfs_read ksys_read
@modules
@end`,
    says: `
oops/null-deref error DoS: general protection fault in foo_read
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_read, frames foo_read vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {oopsCount 1, oopsFlags [SMP; NOPTI], errorCode 0x0, address 0x18, fields 1}`,
  },
  {
    name: 'gpf 7.x LASS',
    log: `
Oops: general protection fault, probably LASS violation for address 0x7ffd4a0c1e48: 0000 [#1] SMP NOPTI
@comm12
@regs foo_read+0x12/0x60[foo]
@trace vfs_read ksys_read
@modules
@end`,
    says: `
oops/user-access error DoS: general protection fault in foo_read
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_read, frames foo_read vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {oopsCount 1, oopsFlags [SMP; NOPTI], errorCode 0x0, address 0x7ffd4a0c1e48, fields 1}`,
  },
  {
    name: 'divide',
    log: `
Oops: divide error: 0000 [#1] PREEMPT SMP NOPTI
@comm12
@regs foo_div+0x12/0x60[foo]
@trace foo_ioctl
@modules
@end`,
    says: `
oops/divide-error error DoS: divide error in foo_div
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_div, frames foo_div foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}`,
  },
  {
    name: 'divide 6.1',
    log: `
divide error: 0000 [#1] PREEMPT SMP NOPTI
@comm
@regs foo_div+0x12/0x60[foo]
@trace foo_ioctl
@modules
@end`,
    says: `
oops/divide-error error DoS: divide error in foo_div
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64, PREEMPT
culprit foo_div, frames foo_div foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}`,
  },
  {
    name: 'int3',
    log: `
int3: 0000 [#1] PREEMPT SMP NOPTI
@comm
@regs foo_div+0x12/0x60[foo]
@trace foo_ioctl
@modules
@end`,
    says: `
oops/int3 error DoS: int3 in foo_div
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64, PREEMPT
culprit foo_div, frames foo_div foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}`,
  },
  {
    name: 'cp endbr',
    log: `
traps: Missing ENDBR: foo_target+0x0/0x60 [foo]
@cut
kernel BUG at arch/x86/kernel/cet.c:133!
Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
@comm12
@regs exc_control_protection+0x12/0x60
@trace asm_exc_control_protection foo_target[foo] foo_ioctl
@modules
@end`,
    says: `
oops/control-protection error BUG: kernel BUG in exc_control_protection
lines +1 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_target, frames exc_control_protection asm_exc_control_protection foo_target foo_ioctl do_syscall_64 and 1 more
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}`,
  },
  {
    name: 'cfi x86',
    log: `
CFI failure at foo_call+0x12/0x60 [foo] (target: bar_target+0x0/0x60; expected type: 0xa1b2c3d4)
Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
@comm12
@regs foo_call+0x12/0x60[foo]
@trace foo_ioctl
@modules
@end`,
    says: `
oops/cfi error DoS: invalid opcode in foo_call
lines +1 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_call, frames foo_call foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}`,
  },
  {
    name: 'cfi warn permissive',
    log: `
CFI failure at foo_call+0x12/0x60 [foo] (target: bar_target+0x0/0x60; expected type: 0xa1b2c3d4)
WARNING: CPU: 1 PID: 4242 at foo_call+0x12/0x60 [foo]
@modules
@comm
@regs foo_call+0x12/0x60[foo]
@trace foo_ioctl
@end`,
    says: `
warning/generic warning WARNING: WARNING: CPU: NUM PID: NUM at foo_call [foo]
lines +1 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_call, frames foo_call foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of warning, function foo_call, cpu 1, pid 4242}`,
  },
]);
