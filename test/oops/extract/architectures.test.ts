import { describe, expect, test } from 'vitest';
import { extractFacts } from '../../../src/oops/extract/extract.ts';
import { rawReport } from './raw.ts';

const facts = (text: string) => extractFacts(rawReport(text));
const names = (text: string) => facts(text).frames.map((f) => f.function);

describe('arm64', () => {
  const now = `
Unable to handle kernel NULL pointer dereference at virtual address 0000000000000020
Mem abort info:
  ESR = 0x0000000096000046
  EC = 0x25: DABT (current EL), IL = 32 bits
  SET = 0, FnV = 0
  EA = 0, S1PTW = 0
  FSC = 0x06: level 2 translation fault
Data abort info:
  ISV = 0, ISS = 0x00000046
  CM = 0, WnR = 1
user pgtable: 4k pages, 48-bit VAs, pgdp=0000000043321000
[0000000000000020] pgd=080000004331c003, p4d=080000004331c003, pud=0000000000000000
Internal error: Oops: 0000000096000046 [#1] SMP
Modules linked in: demo(OE)
CPU: 1 PID: 93 Comm: init Tainted: G           OE      6.1.0-demo #1  Vendor 6.1
Hardware name: demo,board (DT)
pstate: 60000005 (nZCv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)
pc : demo_write+0x18/0x38 [demo]
lr : demo_caller+0x178/0x19c [demo]
sp : ffff800008683c60
x29: ffff800008683c60 x28: ffff0a3843206180 x27: 0000000000000000
x2 : 0000000000000002 x1 : ffff0a3843206180 x0 : ffffae671b1b99e4
Call trace:
 demo_write+0x18/0x38 [demo] (P)
 demo_caller+0x178/0x19c [demo] (L)
 el0t_64_sync+0x18c/0x190
Code: d503233f a9bf7bfd d2800002 910003fd (29440443) 
---[ end trace 0000000000000000 ]---`;

  test('an oops of now', () => {
    const f = facts(now);
    expect(f.architecture).toBe('arm64');
    expect(f.frames.map((x) => x.function)).toEqual(['demo_write', 'demo_caller', 'el0t_64_sync']);
    expect(f.registers?.[0]?.values).toMatchObject({
      x29: 0xffff800008683c60n,
      x2: 2n,
      sp: 0xffff800008683c60n,
      pstate: 0x60000005n,
    });
    expect(f.registers?.[0]?.words?.pstate).toContain('nZCv daif');
    expect(f.registers?.[0]?.lr?.function).toBe('demo_caller');
    expect(f.fault).toMatchObject({ address: 0x20n, esr: 0x96000046n, access: 'write', mode: 'kernel', oopsCount: 1 });
    expect(f.fault?.fields?.at(-1)).toMatchObject({ name: 'pgtable', value: 'user' });
    expect(f.pageTable?.map((e) => e.level)).toEqual(['pgd', 'p4d', 'pud']);
    expect(f.code?.[0]).toMatchObject({ unitSize: 4, marked: 4 });
    expect(f.kernel).toMatchObject({ release: '6.1.0-demo', version: '#1 Vendor 6.1' });
    expect(f.unfinished).toBe(false);
  });

  test('an oops of 4.4', () => {
    const f = facts(`
Internal error: Oops: 96000006 [#1] PREEMPT SMP
CPU: 2 PID: 7 Comm: demo Not tainted 4.4.0 #1
Hardware name: demo board (DT)
task: ffffffc0f6d8c000 ti: ffffffc0f6d90000 task.ti: ffffffc0f6d90000
PC is at demo+0x14/0x20
LR is at caller+0x10/0x20
pc : [<ffffff80083b2478>] lr : [<ffffff80081b2400>] pstate: 60000145
sp : ffffffc0f6d93d40
x29: ffffffc0f6d93d40 x28: ffffffc0f6d90000 
Call trace:
[<ffffff80083b2478>] demo+0x14/0x20
[<ffffff80081b2400>] caller+0x10/0x20
---[ end trace 0123456789abcdef ]---`);
    expect(f.frames.map((x) => x.function)).toEqual(['demo', 'caller']);
    expect(f.registers).toHaveLength(1);
    expect(f.registers?.[0]?.values).toMatchObject({
      pc: 0xffffff80083b2478n,
      lr: 0xffffff80081b2400n,
      pstate: 0x60000145n,
      x28: 0xffffffc0f6d90000n,
    });
    expect(f.fault).toMatchObject({ esr: 0x96000006n, access: 'read' });
  });

  test('a stack overflow prints its registers before the panic', () => {
    const before = `Insufficient stack space to handle exception!
ESR: 0x0000000096000047 -- DABT (current EL)
FAR: 0xffff80000827fe70
pstate: 00000005 (nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)
pc : demo_recurse+0x1c/0xa0
sp : ffff80000827fe70`;
    const f = extractFacts(
      rawReport('Kernel panic - not syncing: kernel stack overflow\nCall trace:\n dump_backtrace+0xe4/0x140', before),
    );
    expect(f.frames.map((x) => x.function)).toEqual(['demo_recurse', 'dump_backtrace']);
    expect(f.fault).toMatchObject({ esr: 0x96000047n, address: 0xffff80000827fe70n, access: 'write' });
  });
});

