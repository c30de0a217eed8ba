import { describe, expect, test } from 'vitest';
import { extractFacts } from '../../../src/oops/extract/extract.ts';
import { rawReport } from './raw.ts';

const oops = `
BUG: kernel NULL pointer dereference, address: 0000000000000020
#PF: supervisor write access in kernel mode
#PF: error_code(0x0002) - not-present page
PGD 2564067 P4D 2564067 PUD 1b3ae067 PMD 0 
Oops: Oops: 0002 [#1] PREEMPT SMP NOPTI
CPU: 3 UID: 1000 PID: 143 Comm: my comm Kdump: loaded Tainted: G        W  OE      6.12.1-demo 0123456789abcdef0123456789abcdef01234567 #7 PREEMPT(voluntary) 
Tainted: [W]=WARN, [O]=OOT_MODULE, [E]=UNSIGNED_MODULE
Hardware name: Demo Board, BIOS 1.0 01/01/2030
Workqueue: events demo_work [demo]
RIP: 0010:demo_write+0x12/0x20 [demo]
Code: 0f 1f 44 00 <89> 70 20 90
RSP: 0018:ffffd274405dba28 EFLAGS: 00010246
RAX: 0000000000000000 RBX: ffffffffc030f100 RCX: 0000000000000003
R13: ffffd274405dba48 R14: ffffd274405dba30 R15: 0000000000000000
FS:  00000000354f9400(0000) GS:ffff89cadf400000(0000) knlGS:0000000000000000
CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033
CR2: 0000000000000020 CR3: 0000000001caa000 CR4: 0000000000750ef0
PKRU: 55555554
Call Trace:
 <IRQ>
 demo_irq+0x1/0x2 [demo]
eth0: link up
 ? stale+0x3/0x4
 </IRQ>
 <TASK>
RIP: 0010:interrupted+0x5/0x6
RSP: 0018:ffffd274405dbb00 EFLAGS: 00000202
RAX: 0000000000000001 RBX: 0000000000000002 RCX: 0000000000000003
 do_syscall_64+0x87/0x1b0
RIP: 0033:0x4ae3f7
Code: 0f 05 <5b> c3
RSP: 002b:00007ffd37b479d0 EFLAGS: 00000202 ORIG_RAX: 0000000000000001
RAX: ffffffffffffffda RBX: 00000000354f9400 RCX: 00000000004ae3f7
 </TASK>
Modules linked in: demo(OE+) other [last unloaded: gone(O)]
CR2: 0000000000000020
---[ end trace 0000000000000000 ]---
RIP: 0010:demo_write+0x12/0x20 [demo]
Code: 0f 1f 44 00 <89> 70 20 90
RSP: 0018:ffffd274405dba28 EFLAGS: 00010246
RAX: 0000000000000000 RBX: ffffffffc030f100 RCX: 0000000000000003
Kernel panic - not syncing: Fatal exception in interrupt
Kernel Offset: 0x5000000 from 0xffffffff81000000 (relocation range: 0xffffffff80000000-0xffffffffbfffffff)
---[ end Kernel panic - not syncing: Fatal exception in interrupt ]---
something else altogether`;

