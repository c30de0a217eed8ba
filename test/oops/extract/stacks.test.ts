import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extractFacts } from '../../../src/oops/extract/extract.ts';
import { parseStackLabel } from '../../../src/oops/extract/stack-label.ts';
import { logLines, rawReport } from './raw.ts';

const facts = (text: string) => extractFacts(rawReport(text));
const roles = (text: string) => facts(text).stacks.map((s) => [s.role, s.frames.map((f) => f.function).join(' ')]);

describe('labels', () => {
  test.each([
    ['Allocated by task 42 on cpu 1 at 10.5s:', { role: 'allocated', pid: 42, cpu: 1 }],
    ['freed by task 483 on cpu 0 at 51.5s (0.5s ago):', { role: 'freed', pid: 483, cpu: 0 }],
    ['Last potentially related work creation:', { role: 'related-work' }],
    ['Second to last potentially related work creation:', { role: 'related-work' }],
    ['Use-after-free read at 0xffff8881 (in kfence-#24):', { role: 'trap', sort: 'stack' }],
    ['Uninit was stored to memory at:', { role: 'origin-stored' }],
    ['Local variable buf created at:', { role: 'origin-created' }],
    ['write (marked) to 0xffff888012345678 of 8 bytes by task 12 on cpu 0:', { role: 'race-access', pid: 12, cpu: 0 }],
    ['read to 0xffff888012345678 of 4 bytes by interrupt on cpu 3:', { role: 'race-access', cpu: 3 }],
    ['-> #1 (&mm->mmap_lock){++++}-{3:3}:', { role: 'lock' }],
    ['{HARDIRQ-ON-W} state was registered at:', { role: 'lock' }],
    ['... which became HARDIRQ-irq-safe at:', { role: 'lock' }],
    ['   INITIAL USE at:', { role: 'lock' }],
    ['  backtrace (crc 1234abcd):', { role: 'allocated' }],
    ['INFO: Allocated in demo+0x1/0x2 age=46310 cpu=6 pid=32154', { role: 'allocated' }],
    ['Freed in demo+0x1/0x2 [mod] age=1 cpu=6 pid=3', { role: 'freed' }],
    [
      'page last allocated via order 0, migratetype Unmovable, gfp_mask 0x0(), pid 12, tgid 12 (x), ts 1',
      { role: 'page-owner', pid: 12 },
    ],
    ['page last free pid 12 tgid 12 stack trace:', { role: 'page-owner', pid: 12 }],
    ['NMI backtrace for cpu 7', { role: 'cpu', sort: 'subject', cpu: 7 }],
    ['task:kworker/0:1     state:D stack:0     pid:17    ppid:2', { role: 'task', comm: 'kworker/0:1', pid: 17 }],
    ['kworker/0:1     D28032    24      2 0x80000000', { role: 'task', comm: 'kworker/0:1', pid: 24 }],
    ['swapper/1       R  running task    24624     0      1 0x00200000', { role: 'task', comm: 'swapper/1', pid: 0 }],
    ['Call Trace: ', { sort: 'plain' }],
  ])('%s', (text, expected) => {
    expect(parseStackLabel(text)).toMatchObject(expected);
  });

  test.each([
    'Allocated memory for crash kernel',
    'Showing busy workqueues and worker pools:',
    'usb 1-1: freed',
    'CPU0             CPU1',
    '',
  ])('no label: %s', (text) => {
    expect(parseStackLabel(text)).toBeUndefined();
  });
});

