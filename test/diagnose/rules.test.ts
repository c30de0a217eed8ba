import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import type { ReportDetails } from '../../src/model/details.ts';
import type { Finding } from '../../src/model/explanation.ts';
import type { CrashReport } from '../../src/model/report.ts';
import { crashReport, frame, lines } from '../report/make.ts';

/** A report without the traces of a fault that `make.ts` gives it. */
const plain = (more: Partial<CrashReport>): CrashReport =>
  crashReport({ fault: {}, headline: 'a headline', registers: [], ...more });

const lead = (more: Partial<CrashReport>): Finding | undefined => diagnose(plain(more))[0];

const freed = {
  role: 'freed',
  label: 'Freed by task 9 on cpu 1 at 2.280000s:',
  frames: [frame('kfree+0x1/0x2', 131), frame('frob_release+0x1/0x2 [frob]', 132)],
  pid: 9,
  range: lines(130, 132),
} as const;

describe('rules, by what a kind of report says of itself', () => {
  test.each<[rule: string, kind: string, details: ReportDetails, words: string, more?: Partial<CrashReport>]>([
    [
      'use-after-free',
      'kasan/slab-use-after-free',
      {
        of: 'kasan',
        bug: 'slab-use-after-free',
        access: 'write',
        size: 4,
        object: { size: 64, cache: 'kmalloc-64', relation: '8 bytes inside of', distance: 8, state: 'freed' },
      },
      'frob_read() of module frob wrote 4 bytes at offset 8 of an object of 64 bytes (cache kmalloc-64) after it was freed by frob_release() of module frob in task 9, 250 ms before.',
      { stacks: [freed], seconds: 2.53 },
    ],
    [
      'out-of-bounds',
      'kasan/slab-out-of-bounds',
      {
        of: 'kasan',
        bug: 'slab-out-of-bounds',
        access: 'read',
        size: 8,
        object: { size: 64, relation: '0 bytes to the right of', distance: 0 },
      },
      'read 8 bytes, 0 bytes to the right of an object of 64 bytes.',
    ],
    [
      'out-of-bounds',
      'kfence/out-of-bounds',
      { of: 'kfence', bug: 'out-of-bounds', access: 'write', side: 'left', distance: 1, object: { size: 32 } },
      'wrote to memory 1 byte to the left of an object of 32 bytes.',
    ],
    [
      'out-of-bounds',
      'ubsan/array-index-out-of-bounds',
      { of: 'ubsan', check: 'array-index-out-of-bounds', index: '4', type: 'int [4]', file: 'a.c', line: 7 },
      'used index 4 in an array of type int [4] at a.c:7.',
    ],
    [
      'use-after-scope',
      'kasan/use-after-scope',
      { of: 'kasan', bug: 'use-after-scope', access: 'read', size: 1, stack: { function: 'f', variables: [] } },
      'read 1 byte of a local variable of f() whose block had ended.',
    ],
    [
      'double-free',
      'kasan/double-free',
      { of: 'kasan', bug: 'double-free', access: 'free', object: { size: 32 } },
      'freed an object of 32 bytes that had been freed already by frob_release() of module frob in task 9',
      { stacks: [freed] },
    ],
    [
      'invalid-free',
      'kasan/invalid-free',
      { of: 'kasan', bug: 'invalid-free', object: { size: 32, relation: '4 bytes inside of', distance: 4 } },
      'no object begins there.',
    ],
    [
      'null-member',
      'oops/general-protection',
      { of: 'kasan', bug: 'null-ptr-deref', range: { from: 0x20n, to: 0x27n } },
      'address 0x20: NULL plus 0x20',
    ],
    [
      'memory-tag',
      'kasan/invalid-access',
      { of: 'kasan', bug: 'invalid-access', pointerTag: 0xf2, memoryTag: 0xfe },
      '(the pointer has tag f2, the memory fe)',
    ],
    [
      'uninitialized',
      'kmsan/kernel-infoleak',
      { of: 'kmsan', bug: 'kernel-infoleak', bytes: { from: 4, to: 7, size: 16 }, variable: 'x' },
      'copied to user space the local variable x that was never initialized (bytes 4 to 7 of 16).',
    ],
    [
      'data-race',
      'kcsan/data-race',
      {
        of: 'kcsan',
        functions: [],
        accesses: [
          { access: 'write', words: [], function: 'a', size: 4, task: 'cat', cpu: 1 },
          { access: 'read', words: ['marked'], function: 'b', size: 4, interrupt: true, cpu: 0 },
        ],
        unknownOrigin: false,
      },
      'a() wrote 4 bytes in cat on CPU 1 while b() read the same in an interrupt on CPU 0 (marked), and nothing orders the two.',
    ],
    [
      'undefined-behavior',
      'ubsan/shift-out-of-bounds',
      { of: 'ubsan', check: 'shift-out-of-bounds', message: 'shift exponent 64 is too large', file: 'a.c', line: 3 },
      'Shift exponent 64 is too large at a.c:3, in frob_read() of module frob.',
    ],
    [
      'list-corruption',
      'bug/list-corruption',
      {
        of: 'list-corruption',
        operation: 'del',
        message: 'list_del corruption, 1->next is LIST_POISON1 (dead000000000100)',
        poison: 'LIST_POISON1: the entry was deleted before',
      },
      'deletes an entry of a list that is damaged: the entry was deleted already.',
    ],
    [
      'refcount',
      'warning/refcount',
      { of: 'refcount', problem: 'underflow', message: 'underflow; use-after-free.' },
      'dropped a reference that nobody held any more',
    ],
    [
      'sleep-in-atomic',
      'atomic/sleeping',
      { of: 'sleeping-in-atomic', preemptCount: 0x101, irqsDisabled: true, disabledAt: 'frob_lock+0x1/0x2' },
      'called something that may sleep, with preemption off, in a softirq and with interrupts off; preemption was disabled at frob_lock+0x1/0x2.',
    ],
    [
      'sleep-in-atomic',
      'warning/generic',
      {
        of: 'warning',
        function: 'rcu_note_context_switch',
        file: 'kernel/rcu/tree_plugin.h',
        line: 331,
        message: 'Voluntary context switch within RCU read-side critical section!',
      },
      'frob_read() of module frob gave up the CPU inside of an RCU read section, where nothing may sleep.',
      {
        frames: ['rcu_note_context_switch', '__schedule', 'schedule', 'schedule_timeout', 'msleep']
          .map((name, nth) => frame(`${name}+0x1/0x2`, 110 + nth))
          .concat(frame('frob_read+0x1/0x2 [frob]', 116)),
      },
    ],
    [
      'lock-damaged',
      'locking/rt-mutex',
      { of: 'warning', file: 'kernel/locking/rtmutex.c', line: 1686, message: 'rtmutex deadlock detected' },
      'waits for a lock that it holds itself, or whose holder waits for it.',
    ],
    [
      'lock-damaged',
      'locking/rt-mutex',
      { of: 'warning', file: 'kernel/locking/rtmutex.c', line: 1, message: 'odd' },
      'used a lock that is in a wrong state: odd.',
    ],
    [
      'lock-order',
      'lockdep/circular',
      {
        of: 'lockdep',
        task: 'a',
        pid: 9,
        wanted: { name: '&p->lock', function: 'take' },
        held: [{ name: '&q->lock' }],
        chain: [],
        scenario: ['', '       CPU0                    CPU1'],
      },
      'a (PID 9) takes &p->lock in take() while it holds &q->lock, and elsewhere they are taken the other way round',
    ],
    [
      'lock-misuse',
      'lockdep/bad-unlock',
      { of: 'lockdep', task: 'a', pid: 9, released: { name: 'mrt_lock' }, held: [], chain: [] },
      'frob_read() of module frob, in a (PID 9), released a lock that it does not hold: mrt_lock.',
    ],
    [
      'deadlock',
      'locking/spinlock',
      { of: 'spinlock', problem: 'spinlock recursion', lock: 'frob_lock', owner: 'cat', ownerPid: 9 },
      'takes a spinlock (frob_lock) that its own CPU holds already: it waits for itself.',
    ],
    [
      'lock-damaged',
      'locking/spinlock',
      { of: 'spinlock', problem: 'bad magic', lock: 'frob_lock' },
      'used a spinlock that is in a wrong state (frob_lock): bad magic.',
    ],
    [
      'rcu-usage',
      'rcu/suspicious-usage',
      { of: 'rcu-usage', file: 'a.c', line: 3, message: 'suspicious rcu_dereference_check() usage!', held: [] },
      'used data under RCU at a.c:3 without its protection: suspicious rcu_dereference_check() usage.',
    ],
    [
      'silent-cpu',
      'hang/csd-lock',
      { of: 'lockup', detector: 'csd', cpu: 3, seconds: 5, function: 'f' },
      'CPU 3 has not answered a call from another CPU for 5 seconds (it was to run f)',
    ],
    [
      'workqueue-stall',
      'hang/workqueue-lockup',
      {
        of: 'workqueue-lockup',
        seconds: 31,
        cpus: '1',
        workqueues: [{ name: 'events', inFlight: ['frob_work'], pending: ['x'] }],
      },
      'The workers of CPU 1 made no progress for 31 seconds: they are held up by frob_work.',
    ],
    [
      'out-of-memory',
      'memory/oom',
      {
        of: 'out-of-memory',
        pages: { active_anon: 700, inactive_anon: 200, slab_unreclaimable: 50, free: 20 },
        killed: { pid: 7, task: 'hog', anonRss: 2048 },
      },
      'Memory ran out: most of it is anonymous memory of processes (900 of 970 pages); the kernel killed hog (PID 7), which had 2.0 MiB of anonymous memory.',
    ],
    [
      'out-of-memory',
      'memory/cgroup-oom',
      { of: 'out-of-memory', constraint: 'MEMCG', cgroup: '/a', cgroupUsage: { usage: 9, limit: 1024, failures: 1 } },
      'The control group /a reached its memory limit of 1.0 MiB.',
    ],
    [
      'allocation-failure',
      'memory/allocation-failure',
      { of: 'allocation-failure', task: 'cat', order: 5, gfp: '0xcc0(GFP_KERNEL)' },
      'did not get 32 pages in a row (order 5) with 0xcc0(GFP_KERNEL): so many in a row are rarely free.',
    ],
    [
      'machine-check',
      'hardware/machine-check',
      { of: 'machine-check', cpu: 1, bank: 4, address: 0x1000n },
      'The hardware reported an error (CPU 1, bank 4), at physical address 0x1000: it is no fault of the kernel.',
    ],
    [
      'bus-error',
      'hardware/aer-fatal',
      { of: 'bus-error', bus: 'pcie', device: '0000:00:1c.0', severity: 'Fatal', errors: ['DLP'] },
      'Device 0000:00:1c.0 had a PCIe error (Fatal): DLP.',
    ],
    [
      'unhandled-interrupt',
      'hardware/irq-nobody-cared',
      { of: 'irq', irq: 16, handlers: ['usb_hcd_irq'] },
      'Interrupt 16 came again and again and none of its handlers (usb_hcd_irq) took it: the line was switched off.',
    ],
    [
      'debug-object',
      'warning/odebug',
      { of: 'debug-object', operation: 'free', state: 'active', objectType: 'timer_list', hint: 'f+0x0/0x1' },
      'freed a timer_list that is active (armed, queued or in use) (its function is f+0x0/0x1).',
    ],
    [
      'device-reference',
      'hang/netdev-refcount',
      { of: 'netdev-reference', device: 'lo', usageCount: 2 },
      'The network device lo cannot go away: 2 references to it are not given back.',
    ],
    [
      'usercopy',
      'bug/usercopy',
      {
        of: 'kernel-bug',
        message:
          "usercopy: Kernel memory exposure attempt detected from SLUB object 'kmalloc-64' (offset 0, size 256)!",
      },
      "was about to copy 256 bytes at offset 0 of SLUB object 'kmalloc-64' to user space",
    ],
    [
      'bug-check',
      'bug/kernel-bug',
      { of: 'kernel-bug', file: 'fs/a.c', line: 9 },
      'frob_read() of module frob ran into a BUG() at fs/a.c:9.',
    ],
    [
      'warning-check',
      'warning/generic',
      { of: 'warning', file: 'fs/a.c', line: 9, condition: 'x > 1', function: 'frob_read' },
      'frob_read() of module frob warned at fs/a.c:9 that `x > 1` is true.',
    ],
    [
      'init-died',
      'panic/init-killed',
      { of: 'panic', message: 'Attempted to kill init! exitcode=0x0000000b', exitCode: 11, exitMeaning: 'SIGSEGV' },
      'init, the first process, ended with code 0xb (SIGSEGV)',
    ],
    [
      'no-root',
      'panic/no-root',
      { of: 'panic', message: 'VFS: Unable to mount root fs', rootDevice: 'sda1', partitions: [] },
      'The root file system (sda1) could not be mounted: no block device was found at all',
    ],
    [
      'memory-leak',
      'leak/kmemleak',
      { of: 'kmemleak', size: 64, task: 'cat', pid: 9, hexDump: [] },
      'an object of 64 bytes that frob_read() of module frob allocated in cat (PID 9): it leaked.',
    ],
  ])('%s: %s', (rule, kind, details, words, more = {}) => {
    const finding = lead({ kind, details, ...more });
    expect(finding?.rule).toBe(rule);
    expect(finding?.sentence).toContain(words);
  });
});