describe('an oops of x86-64', () => {
  const facts = extractFacts(rawReport(oops));

  test('frames: the IP first, what was interrupted in its place', () => {
    expect(facts.architecture).toBe('x86_64');
    expect(facts.frames.map((f) => [f.function, f.reliable, f.section])).toEqual([
      ['demo_write', true, undefined],
      ['demo_irq', true, 'IRQ'],
      ['stale', false, 'IRQ'],
      ['interrupted', true, 'TASK'],
      ['do_syscall_64', true, 'TASK'],
    ]);
    expect(facts.frames[0]).toMatchObject({ offset: 0x12, size: 0x20, module: 'demo', range: { firstLine: 109 } });
    expect(facts.stacks.map((s) => s.role)).toEqual(['trap']);
    expect(facts.stacks[0]?.frames).toEqual(facts.frames);
  });

  test('registers: three dumps, the repeated one left out', () => {
    const [kernel, inner, user] = facts.registers ?? [];
    expect(facts.registers?.map((r) => r.mode)).toEqual(['kernel', 'kernel', 'user']);
    expect(kernel?.values).toMatchObject({
      rax: 0n,
      rsp: 0xffffd274405dba28n,
      ss: 0x18n,
      cr2: 0x20n,
      fs_base: 0x354f9400n,
      pkru: 0x55555554n,
    });
    expect(kernel?.ip?.function).toBe('demo_write');
    expect(kernel?.ranges.cr4?.firstLine).toBe(116);
    expect(inner?.ip?.function).toBe('interrupted');
    expect(user?.values).toMatchObject({ rip: 0x4ae3f7n, rsp: 0x7ffd37b479d0n, orig_rax: 1n });
    expect(user?.codeSegment).toBe(0x33);
  });

  test('fault, page table, code', () => {
    expect(facts.fault).toMatchObject({
      address: 0x20n,
      access: 'write',
      mode: 'kernel',
      errorCode: 2n,
      oopsCount: 1,
      oopsFlags: ['PREEMPT', 'SMP', 'NOPTI'],
    });
    expect(facts.pageTable?.map((e) => e.level)).toEqual(['pgd', 'p4d', 'pud', 'pmd']);
    expect(facts.code).toMatchObject([
      { units: ['0f', '1f', '44', '00', '89', '70', '20', '90'], marked: 4, unitSize: 1, mode: 'kernel' },
      { marked: 2, mode: 'user' },
    ]);
  });

  test('modules, taint, task, kernel, panic', () => {
    expect(facts.modules).toEqual(['demo', 'other']);
    expect(facts.linkedModules?.[0]?.flags).toBe('OE+');
    expect(facts.taintFlags).toEqual(['W', 'O', 'E']);
    expect(facts.taints).toContain('out-of-tree module');
    expect(facts.task).toEqual({ cpu: 3, uid: 1000, pid: 143, comm: 'my comm', workqueue: 'events demo_work [demo]' });
    expect(facts.kernel).toEqual({
      release: '6.12.1-demo',
      version: '#7',
      buildId: '0123456789abcdef0123456789abcdef01234567',
      preemptModel: 'PREEMPT(voluntary)',
      hardware: 'Demo Board, BIOS 1.0 01/01/2030',
      kaslrOffset: 0x5000000n,
    });
    expect(facts.panic).toMatchObject({ message: 'Fatal exception in interrupt', range: { firstLine: 141 } });
  });

  test('where it ends', () => {
    expect(facts.lastLine).toBe(43);
    expect(facts.unfinished).toBe(false);
    const cut = oops.slice(0, oops.indexOf('Modules linked'));
    expect(extractFacts(rawReport(cut)).unfinished).toBe(true);
  });
});

