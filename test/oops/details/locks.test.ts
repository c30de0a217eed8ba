import { expect, test } from 'vitest';
import { extractDetails } from '../../../src/oops/details/details.ts';
import { rawReport } from './raw.ts';

test('a circular dependency', () => {
  const details = extractDetails(
    'lockdep/circular',
    rawReport([
      'WARNING: possible circular locking dependency detected',
      '6.12.0 #1 Not tainted',
      '------------------------------------------------------',
      'mytask/42 is trying to acquire lock:',
      'ffff888012340008 (&drv->b){+.+.}-{4:4}, at: drv_one+0x2a/0x80 [drv]',
      '',
      'but task is already holding lock:',
      'ffff888012340048 (&drv->a){+.+.}-{4:4}, at: drv_two+0x1c/0x60 [drv]',
      '',
      'which lock already depends on the new lock.',
      '',
      'the existing dependency chain (in reverse order) is:',
      '',
      '-> #1 (&drv->a){+.+.}-{4:4}:',
      '       __mutex_lock+0x16f/0x1a80',
      '',
      '-> #0 (&drv->b){+.+.}-{4:4}:',
      '       __lock_acquire+0x1/0x2',
      '',
      'other info that might help us debug this:',
      '',
      'Chain exists of:',
      '  &drv->b --> &drv->c --> &drv->a',
      '',
      ' Possible unsafe locking scenario:',
      '',
      '       CPU0                    CPU1',
      '       ----                    ----',
      '  lock(&drv->a);',
      '                               lock(&drv->b);',
      '',
      ' *** DEADLOCK ***',
      '',
      '2 locks held by mytask/42:',
      ' #0: ffff888012340088 (sb_writers#3){.+.+}-{0:0}, at: vfs_write+0x1/0x2',
      ' #1: ffff888012340048 (&drv->a){+.+.}-{4:4}, at: drv_two+0x1c/0x60 [drv]',
      '',
      'stack backtrace:',
    ]),
  );
  expect(details).toMatchObject({
    of: 'lockdep',
    task: 'mytask',
    pid: 42,
    wanted: { name: '&drv->b', address: 0xffff888012340008n, usage: '+.+.', function: 'drv_one', offset: 0x2a },
    held: [
      { name: 'sb_writers#3', function: 'vfs_write' },
      { name: '&drv->a', function: 'drv_two' },
    ],
    chain: [
      { step: 1, lock: { name: '&drv->a' } },
      { step: 0, lock: { name: '&drv->b' } },
    ],
    chainExists: ['&drv->b', '&drv->c', '&drv->a'],
  });
  if (details?.of === 'lockdep') expect(details.scenario).toHaveLength(4);
});

test('an inconsistent state', () => {
  expect(
    extractDetails(
      'lockdep/inconsistent-state',
      rawReport([
        'WARNING: inconsistent lock state',
        'inconsistent {IN-HARDIRQ-W} -> {HARDIRQ-ON-W} usage.',
        'a.out/38 [HC0[0]:SC0[0]:HE0:SE1] takes:',
        'ffff888112ca0a20 (&p->lock){?.-.}-{2:2}, at: p_work+0x231/0x342',
      ]),
    ),
  ).toMatchObject({
    task: 'a.out',
    pid: 38,
    usageChange: { from: 'IN-HARDIRQ-W', to: 'HARDIRQ-ON-W' },
    wanted: { name: '&p->lock', function: 'p_work' },
  });
});

test('a lock printed in pieces, as kernels before 4.13 do', () => {
  expect(
    extractDetails(
      'rcu/suspicious-usage',
      rawReport([
        '[ INFO: suspicious RCU usage. ]',
        './include/linux/my.h:536 suspicious rcu_dereference_check() usage!',
        'rcu_scheduler_active = 1, debug_locks = 0',
        '1 lock held by a/3985:',
        ' #0: ',
        ' (',
        '&v->mutex',
        '){+.+.+.}',
        ', at: ',
        '[<ffffffff81066872>] v_load+0x22/0x70',
      ]),
    ),
  ).toMatchObject({
    of: 'rcu-usage',
    file: './include/linux/my.h',
    line: 536,
    schedulerActive: 1,
    debugLocks: 0,
    held: [{ name: '&v->mutex' }],
  });
});

test('spin locks, sleeping and scheduling while atomic', () => {
  expect(
    extractDetails(
      'locking/spinlock',
      rawReport([
        'BUG: spinlock bad magic on CPU#1, worker/12',
        ' lock: my_state+0xb40/0xc20, .magic: 6b6b6b6b, .owner: <none>/-1, .owner_cpu: -1',
      ]),
    ),
  ).toMatchObject({ problem: 'spinlock bad magic', cpu: 1, task: 'worker', magic: 0x6b6b6b6bn, ownerPid: -1 });
  expect(
    extractDetails(
      'atomic/sleeping',
      rawReport([
        'BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580',
        'in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 142, name: reader',
        'preempt_count: 1, expected: 0',
        'RCU nest depth: 0, expected: 0',
        'Preemption disabled at:',
        '[<ffffffffc0201023>] drv_read+0x13/0x60 [drv]',
      ]),
    ),
  ).toEqual({
    of: 'sleeping-in-atomic',
    file: 'kernel/locking/mutex.c',
    line: 580,
    inAtomic: true,
    irqsDisabled: false,
    nonBlock: false,
    pid: 142,
    task: 'reader',
    preemptCount: 1,
    preemptExpected: 0,
    rcuNesting: 0,
    disabledAt: 'drv_read',
  });
  expect(
    extractDetails('atomic/scheduling', rawReport(['BUG: scheduling while atomic: kworker/0:1/77/0x00000002'])),
  ).toMatchObject({ task: 'kworker/0:1', pid: 77, preemptCount: 2 });
  expect(
    extractDetails(
      'atomic/preemptible-smp-id',
      rawReport([
        'BUG: using smp_processor_id() in preemptible [00000000] code: a.out/334',
        'caller is drv_open+0x1c/0x50',
      ]),
    ),
  ).toMatchObject({ operation: 'smp_processor_id()', task: 'a.out', pid: 334, caller: 'drv_open' });
});
