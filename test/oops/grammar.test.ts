import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasForm } from '../../src/oops/headline-forms.ts';
import { LogAnalysis } from '../../src/oops/log-analysis.ts';
import { linesOf } from './helpers.ts';

function titles(...written: string[]): string[] {
  const analysis = new LogAnalysis();
  for (const line of linesOf(...written)) analysis.line(line);
  return analysis.finish(written.length).reports.map((r) => r.title);
}

const body = ['CPU: 0 PID: 1 Comm: a Not tainted 6.1.0 #1', 'Call Trace:', ' foo+0x1/0x20', ' bar+0x1/0x20'];

/** Headlines as kernels print them, each enough by itself. */
const whole: readonly string[] = [
  'BUG: KASAN: slab-out-of-bounds in foo+0x12/0x34',
  'BUG: KASAN: double-free or invalid-free in foo+0x12/0x34',
  'BUG: KASAN: use-after-free in foo net/core/foo.c:12 [inline] at addr ffff8801c4b6d110',
  'BUG: KASAN: null-ptr-deref on address 0000000000000010',
  'BUG: KMSAN: uninit-value in foo+0x12/0x34',
  'BUG: KFENCE: use-after-free read in foo+0x12/0x34',
  'BUG: KCSAN: data-race in foo / bar',
  'BUG: unable to handle kernel paging request at ffffea0000f1e540',
  'BUG: unable to handle kernel NULL pointer dereference at           (null)',
  'BUG: unable to handle page fault for address: ffffffffa1b2c3d4',
  'BUG: kernel NULL pointer dereference, address: 0000000000000000',
  'BUG: Kernel NULL pointer dereference on read at 0x00000008',
  'BUG: Unable to handle kernel data access on write at 0xc0080000',
  'BUG: spinlock bad magic on CPU#1, a/12',
  'watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [a:12]',
  'NMI watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [a:12]',
  '[ BUG: bad unlock balance detected! ]',
  '[ BUG: a/12 still has locks held! ]',
  '[ BUG: Invalid wait context ]',
  'BUG: scheduling while atomic: a b/12/0x00000002',
  'BUG: sleeping function called from invalid context at mm/slab.h:305',
  'BUG: using __this_cpu_read() in preemptible [00000000] code: a/12',
  'BUG: Bad rss-counter state mm:00000000a1b2c3d4 type:MM_FILEPAGES val:3',
  'BUG: Dentry ffff88810f3ca880{i=0,n=.index}  still in use (1) [unmount of ext4 loop4]',
  'BUG: Bad page state in process a b  pfn:1f40',
  'BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 33s!',
  'BUG: TASK stack guard page was hit at ffffc900065cfff8 (stack is ffffc900065d0000..ffffc900065d8000)',
  'WARNING: CPU: 2 PID: 12 at kernel/foo.c:12 foo+0x12/0x34',
  'WARNING: kernel/foo.c:12 at foo+0x12/0x34, CPU#2: a/12',
  'WARNING: possible circular locking dependency detected',
  'WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected',
  'WARNING: suspicious RCU usage',
  'WARNING: a/12/0x00000001 still has locks held!',
  "WARNING: kernel stack regs at ffff8801d200fea8 in a:12 has bad 'bp' value ffff8801d200ff28",
  'INFO: task a b:12 blocked for more than 120 seconds.',
  "INFO: task a:12 can't die for more than 143 seconds.",
  'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:',
  'rcu: INFO: rcu_sched self-detected stall on CPU',
  'rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 2-... } 9774 jiffies s: 25 root: 0x4/.',
  'INFO: trying to register non-static key.',
  '[ INFO: possible recursive locking detected ]',
  'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010',
  'Unable to handle kernel access to user memory outside uaccess routines at virtual address 0000000000000010',
  'CPU 3 Unable to handle kernel paging request at virtual address 1f40, epc == 1f40, ra == 1f40',
  'general protection fault: 0000 [#1] PREEMPT SMP',
  'Oops: general protection fault, probably for non-canonical address 0xdffffc0000000004: 0000 [#1] SMP KASAN PTI',
  'general protection fault, maybe for address 0x8: 0000 [#1]',
  'divide error: 0000 [#1] SMP',
  'Oops: int3: 0000 [#1] SMP',
  'traps: PANIC: double fault, error_code: 0x0',
  'Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009',
  'kernel BUG at fs/buffer.c:1917!',
  'Kernel BUG at foo+0x12/0x34 [verbose debug info unavailable]',
  'BUG kmalloc-64 (Not tainted): Poison overwritten',
  'UBSAN: shift-out-of-bounds in lib/foo.c:12:3',
  'unregister_netdevice: waiting for lo to become free. Usage count = 2',
  'VFS: Busy inodes after unmount of sda1 (ext4)',
  'Internal error: Oops: 0000000096000004 [#1] SMP',
];