describe('stacks', () => {
  test('KASAN', () => {
    const f = facts(`
BUG: KASAN: slab-use-after-free in demo+0x1/0x2
Read of size 8 at addr ffff888012345678 by task a/42
CPU: 1 PID: 42 Comm: a Not tainted 6.1.0 #1
Call Trace:
 <TASK>
 dump_stack_lvl+0x1/0x2
 __demo_inner lib/demo.c:10 [inline]
 demo+0x1/0x2 lib/demo.c:20
 </TASK>

Allocated by task 41:
 kasan_save_stack+0x1/0x2

Freed by task 40:
 kfree+0x1/0x2

Last potentially related work creation:
 call_rcu+0x1/0x2

The buggy address belongs to the object at ffff888012345600
Memory state around the buggy address:
 ffff888012345580: fa fb fb fb fb fb fb fb fb fb fb fb fb fb fb fb
>ffff888012345600: fa fb fb fb fb fb fb fb fb fb fb fb fb fb fb fb
                                                                ^
==================================================================
unrelated: but printed by the same task`);
    expect(f.stacks.map((s) => [s.role, s.pid])).toEqual([
      ['trap', undefined],
      ['allocated', 41],
      ['freed', 40],
      ['related-work', undefined],
    ]);
    expect(f.frames[1]).toMatchObject({
      function: 'demo',
      source: { file: 'lib/demo.c', line: 20 },
      inlined: [{ function: '__demo_inner', source: { line: 10 } }],
    });
    expect(f.lastLine).toBe(24);
    expect(f.task).toMatchObject({ pid: 42, comm: 'a', cpu: 1 });
  });

  test('KMSAN begins without a label', () => {
    expect(
      roles(`
BUG: KMSAN: uninit-value in demo+0x1/0x2
 demo+0x1/0x2
 caller+0x1/0x2

Uninit was stored to memory at:
 copy+0x1/0x2

Uninit was created at:
 make+0x1/0x2`),
    ).toEqual([
      ['trap', 'demo caller'],
      ['origin-stored', 'copy'],
      ['origin-created', 'make'],
    ]);
  });

  test('KCSAN has two sides, the first is the trap', () => {
    const f = facts(`
BUG: KCSAN: data-race in a / b

write to 0xffff888012345678 of 8 bytes by task 1 on cpu 0:
 a+0x1/0x2

read to 0xffff888012345678 of 8 bytes by interrupt on cpu 1:
 b+0x1/0x2

Reported by Kernel Concurrency Sanitizer on:
CPU: 1 PID: 2 Comm: x Not tainted 6.1.0 #1`);
    expect(f.stacks.map((s) => [s.role, s.cpu])).toEqual([
      ['race-access', 0],
      ['race-access', 1],
    ]);
    expect(f.frames.map((x) => x.function)).toEqual(['a']);
  });

  test('lockdep', () => {
    const f = facts(`
WARNING: possible circular locking dependency detected
6.1.0-demo #1 Tainted: G        W         
------------------------------------------------------
x/12 is trying to acquire lock:
ffff888012345678 (a){+.+.}-{3:3}, at: demo+0x1/0x2

the existing dependency chain (in reverse order) is:

-> #1 (b){+.+.}-{3:3}:
       lock_acquire+0x1/0x2
       second+0x1/0x2

-> #0 (a){+.+.}-{3:3}:
       first+0x1/0x2

other info that might help us debug this:

stack backtrace:
CPU: 0 PID: 12 Comm: x Tainted: G        W          6.1.0-demo #1
Call Trace:
 dump_stack+0x1/0x2
 first+0x1/0x2`);
    expect(f.stacks.map((s) => [s.role, s.frames.length])).toEqual([
      ['lock', 2],
      ['lock', 1],
      ['trap', 2],
    ]);
    expect(f.kernel?.release).toBe('6.1.0-demo');
    expect(f.taintFlags).toEqual(['W']);
    expect(f.task).toMatchObject({ comm: 'x', pid: 12, cpu: 0 });
  });

  test('a hung task is the trap, the watchdog that saw it another CPU', () => {
    const f = facts(`
INFO: task demo:95 blocked for more than 120 seconds.
      Tainted: G           OE      6.1.0-demo #1 Vendor
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:demo            state:D stack:0     pid:95    ppid:1      flags:0x00004002
Call Trace:
 <TASK>
 __schedule+0x1/0x2
 demo+0x1/0x2
 </TASK>
NMI backtrace for cpu 0
CPU: 0 PID: 27 Comm: khungtaskd Not tainted 6.1.0-demo #1
Call Trace:
 watchdog+0x1/0x2
Kernel panic - not syncing: hung_task: blocked tasks
CPU: 0 PID: 27 Comm: khungtaskd Not tainted 6.1.0-demo #1
Call Trace:
 panic+0x1/0x2`);
    expect(f.stacks.map((s) => [s.role, s.frames[0]?.function, s.cpu])).toEqual([
      ['trap', '__schedule', undefined],
      ['cpu', 'watchdog', 0],
      ['other', 'panic', undefined],
    ]);
    expect(f.task).toEqual({ pid: 95, comm: 'demo' });
    expect(f.kernel).toMatchObject({ release: '6.1.0-demo', version: '#1 Vendor' });
    expect(f.panic?.message).toBe('hung_task: blocked tasks');
  });

  test("another CPU's registers are its own", () => {
    const f = facts(`
rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
Sending NMI from CPU 0 to CPUs 1:
NMI backtrace for cpu 1
CPU: 1 PID: 9 Comm: spinner Not tainted 6.1.0 #1
RIP: 0010:spin+0x1/0x2
RSP: 0018:ffffd274405dba28 EFLAGS: 00010246
RAX: 0000000000000000 RBX: 0000000000000000 RCX: 0000000000000000
Call Trace:
 spinner+0x1/0x2
NMI backtrace for cpu 2 skipped: idling at halt+0x1/0x2
NMI backtrace for cpu 3
CPU: 3 PID: 8 Comm: other Not tainted 6.1.0 #1
RIP: 0010:busy+0x1/0x2
RSP: 0018:ffffd274405dbb28 EFLAGS: 00010246
Call Trace:
 other+0x1/0x2`);
    expect(f.frames.map((x) => x.function)).toEqual(['spin', 'spinner']);
    expect(f.stacks.map((s) => [s.role, s.cpu])).toEqual([
      ['trap', 1],
      ['cpu', 3],
    ]);
    expect(f.registers?.map((r) => [r.ip?.function, r.cpu])).toEqual([
      ['spin', undefined],
      ['busy', 3],
    ]);
    expect(f.task).toMatchObject({ cpu: 1, pid: 9, comm: 'spinner' });
  });

  test('sleeping in atomic context', () => {
    const f = facts(`
BUG: sleeping function called from invalid context at mm/demo.c:12
in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 12, name: demo x
preempt_count: 102, expected: 0
Call Trace:
 __might_resched+0x1/0x2`);
    expect(f.task).toEqual({ pid: 12, comm: 'demo x', inAtomic: true, irqsDisabled: false, preemptCount: 0x102 });
  });

  test('it ends where its grammar does, whatever else is printed between', () => {
    const noise = Array.from({ length: 60 }, (_, i) => `unrelated line ${i}`).join('\n');
    expect(facts(`WARNING: demo\nCall Trace:\n a+0x1/0x2\nnoise: one\n b+0x1/0x2\n${noise}\n c+0x1/0x2`).lastLine).toBe(
      4,
    );
    expect(facts('WARNING: demo\nCall Trace:').unfinished).toBe(true);
    // A `cut here` begins the next report.
    expect(facts('WARNING: demo\nCall Trace:\n a+0x1/0x2\n------------[ cut here ]------------').lastLine).toBe(2);
  });
});