describe('older x86', () => {
  test('bracketed addresses, a stack dump, modules over two lines', () => {
    const facts = extractFacts(
      rawReport(`
BUG: unable to handle kernel paging request at ffffc90000001000
IP: [<ffffffff81234567>] demo+0x17/0x40
PGD 1fc0fe067 PUD 1fc0ff067 PMD 1fb0d7067 PTE 0
Oops: 0000 [#2] SMP
Modules linked in: aaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbb cccccccccccccccccc dddddddddddd eeeeeeeeeeeeee
 fffffffff ggggggggg
CPU: 0 PID: 12 Comm: x Not tainted 4.4.0 #1
task: ffff88003dda8000 ti: ffff88003dd70000 task.ti: ffff88003dd70000
RIP: 0010:[<ffffffff81234567>]  [<ffffffff81234567>] demo+0x17/0x40
RSP: 0018:ffff88003dd739f8  EFLAGS: 00000202
RAX: ffff8807fd8d9ff0 RBX: ffffffff8199cdac RCX: 0000000000000002
Stack:
 0000000000000000 000000018220843f ffff88003dda8000 ffff8807c692a000
Call Trace:
 <IRQ> 
 [<ffffffff810889b0>] ? leave+0x180/0x180
 <EOI> 
 [<ffffffff812534ff>] on_each+0x3f/0xb0
Code: 32 df <75> f8
RIP  [<ffffffff81234567>] demo+0x17/0x40
 RSP <ffff88003dd739f8>
CR2: ffffc90000001000
---[ end trace 4b1ba4a4a4a4a4a4 ]---`),
    );
    expect(facts.frames.map((f) => [f.function, f.section, f.address])).toEqual([
      ['demo', undefined, 0xffffffff81234567n],
      ['leave', 'IRQ', 0xffffffff810889b0n],
      ['on_each', 'EOI', 0xffffffff812534ffn],
    ]);
    expect(facts.modules?.length).toBe(7);
    expect(facts.registers).toHaveLength(1);
    expect(facts.registers?.[0]?.values).toMatchObject({ rip: 0xffffffff81234567n, cr2: 0xffffc90000001000n });
    expect(facts.taintFlags).toEqual([]);
    expect(facts.fault).toMatchObject({ address: 0xffffc90000001000n, oopsCount: 2, access: 'read' });
    expect(facts.unfinished).toBe(false);
  });

  test('a warning whose registers stand in the trace', () => {
    const facts = extractFacts(
      rawReport(
        `
WARNING: CPU: 0 PID: 5 at lib/demo.c:12 demo+0x1/0x2
CPU: 0 PID: 5 Comm: x Not tainted 4.14.0 #1
Call Trace:
 dump_stack+0x1/0x2
 __warn+0x1/0x2
 do_invalid_op+0x1/0x2
 invalid_op+0x1/0x2
RIP: 0010:demo+0x1/0x2
RSP: 0018:ffff8801da407e98 EFLAGS: 00010086
RAX: dffffc0000000000 RBX: 00000000001606f0 RCX: 0000000000000000
 caller+0x1/0x2
 entry_SYSCALL_64_fastpath+0x1/0x2
---[ end trace 0123456789abcdef ]---`,
        '------------[ cut here ]------------',
      ),
    );
    expect(facts.frames.map((f) => f.function)).toEqual([
      'demo',
      'dump_stack',
      '__warn',
      'do_invalid_op',
      'invalid_op',
      'caller',
      'entry_SYSCALL_64_fastpath',
    ]);
  });

  test('general protection fault, i386', () => {
    const facts = extractFacts(
      rawReport(`
general protection fault: 0018 [#1] SMP
Pid: 12, comm: demo Tainted: P           O 3.2.0 #3 Some Vendor Board
EIP: 0060:[<c1234567>] EFLAGS: 00010246 CPU: 1
EIP is at demo+0x1/0x2
EAX: 00000001 EBX: 00000002 ECX: 00000003 EDX: 00000004
 DS: 007b ES: 007b FS: 00d8 GS: 0033 SS: 0068
Call Trace:
 [<c1000000>] caller+0x1/0x2
---[ end trace 0123456789abcdef ]---`),
    );
    expect(facts.architecture).toBe('i386');
    expect(facts.frames.map((f) => f.function)).toEqual(['demo', 'caller']);
    expect(facts.registers?.[0]?.values).toMatchObject({ eip: 0xc1234567n, eax: 1n, eflags: 0x10246n, ss: 0x68n });
    expect(facts.fault?.fields).toContainEqual({ name: 'index', value: '3' });
    expect(facts.kernel).toMatchObject({ release: '3.2.0', version: '#3', hardware: 'Some Vendor Board' });
    expect(facts.taintFlags).toEqual(['P', 'O']);
  });

  test('an oops line into which another program printed', () => {
    const facts = extractFacts(
      rawReport(`
BUG: kernel NULL pointer dereference, address: 0000000000000020
#PF: supervisor read access in kernel mode
#PF: error_code(0x0000) - not-present page
Oologin: adminps: 0000 [#1] PREEMPT SMP NOPTI
CPU: 1 PID: 96 Comm: demo Not tainted 6.1.0 #1
RIP: 0010:demo+0xe/0x19
Call Trace:
 caller+0x1/0x2`),
    );
    expect(facts.fault).toMatchObject({ oopsCount: 1, oopsFlags: ['PREEMPT', 'SMP', 'NOPTI'], errorCode: 0n });
  });

  test('control registers of two CPUs that are the same', () => {
    const dump = (cpu: number, ip: string): string => `NMI backtrace for cpu ${cpu}
CPU: ${cpu} PID: 9 Comm: demo Not tainted 6.1.0 #1
RIP: 0010:${ip}+0x1/0x2
RSP: 0018:ffffd244c03cbee${cpu} EFLAGS: 00000002
RAX: 000000000000000${cpu} RBX: ffffffffc02da608 RCX: 0000000000000002
CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033
CR2: 00000000005e22c${cpu} CR3: 000000001992e000 CR4: 0000000000750ef0
PKRU: 55555554
Call Trace:
 <TASK>
 ${ip}_caller+0x1/0x2
 </TASK>`;
    const facts = extractFacts(
      rawReport(
        `rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n\t(detected by 0, t=5252 jiffies, g=-899, q=26 ncpus=2)\nSending NMI from CPU 0 to CPUs 1-2:\n${dump(1, 'foo')}\n${dump(2, 'bar')}`,
      ),
    );
    expect(facts.registers?.map(({ values }) => values.cr0)).toEqual([0x80050033n, 0x80050033n]);
    expect(facts.registers?.map(({ values }) => values.cr2)).toEqual([0x5e22c1n, 0x5e22c2n]);
    expect(facts.registers?.map(({ values }) => values.pkru)).toEqual([0x55555554n, 0x55555554n]);
  });
});