describe('headlines', () => {
  test.each(whole)('%s', (text) => {
    expect(hasForm(text)).toBe(true);
    // In a log without any marks, with nothing behind it: as the last line that a machine got out.
    expect(titles(`||${text}`)).toHaveLength(1);
    expect(titles(`||> ${text}`)).toHaveLength(1);
    expect(titles(`||a.out[  12.345678] ${text}`)).toHaveLength(1);
  });

  test.each(whole)('in a sentence: %s', (text) => {
    expect(titles(`||I get a message, "${text}", and then nothing.`)).toEqual([]);
    expect(titles(`||\tpr_err("${text}\\n");`)).toEqual([]);
  });

  test.each([
    'WARNING: at drivers/base/foo.c',
    'mydrv 0000:00:1f.3: BUG: no descriptors',
    'INFO: suspicious usage.',
    'general protection fault',
    'Unhandled fault: alignment exception (0x011) at 0x00609be8',
  ])('begins a report only with a body: %s', (text) => {
    expect(titles(`||${text}`)).toEqual([]);
    expect(titles(...[text, ...body].map((l) => `T1|5|${l}`))).toHaveLength(1);
  });

  test('the core kernel’s own word for a bug is one where the line is the kernel’s', () => {
    expect(titles('T1|5|BUG: MAX_LOCKDEP_KEYS too low!')).toHaveLength(1);
    expect(titles('||BUG: MAX_LOCKDEP_KEYS too low!')).toEqual([]);
  });

  test('a body that comes late is another’s', () => {
    const usb = Array.from({ length: 40 }, (_, i) => `usb 1-${i}: new high-speed USB device number ${i}`);
    expect(titles(...['foo: WARNING: bar', ...usb, ...body].map((l) => `T1|5|${l}`))).toEqual([]);
  });

  test('the fuzzer’s own end', () => {
    const trace = [
      '',
      'goroutine 14 [running]:',
      'github.com/google/syzkaller/pkg/image.mustDecompress({0xc004ab5c00})',
    ];
    expect(titles(...['panic: cannot allocate memory', ...trace].map((l) => `||${l}`))).toEqual([
      'panic: cannot allocate memory',
    ]);
    expect(titles(...['2024/06/11 12:53:40 fatal error: foo', '', 'runtime stack:'].map((l) => `||${l}`))).toEqual([
      'go runtime error',
    ]);
  });

  test('forms never throw and take no time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...whole), fc.nat(), fc.string(), (text, at, noise) => {
        const cut = at % text.length;
        expect(typeof hasForm(text.slice(0, cut) + noise + text.slice(cut))).toBe('boolean');
      }),
    );
    const began = performance.now();
    for (const text of whole) hasForm(`${text.slice(0, 20)}${' a'.repeat(20_000)}${text.slice(20).repeat(200)}`);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('a kernel begins again', () => {
  const loader = [
    'SeaBIOS (version 1.16)',
    'Booting from Hard Disk 0...',
    'Decompressing Linux... Parsing ELF... done.',
    'Booting the kernel.',
  ].map((l) => `||${l}`);
  const running = ['r0 = socket$inet(0x2, 0x1, 0x0)', 'mmap(&(0x7f0000000000/0x1000)=nil, 0x1000, 0x3)'].map(
    (l) => `||${l}`,
  );

  test('the first one does not', () => {
    expect(titles(...loader)).toEqual([]);
    expect(titles('||Welcome to GRUB!', '||error: no such device', ...loader.slice(2))).toEqual([]);
  });

  test('after what only a machine that was up prints', () => {
    expect(titles(...running, ...loader)).toEqual(['unexpected kernel reboot']);
    expect(titles(...running, ...loader.slice(2))).toEqual(['unexpected kernel reboot']);
    expect(titles(...loader, '||[  OK  ] Started a service.', ...loader)).toEqual(['unexpected kernel reboot']);
  });

  test('not if it was told to', () => {
    expect(titles(...running, '||reboot: Restarting system', ...loader)).toEqual([]);
  });
});