describe('the holder of what a hung task waits for', () => {
  const stackOf = (
    comm: string,
    pid: number,
  ) => `task:${comm}    state:S stack:0     pid:${pid}   tgid:${pid}   ppid:2      task_flags:0x4208040 flags:0x00080000
Call Trace:
 <TASK>
 __schedule+0x1/0x2
 ${comm}_wait+0x1/0x2
 </TASK>`;

  // debug_show_blocker() in kernel/hung_task.c: a mutex, a semaphore, a rw_semaphore
  test.each([
    'INFO: task waiter:42 is blocked on a mutex likely owned by task holder:41.',
    'INFO: task waiter:42 blocked on a semaphore likely last held by task holder:41',
    'INFO: task waiter:42 <writer> blocked on an rw-semaphore likely owned by task holder:41 <reader>',
  ])('%s', (line) => {
    const told = extractFacts(
      rawReport(
        [
          'INFO: task waiter:42 blocked for more than 10 seconds.',
          stackOf('waiter', 42),
          line,
          stackOf('holder', 41),
          stackOf('other', 40),
        ].join('\n'),
      ),
    );
    expect(told.stacks.map(({ role, pid }) => [role, pid])).toEqual([
      ['trap', 42],
      ['lock-user', 41],
      ['task', 40],
    ]);
  });
});

describe('hostile reports', () => {
  // Its own text has every sort of line that is looked for.
  const source = readFileSync(new URL(import.meta.url), 'latin1')
    .split('\n')
    .map((l) => l.trimEnd());
  const line = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...source) },
    fc.string({ maxLength: 60, unit: 'binary' }),
  );
  const cut = fc.tuple(line, fc.nat(80)).map(([text, n]) => text.slice(0, n));

  test('whatever the lines, there is an answer within them', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(line, cut), { minLength: 1, maxLength: 80 }), (texts) => {
        const lines = logLines(texts.map((t) => t.replaceAll('\n', ' ')).join('\n'));
        const [headline] = lines;
        if (headline === undefined) return;
        const f = extractFacts({ headline, lines, before: [] });
        expect(f.lastLine).toBeGreaterThanOrEqual(0);
        expect(f.lastLine).toBeLessThan(lines.length);
        for (const stack of f.stacks)
          for (const frame of stack.frames) {
            expect(frame.function !== undefined || frame.address !== undefined).toBe(true);
          }
      }),
      { numRuns: 500 },
    );
  });

  test('long lines and many lines take linear time', () => {
    const start = performance.now();
    for (const unit of [
      'at ',
      '[',
      'Call Trace:',
      'rax: 0 ',
      'Tainted: ',
      '0x1+0x',
      ' [#',
      '(',
      'A',
      '0',
      ' ',
      'a/1 ',
      '::',
      'CPU: 1 ',
    ]) {
      facts(`BUG: demo\n${unit.repeat(20_000)}\n ${unit.repeat(20_000)}`);
    }
    facts(`BUG: demo\n${'Call Trace:\n a+0x1/0x2\n'.repeat(20_000)}`);
    facts(`BUG: demo\n${'RIP: 0010:a+0x1/0x2\nRAX: 0000000000000000\n'.repeat(20_000)}`);
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});