test('arm', () => {
  const text = `
Unable to handle kernel NULL pointer dereference at virtual address 00000008
pgd = c0004000
[00000008] *pgd=00000000
Internal error: Oops: 805 [#1] SMP ARM
Modules linked in:
CPU: 0 PID: 12 Comm: demo Not tainted 4.19.0 #1
Hardware name: Demo (Device Tree)
PC is at demo+0x1c/0x40
LR is at caller+0x10/0x20
pc : [<c0012345>]    lr : [<c0012300>]    psr: 60000013
sp : de5b7e60  ip : 00000000  fp : de5b7e7c
r10: 00000000  r9 : c0b04e88  r8 : 00000000
r3 : 00000001  r2 : 00000002  r1 : 00000003  r0 : 00000004
Flags: nZCv  IRQs on  FIQs on  Mode SVC_32  ISA ARM  Segment none
Control: 10c5387d  Table: 7e3a406a  DAC: 00000051
Process demo (pid: 12, stack limit = 0xde5b6210)
Stack: (0xde5b7e60 to 0xde5b8000)
7e60: 00000000 c0b04e88 00000000 de5b7e7c
[<c0012345>] (demo) from [<c0023456>] (first+0x24/0x30)
[<c0023456>] (first) from [<c0034567>] (second+0x10/0x20 [mod])
[<c0034567>] (second [mod]) from [<c0011528>] (ret_from_fork+0x14/0x2c)
Code: e92d4010 e1a04000 (e5801008) e8bd8010 
---[ end trace 0123456789abcdef ]---`;
  const f = facts(text);
  expect(f.architecture).toBe('arm');
  expect(f.frames.map((x) => [x.function, x.offset])).toEqual([
    ['demo', 0x1c],
    ['first', 0x24],
    ['second', 0x10],
  ]);
  expect(f.registers?.[0]?.values).toMatchObject({
    pc: 0xc0012345n,
    lr: 0xc0012300n,
    psr: 0x60000013n,
    r0: 4n,
    dac: 0x51n,
  });
  expect(f.fault).toMatchObject({ address: 8n, access: 'write', errorCode: 0x805n, oopsFlags: ['SMP', 'ARM'] });
  expect(f.pageTable).toEqual([{ level: 'pgd', value: 0n }]);
  expect(f.task).toMatchObject({ pid: 12, comm: 'demo', interruptState: 'IRQs on  FIQs on' });
  expect(f.code?.[0]).toMatchObject({ marked: 2, unitSize: 4 });
  expect(
    names(text.replace(/^\[<c.{6}5>\] \(demo\).*$/m, ' demo from first+0x24/0x30').replace(/^\[.*\n/gm, '')),
  ).toEqual(['demo', 'first']);
});

test('riscv64', () => {
  const f = facts(`
Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008
Oops [#1]
CPU: 0 PID: 1 Comm: demo Not tainted 6.1.0 #1
Hardware name: riscv-virtio,qemu (DT)
epc : demo+0x12/0x34
 ra : caller+0x1/0x2
epc : ffffffff80001234 ra : ffffffff80001200 sp : ff20000000013d40
 gp : ffffffff81a1b2c0 tp : ff60000001a88000 t0 : 0000000000000000
status: 0000000200000120 badaddr: 0000000000000008 cause: 000000000000000f
[<ffffffff80001234>] demo+0x12/0x34
[<ffffffff80001200>] caller+0x1/0x2
---[ end trace 0000000000000000 ]---`);
  expect(f.architecture).toBe('riscv64');
  expect(f.frames.map((x) => x.function)).toEqual(['demo', 'caller']);
  expect(f.registers).toHaveLength(1);
  expect(f.registers?.[0]).toMatchObject({
    mode: 'kernel',
    values: { epc: 0xffffffff80001234n, ra: 0xffffffff80001200n, cause: 15n },
  });
  expect(f.fault).toMatchObject({ address: 8n, access: 'write', oopsCount: 1 });
});

test('ppc64', () => {
  const f = facts(`
BUG: Kernel NULL pointer dereference on read at 0x00000008
Faulting instruction address: 0xc000000000123456
Oops: Kernel access of bad area, sig: 11 [#1]
LE PAGE_SIZE=64K MMU=Radix SMP NR_CPUS=2048 NUMA pSeries
Modules linked in: demo
CPU: 0 PID: 12 Comm: demo Not tainted 5.15.0 #1
NIP:  c000000000123456 LR: c000000000123400 CTR: 0000000000000000
REGS: c00000000f0e7a60 TRAP: 0300   Not tainted  (5.15.0)
MSR:  8000000000009033 <SF,EE,ME,IR,DR,RI,LE>  CR: 28002822  XER: 00000000
CFAR: c000000000120000 DAR: 0000000000000008 DSISR: 40000000 IRQMASK: 0 
GPR00: c000000000123400 c00000000f0e7d00 c000000001a5f000 0000000000000000 
GPR04: 0000000000000001 0000000000000002 0000000000000003 0000000000000004 
NIP [c000000000123456] demo+0x16/0x40
LR [c000000000123400] caller+0x20/0x40
Call Trace:
[c00000000f0e7d00] [c000000000123400] caller+0x20/0x40 (unreliable)
[c00000000f0e7d40] [c00000000000b000] system_call+0x5c/0x70
Instruction dump:
XXXXXXXX 38210020 <e8010010> 4e800020 
60000000 60000000
---[ end trace 0123456789abcdef ]---`);
  expect(f.architecture).toBe('ppc64');
  expect(f.frames.map((x) => [x.function, x.reliable])).toEqual([
    ['demo', true],
    ['caller', false],
    ['system_call', true],
  ]);
  expect(f.registers).toHaveLength(1);
  expect(f.registers?.[0]?.values).toMatchObject({
    nip: 0xc000000000123456n,
    r1: 0xc00000000f0e7d00n,
    r7: 4n,
    dar: 8n,
  });
  expect(f.registers?.[0]?.words?.msr).toBe('SF,EE,ME,IR,DR,RI,LE');
  expect(f.code?.[0]).toMatchObject({ marked: 2, unitSize: 4 });
  expect(f.code?.[0]?.units).toHaveLength(6);
  expect(f.fault).toMatchObject({ address: 8n, access: 'read', oopsCount: 1 });
});

test('s390x', () => {
  const f = facts(`
Unable to handle kernel pointer dereference in virtual kernel address space
Failing address: 0000000000000000 TEID: 0000000000000483
Oops: 0004 ilc:2 [#1] SMP 
Modules linked in: demo
CPU: 0 PID: 10721 Comm: demo Not tainted 5.10.0 #1
Krnl PSW : 0704c00180000000 000000000045a78e (demo+0x62/0x7c)
           R:0 T:1 IO:1 EX:1 Key:0 M:1 W:0 P:0 AS:3 CC:0 PM:0 RI:0 EA:3
Krnl GPRS: 000000000c5fff88 000000006bc08600 000000006d3e4078 0000000000000000
           0000000000000020 0000000000000000 0000000000001000 000000000c5fff80
           0000000000000000 000000006d3e4078 0000000000000020 0000000000000000
           000000006d3e4078 000000006bc09200 000000006c94b8b0 000000006c94b858
Krnl Code: 000000000045a788: 00f7		acr	%r15,4
          #000000000045a78a: a7f40001		brc	15,45a78c
          >000000000045a78e: eb7ff0a80004	lmg	%r6,%r15,160(%r15)
Call Trace:
([<00000000029e8000>] 0x29e8000)
 [<000000000045ac94>] caller+0xdc/0x184
Last Breaking-Event-Address:
 [<000000000045a78a>] demo+0x5e/0x7c
---[ end trace 0123456789abcdef ]---`);
  expect(f.architecture).toBe('s390x');
  expect(f.frames.map((x) => x.function)).toEqual(['demo', undefined, 'caller']);
  expect(f.registers).toHaveLength(1);
  expect(f.registers?.[0]?.values).toMatchObject({ pswa: 0x45a78en, r0: 0xc5fff88n, r15: 0x6c94b858n });
  expect(f.code?.[0]).toMatchObject({
    units: ['00', 'f7', 'a7', 'f4', '00', '01', 'eb', '7f', 'f0', 'a8', '00', '04'],
    marked: 6,
  });
  expect(f.fault).toMatchObject({ address: 0n, errorCode: 4n });
  expect(f.stacks.map((s) => s.role)).toEqual(['trap', 'other']);
});

test('mips', () => {
  const f = facts(`
CPU 0 Unable to handle kernel paging request at virtual address 00000008, epc == 80123456, ra == 80123400
Oops[#1]:
CPU: 0 PID: 12 Comm: demo Not tainted 4.14.0 #1
$ 0   : 00000000 00000001 00000002 00000003
$ 4   : 00000004 00000005 00000006 00000007
Hi    : 00000000
Lo    : 00000001
epc   : 80123456 demo+0x16/0x40
ra    : 80123400 caller+0x20/0x40
Status: 1100fc03	KERNEL EXL IE 
Cause : 0080000c (ExcCode 03)
BadVA : 00000008
Call Trace:
[<80123456>] demo+0x16/0x40
[<80123400>] caller+0x20/0x40
Code: 27bdffe8  afbf0014 <8c620000> 03e00008 
---[ end trace 0123456789abcdef ]---`);
  expect(f.architecture).toBe('mips');
  expect(f.frames.map((x) => x.function)).toEqual(['demo', 'caller']);
  expect(f.registers).toHaveLength(1);
  expect(f.registers?.[0]?.values).toMatchObject({ r3: 3n, r7: 7n, epc: 0x80123456n, badva: 8n });
  expect(f.registers?.[0]?.words?.status).toBe('KERNEL EXL IE');
  expect(f.fault).toMatchObject({ address: 8n, access: 'write', oopsCount: 1 });
});

test('loongarch64', () => {
  const f = facts(`
CPU 0 Unable to handle kernel paging request at virtual address 0000000000000008, era == 9000000000210afc, ra == 9000000000210ac4
Oops[#1]:
CPU: 0 PID: 12 Comm: demo Not tainted 6.6.0 #1
pc 9000000000210afc ra 9000000000210ac4 tp 90000001000d8000 sp 90000001000dbcd0
a0 0000000000000001 a1 0000000000000002 a2 0000000000000003 a3 0000000000000004
   ra: 9000000000210ac4 caller+0x20/0x40
  ERA: 9000000000210afc demo+0x16/0x40
 CRMD: 000000b0 (PLV0 -IE -DA +PG DACF=CC DACM=CC -WE)
 PRMD: 00000004 (PPLV0 +PIE -PWE)
ESTAT: 00020000 [PIS] (IS= ECode=2 EsubCode=0)
 BADV: 0000000000000008
Call Trace:
[<9000000000210afc>] demo+0x16/0x40
[<9000000000210ac4>] caller+0x20/0x40
Code: 4c000020 02ffc063 <29c02061> 4c000020 
---[ end trace 0000000000000000 ]---`);
  expect(f.architecture).toBe('loongarch64');
  expect(f.frames.map((x) => x.function)).toEqual(['demo', 'caller']);
  expect(f.registers?.[0]?.values).toMatchObject({ era: 0x9000000000210afcn, a3: 4n, badv: 8n });
  expect(f.fault).toMatchObject({ address: 8n, access: 'write' });
});

test('arm: an unhandled fault, and registers that frames saved', () => {
  const f = facts(`
Unhandled fault: imprecise external abort (0x1c06) at 0xfa31200c
CPU: 3 PID: 27 Comm: demo Not tainted myrelease #1
Backtrace: 
[<c0015668>] (show_stack) from [<c069798c>] (dump_stack+0x7c/0xc8)
 r7:df712310 r6:df712140
[<c0697910>] (dump_stack) from [<c06946f4>] (start_kernel+0x98/0x218)
 r5:00000061 r4:c094cea8`);
  expect(f.frames.map((x) => x.function)).toEqual(['show_stack', 'dump_stack']);
  expect(f.registers).toBeUndefined();
  expect(f.fault).toMatchObject({ address: 0xfa31200cn, access: 'write', errorCode: 0x1c06n });
  expect(f.fault?.fields?.[0]?.meaning).toBe('imprecise external abort');
  expect(f.kernel).toMatchObject({ release: 'myrelease', version: '#1' });
});
