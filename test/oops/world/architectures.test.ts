import { describeWorld } from './world.ts';

describeWorld('other architectures', [
  {
    name: 'i386',
    log: `
BUG: kernel NULL pointer dereference, address: 00000018
#PF: supervisor read access in kernel mode
#PF: error_code(0x0000) - not-present page
*pdpt = 0000000031a2b001 *pde = 0000000000000000 
Oops: 0000 [#1] PREEMPT SMP
CPU: 1 PID: 4242 Comm: worker Not tainted 6.1.0-18-686 #1  Debian 6.1.76-1
Hardware name: Acme
EIP: foo_read+0x12/0x60 [foo]
Code: 48 89 e5 41 54 53 <8b> 47 18 85 c0 74 0a
EAX: 00000000 EBX: c1a2b3c4 ECX: 00000000 EDX: 00000001
ESI: c1a2b3c4 EDI: 00000000 EBP: c5a3bf10 ESP: c5a3bf00
DS: 007b ES: 007b FS: 00d8 GS: 0033 SS: 0068 EFLAGS: 00010246
CR0: 80050033 CR2: 00000018 CR3: 31a2b000 CR4: 00150ef0
Call Trace:
 vfs_read+0x9c/0x2a0
 ksys_read+0x5c/0xd0
 __ia32_sys_read+0x15/0x20
 __do_fast_syscall_32+0x72/0xd0
 do_fast_syscall_32+0x29/0x60
 do_SYSENTER_32+0x15/0x20
 entry_SYSENTER_32+0x98/0xf1
EIP: 0xb7f1a55d
Code: c4 01 10 03 03 74 c0 01 10 05 03 74 b8 01 <5d> 5a 59 c3
EAX: ffffffda EBX: 00000003 ECX: 0061f000 EDX: 00001000
ESI: b7f00000 EDI: 00000000 EBP: bfa1b2c8 ESP: bfa1b280
DS: 007b ES: 007b FS: 0000 GS: 0033 SS: 007b EFLAGS: 00000246
Modules linked in: foo(OE)
CR2: 0000000000000018
@end`,
    says: `
oops/null-deref error NULL-POINTER-DEREFERENCE: BUG: unable to handle kernel NULL pointer dereference in foo_read
lines +0 to 0, i386, registers kernel 18 user 15, 6.1.0-18-686, PREEMPT
culprit foo_read, frames foo_read vfs_read ksys_read __ia32_sys_read __do_fast_syscall_32 and 3 more
task {cpu 1, pid 4242, comm worker}
fault {address 0x18, access read, mode kernel, errorCode 0x0, oopsCount 1, oopsFlags [PREEMPT; SMP], fields 4}`,
  },
  {
    name: 'arm 6.1',
    log: `
8<--- cut here ---
Unable to handle kernel NULL pointer dereference at virtual address 00000018 when read
[00000018] *pgd=00000000
Internal error: Oops: 5 [#1] PREEMPT SMP ARM
Modules linked in: foo(O)
CPU: 1 PID: 4242 Comm: worker Tainted: G           O       6.1.0 #1
Hardware name: Acme ARM Board
PC is at foo_read+0x12/0x60 [foo]
LR is at vfs_read+0xc0/0x2e0
pc : [<bf001024>]    lr : [<c02b1c40>]    psr: 60000013
sp : f0a3bf10  ip : 00000000  fp : f0a3bf34
r10: 00000000  r9 : c2a1b000  r8 : 00000000
r7 : 00000003  r6 : 00001000  r5 : f0a3bf68  r4 : c2a1b000
r3 : 00000000  r2 : 00001000  r1 : 0061f000  r0 : 00000000
Flags: nZCv  IRQs on  FIQs on  Mode SVC_32  ISA ARM  Segment none
Control: 10c5387d  Table: 42a1c06a  DAC: 00000051
Register r0 information: NULL pointer
Register r1 information: non-paged memory
Process worker (pid: 4242, stack limit = 0x(ptrval))
Stack: (0xf0a3bf10 to 0xf0a3c000)
bf00:                                     00000000 c02b1c40 00000000 00000000
bfe0: 00000003 be8d3c10 b6f1a2c4 b6ec0736 60000030 00000003 00000000 00000000
 foo_read [foo] from vfs_read+0xc0/0x2e0
 vfs_read from ksys_read+0x5c/0xd0
 ksys_read from ret_fast_syscall+0x0/0x1c
Exception stack(0xf0a3bfa8 to 0xf0a3bff0)
bfa0:                   00000003 00000000 00000003 0061f000 00001000 00000000
Code: e1a0c00d e92dd800 e24cb004 (e5903018) e1a00003 
@end`,
    says: `
oops/null-deref error NULL-POINTER-DEREFERENCE: BUG: unable to handle kernel NULL pointer dereference in foo_read
lines +0 to 0, no stack has frames, arm, registers kernel 20, taint O, 6.1.0, PREEMPT
culprit foo_read, frames foo_read vfs_read ksys_read
task {pid 4242, comm worker, interruptState IRQs on  FIQs on, cpu 1}
fault {address 0x18, oopsCount 1, oopsFlags [PREEMPT; SMP; ARM], errorCode 0x5, access read, fields 2}`,
  },
  {
    name: 'riscv',
    log: `
Unable to handle kernel NULL pointer dereference at virtual address 0000000000000018
Oops [#1]
Modules linked in: foo(O)
CPU: 1 PID: 4242 Comm: worker Tainted: G           O       6.6.0 #1
Hardware name: riscv-virtio,qemu (DT)
epc : foo_read+0x12/0x60 [foo]
 ra : vfs_read+0xc0/0x2e0
epc : ffffffff01a1b024 ra : ffffffff802b1c40 sp : ff20000000a3bd80
 gp : ffffffff81a2b3c8 tp : ff60000004a1d4c0 t0 : 0000000000000000
 t1 : 0000000000000000 t2 : 0000000000000000 s0 : ff20000000a3bdc0
 s1 : ff60000004a3c000 a0 : 0000000000000000 a1 : 0000000000000000
 a2 : 0000000000000000 a3 : 0000000000000000 a4 : 0000000000000000
 a5 : 0000000000000000 a6 : 0000000000000000 a7 : 000000000000003f
 s2 : 0000000000000000 s3 : 0000000000000000 s4 : 0000000000000000
 s5 : 0000000000000000 s6 : 0000000000000000 s7 : 0000000000000000
 s8 : 0000000000000000 s9 : 0000000000000000 s10: 0000000000000000
 s11: 0000000000000000 t3 : 0000000000000000 t4 : 0000000000000000
 t5 : 0000000000000000 t6 : 0000000000000000
status: 0000000200000120 badaddr: 0000000000000018 cause: 000000000000000d
[<ffffffff01a1b024>] foo_read+0x12/0x60 [foo]
[<ffffffff802b1c40>] vfs_read+0xc0/0x2e0
[<ffffffff802b1d40>] ksys_read+0x5c/0xd0
Code: 7179 f406 f022 ec26 (6d1c) 8522
@end`,
    says: `
oops/null-deref error NULL-POINTER-DEREFERENCE: BUG: unable to handle kernel NULL pointer dereference in foo_read
lines +0 to 0, riscv64, registers kernel 35, taint O, 6.6.0
culprit foo_read, frames foo_read vfs_read ksys_read
task {cpu 1, pid 4242, comm worker}
fault {address 0x18, oopsCount 1, access read, fields 1}`,
  },
  {
    name: 'riscv illegal',
    log: `
Oops - illegal instruction [#1]
Modules linked in: foo(O)
CPU: 1 PID: 4242 Comm: worker Tainted: G           O       6.6.0 #1
Hardware name: riscv-virtio,qemu (DT)
epc : foo_read+0x12/0x60 [foo]
 ra : vfs_read+0xc0/0x2e0
epc : ffffffff01a1b024 ra : ffffffff802b1c40 sp : ff20000000a3bd80
status: 0000000200000120 badaddr: 0000000000000000 cause: 0000000000000002
[<ffffffff01a1b024>] foo_read+0x12/0x60 [foo]
[<ffffffff802b1c40>] vfs_read+0xc0/0x2e0
Code: 7179 f406 f022 ec26 (0000) 8522
@end`,
    says: `
oops/undefined-instruction error DoS: Oops - illegal instruction in foo_read
lines +0 to 0, riscv64, registers kernel 6, taint O, 6.6.0
culprit foo_read, frames foo_read vfs_read
task {cpu 1, pid 4242, comm worker}
fault {oopsCount 1, fields 1}`,
  },
  {
    name: 'ppc64',
    log: `
Kernel attempted to read user page (18) - exploit attempt? (uid: 1000)
BUG: Kernel NULL pointer dereference on read at 0x00000018
Faulting instruction address: 0xc0080000012e0124
Oops: Kernel access of bad area, sig: 11 [#1]
LE PAGE_SIZE=64K MMU=Radix SMP NR_CPUS=2048 NUMA pSeries
Modules linked in: foo(OE)
CPU: 1 PID: 4242 Comm: worker Tainted: G           OE      6.1.0 #1
Hardware name: IBM pSeries (emulated by qemu) POWER9 (raw) 0x4e1202 0xf000005 of:SLOF,HEAD hv:linux,kvm pSeries
NIP:  c0080000012e0124 LR: c0000000004a1b40 CTR: c0080000012e0100
REGS: c00000000a3bbac0 TRAP: 0300   Tainted: G           OE       (6.1.0)
MSR:  800000000280b033 <SF,VEC,VSX,EE,FP,ME,IR,DR,RI,LE>  CR: 24004224  XER: 00000000
CFAR: c0000000004a1b3c DAR: 0000000000000018 DSISR: 40000000 IRQMASK: 0 
GPR00: c0000000004a1b40 c00000000a3bbd60 c008000001308000 0000000000000000 
GPR04: 0000000000000000 0000000000001000 c00000000a3bbdf0 0000000000000000 
NIP [c0080000012e0124] foo_read+0x24/0x60 [foo]
LR [c0000000004a1b40] vfs_read+0xc0/0x2e0
Call Trace:
[c00000000a3bbd60] [c0000000004a1b00] vfs_read+0x80/0x2e0 (unreliable)
[c00000000a3bbdc0] [c0000000004a2b40] ksys_read+0x5c/0xd0
[c00000000a3bbe10] [c00000000002f8b0] system_call_exception+0x150/0x340
[c00000000a3bbe50] [c00000000000c770] system_call_vectored_common+0xf0/0x280
--- interrupt: 3000 at 0x7fffa1b2c3d4
NIP:  00007fffa1b2c3d4 LR: 0000000000000000 CTR: 0000000000000000
REGS: c00000000a3bbe80 TRAP: 3000   Tainted: G           OE       (6.1.0)
MSR:  800000000280f033 <SF,VEC,VSX,EE,PR,FP,ME,IR,DR,RI,LE>  CR: 44002444  XER: 00000000
IRQMASK: 0 
GPR00: 0000000000000003 00007fffd4a0c1e0 00007fffa1c37100 0000000000000003 
NIP [00007fffa1b2c3d4] 0x7fffa1b2c3d4
LR [0000000000000000] 0x0
--- interrupt: 3000
Instruction dump:
7c0802a6 60000000 fbe1fff8 7c7f1b78 f8010010 f821ffd1 48000005 e93f0018 
<e8690018> 4e800020 60000000 60000000 60000000 60000000 60000000 60000000 
@end`,
    says: `
oops/null-deref error NULL-POINTER-DEREFERENCE: BUG: unable to handle kernel NULL pointer dereference in foo_read
lines +1 to 0, ppc64, registers kernel 20 user 12, taint OE, 6.1.0
culprit foo_read, frames foo_read ?vfs_read ksys_read system_call_exception system_call_vectored_common
task {cpu 1, pid 4242, comm worker}
fault {address 0x18, oopsCount 1, access read, fields 1}`,
  },
  {
    name: 's390',
    log: `
Unable to handle kernel pointer dereference in virtual kernel address space
Failing address: 0000000000000000 TEID: 0000000000000483
Fault in home space mode while using kernel ASCE.
AS:00000001a2b30007 R3:00000001ffff0007 S:00000001fffef800 P:000000000000003d 
Oops: 0004 ilc:2 [#1] SMP 
Modules linked in: foo(OE)
CPU: 1 PID: 4242 Comm: worker Tainted: G           OE      6.1.0 #1
Hardware name: IBM 8561 T01 703 (KVM/Linux)
Krnl PSW : 0704c00180000000 000003ff801a2b3c (foo_read+0x24/0x60 [foo])
           R:0 T:1 IO:1 EX:1 Key:0 M:1 W:0 P:0 AS:3 CC:0 PM:0 RI:0 EA:3
Krnl GPRS: 0000000000000000 0000000000000000 0000000000000000 0000000000001000
           0000000000000000 0000000000000000 0000000000000000 0000000000000000
           0000000000000000 0000000000000000 0000000000000000 0000000000000000
           0000000000000000 0000000000000000 0000000000000000 00000380004a3bd8
Krnl Code: 000003ff801a2b30: b90400b2            lgr     %r11,%r2
           000003ff801a2b34: a7190000            lghi    %r1,0
          #000003ff801a2b38: e31b00180004        lg      %r1,24(%r11)
          >000003ff801a2b3c: 58201000            l       %r2,0(%r1)
           000003ff801a2b40: 07fe                bcr     15,%r14
Call Trace:
 [<000003ff801a2b3c>] foo_read+0x24/0x60 [foo] 
 [<00000001a2b3c4d5>] vfs_read+0xc0/0x2e0 
([<00000001a2b3c4e5>] ksys_read+0x5c/0xd0)
Last Breaking-Event-Address:
 [<00000001a2b3c4d5>] vfs_read+0xbe/0x2e0
Kernel panic - not syncing: Fatal exception: panic_on_oops`,
    says: `
oops/page-fault fatal UNKNOWN: Unable to handle kernel pointer dereference in virtual kernel address space
lines +0 to 0, s390x, registers kernel 18, taint OE, 6.1.0
culprit foo_read, frames foo_read vfs_read ksys_read
stack other, Last Breaking-Event-Address:: vfs_read
task {cpu 1, pid 4242, comm worker}
fault {address 0x0, oopsCount 1, oopsFlags [SMP], errorCode 0x4}
panic Fatal exception: panic_on_oops
cut off`,
  },
  {
    name: 'mips',
    log: `
CPU 1 Unable to handle kernel paging request at virtual address 00000018, epc == c0a1b024, ra == 802b1c40
Oops[#1]:
CPU: 1 PID: 4242 Comm: worker Tainted: G           O       6.1.0 #1
$ 0   : 00000000 00000001 00000000 00000000
$ 4   : 00000000 0061f000 00001000 8fa3be58
$ 8   : 00000000 00000000 00000000 00000000
$12   : 00000000 00000000 00000000 00000000
$16   : 8f2a1b00 00000003 00001000 0061f000
$20   : 00000000 00000000 00000000 00000000
$24   : 00000000 00000000                  
$28   : 8fa3a000 8fa3be20 7fd4a0c8 802b1c40
Hi    : 00000000
Lo    : 00000000
epc   : c0a1b024 foo_read+0x24/0x60 [foo]
ra    : 802b1c40 vfs_read+0xc0/0x2e0
Status: 1100fc03\tKERNEL EXL IE 
Cause : 00800008 (ExcCode 02)
BadVA : 00000018
PrId  : 00019655 (MIPS 24KEc)
Modules linked in: foo(O)
Process worker (pid: 4242, threadinfo=(ptrval), task=(ptrval), tls=77e5cdd4)
Stack : 00000000 00000000 00000000 00000000 8f2a1b00 802b1c40 00000000 00000000
        ...
Call Trace:
[<c0a1b024>] foo_read+0x24/0x60 [foo]
[<802b1c40>] vfs_read+0xc0/0x2e0
[<802b1d40>] ksys_read+0x5c/0xd0
Code: 00000000  00801025  03e00008 <8c820018> 00000000 

@end`,
    says: `
oops/page-fault error MEMORY_SAFETY_BUG: BUG: unable to handle kernel paging request in corrupted
lines +0 to 0, no function to blame was found, mips, registers kernel 38, taint O, 6.1.0
culprit foo_read, frames foo_read vfs_read ksys_read
task {pid 4242, comm worker, cpu 1}
fault {address 0x18, oopsCount 1, access read, fields 1}`,
  },
  {
    name: 'loongarch',
    log: `
CPU 1 Unable to handle kernel paging request at virtual address 0000000000000018, era == ffff800002001024, ra == 900000000032b1c4
Oops[#1]:
CPU: 1 PID: 4242 Comm: worker Tainted: G           O       6.6.0 #1
Hardware name: Loongson Loongson-3A5000-7A1000-1w-A2101/Loongson-LS3A5000-7A1000-1w-A2101, BIOS vUDK2018
pc ffff800002001024 ra 900000000032b1c4 tp 9000000104a3c000 sp 9000000104a3fd80
a0 0000000000000000 a1 0000000000000000 a2 0000000000001000 a3 0000000000000000
a4 0000000000000000 a5 0000000000000000 a6 0000000000000000 a7 000000000000003f
t0 0000000000000000 t1 0000000000000000 t2 0000000000000000 t3 0000000000000000
t4 0000000000000000 t5 0000000000000000 t6 0000000000000000 t7 0000000000000000
t8 0000000000000000 u0 0000000000000000 s9 0000000000000000 s0 0000000000000000
s1 0000000000000000 s2 0000000000000000 s3 0000000000000000 s4 0000000000000000
s5 0000000000000000 s6 0000000000000000 s7 0000000000000000 s8 0000000000000000
   ra: 900000000032b1c4 vfs_read+0xc0/0x2e0
  ERA: ffff800002001024 foo_read+0x24/0x60 [foo]
 CRMD: 000000b0 (PLV0 -IE -DA +PG DACF=CC DACM=CC -WE)
 PRMD: 00000004 (PPLV0 +PIE -PWE)
 EUEN: 00000000 (-FPE -SXE -ASXE -BTE)
 ECFG: 00071c1d (LIE=0,2-4,10-12 VS=7)
ESTAT: 00010000 [PIL] (IS= ECode=1 EsubCode=0)
 BADV: 0000000000000018
 PRID: 0014c011 (Loongson-64bit, Loongson-3A5000)
Modules linked in: foo(O)
Process worker (pid: 4242, threadinfo=(____ptrval____), task=(____ptrval____))
Stack : 0000000000000000 0000000000000000 0000000000000000 0000000000000000
        ...
Call Trace:
[<ffff800002001024>] foo_read+0x24/0x60 [foo]
[<900000000032b1c4>] vfs_read+0xc0/0x2e0
[<900000000032b2c4>] ksys_read+0x5c/0xd0

Code: 00150085  0015000c  4c000020 <28c06084> 4c000020 

@end`,
    says: `
oops/page-fault error MEMORY_SAFETY_BUG: BUG: unable to handle kernel paging request in corrupted
lines +0 to 0, no function to blame was found, loongarch64, registers kernel 39, taint O, 6.6.0
culprit foo_read, frames foo_read vfs_read ksys_read
task {pid 4242, comm worker, cpu 1}
fault {address 0x18, oopsCount 1, access read, fields 1}`,
  },
]);