describe('rules, by what a report says in other ways', () => {
  test('memory freed that a function gave its own address of is no double free', () => {
    expect(lead({ kind: 'bug/kernel-bug', details: { of: 'kernel-bug', file: 'mm/slub.c', line: 3 } })?.rule).toBe(
      'bug-check',
    );
  });

  test('a recursion of two functions, and an overflow without one', () => {
    const names = Array.from({ length: 8 }, (_, nth) => (nth % 2 === 0 ? 'ping+0x1/0x9' : 'pong+0x1/0x9'));
    const frames = names.map((name, nth) => frame(name, nth + 1));
    const two = lead({ kind: 'oops/stack-overflow', frames });
    expect(two?.sentence).toBe('The kernel stack overflowed: ping() and pong() call each other without end.');
    expect(two?.evidence.map(({ words }) => words)).toContain(
      'ping() stands 4 times in the part of the stack that was printed',
    );
    const none = lead({ kind: 'oops/stack-guard-page' });
    expect(none?.sentence).toBe('The kernel stack overflowed in frob_read() of module frob.');
    expect(none?.against?.join()).toContain('No function stands in the printed stack again and again');
  });

  test('code of __init functions that ran too late', () => {
    const frames = [frame('frob_setup+0x1/0x2', 104, { initText: true }), frame('frob_read+0x1/0x2', 105)];
    const culprit = { function: 'frob_read', passed: [] };
    const finding = lead({ kind: 'oops/int3', frames, culprit });
    expect(finding).toMatchObject({ rule: 'freed-init', confidence: 'likely' });
    expect(finding?.sentence).toBe(
      'frob_read() called frob_setup(), which is __init: that code was freed when the kernel had started.',
    );
  });

  test('a CFI failure, by its line', () => {
    const reportText =
      'CFI failure at frob_run+0x1/0x2 [frob] (target: frob_cb+0x0/0x4 [frob]; expected type: 0x1234abcd)\n';
    expect(lead({ kind: 'oops/cfi', reportText })?.sentence).toContain(
      'called frob_cb() through a function pointer of another type.',
    );
  });

  test('lkdtm and sysrq are somebody asking for it, whatever came of it', () => {
    const frames = [frame('lkdtm_WRITE_RO+0x1/0x2 [lkdtm]', 104)];
    expect(lead({ kind: 'oops/page-fault', fault: { address: 1n }, frames })?.rule).toBe('requested-crash');
  });

  test('a panic names the setting that made it one', () => {
    const panic = { message: 'hung_task: blocked tasks', range: lines(9) };
    expect(lead({ kind: 'panic/hung-task', panic })?.sentence).toContain('(hung_task_panic is set)');
  });

  test('init that died of a fault of its own: the notice is evidence', () => {
    const notices = [{ kind: 'user/segfault', title: 'segfault of init', range: lines(90) }];
    const [finding] = diagnose(plain({ kind: 'panic/init-killed' }), { notices });
    expect(finding?.evidence).toContainEqual({ words: 'right before: segfault of init', firstLine: 90, lastLine: 90 });
  });
});

describe('what is no cause', () => {
  test('stands behind all that is', () => {
    const linkedModules = [{ name: 'frob', flags: 'FOE' }];
    const section = frame('frob_read+0xe/0x19 [frob]', 104, { section: 'IRQ' });
    const findings = diagnose(crashReport({ linkedModules, taintFlags: ['M', 'D'], frames: [section] }));
    expect(findings.map(({ rule }) => rule)).toEqual([
      'null-member',
      'in-interrupt',
      'broken-before',
      'module-taint',
      'hardware-taint',
    ]);
    expect(findings.map(({ circumstance }) => circumstance === true)).toEqual([false, true, true, true, true]);
    expect(findings[3]?.sentence).toBe(
      'The module frob is loaded by force, out of tree and unsigned: its structures may not be those of this kernel.',
    );
  });

  test('nothing is concluded of nothing', () => {
    const report = plain({ kind: 'other/info', taintFlags: [], culprit: { function: 'f', passed: [] }, frames: [] });
    expect(diagnose(report)).toEqual([]);
  });
});
