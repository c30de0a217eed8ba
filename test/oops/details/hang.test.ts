import { describe, expect, test } from 'vitest';
import { extractDetails } from '../../../src/oops/details/details.ts';
import { rawReport } from './raw.ts';

describe('lockups', () => {
  test('soft', () => {
    expect(
      extractDetails(
        'hang/soft-lockup',
        rawReport(['watchdog: BUG: soft lockup - CPU#1 stuck for 45s! [kworker/1:2:150]']),
      ),
    ).toEqual({ of: 'lockup', detector: 'soft', cpu: 1, seconds: 45, task: 'kworker/1:2', pid: 150 });
  });

  test('hard, told by a neighbour', () => {
    expect(
      extractDetails(
        'hang/hard-lockup',
        rawReport([
          'watchdog: CPU3: Watchdog detected hard LOCKUP on cpu 2',
          'CPU: 2 UID: 0 PID: 77 Comm: reader Not tainted 6.12.0 #1',
        ]),
      ),
    ).toEqual({ of: 'lockup', detector: 'hard', cpu: 2, detectedBy: 3, task: 'reader', pid: 77 });
  });

  test('a CPU that does not answer', () => {
    expect(
      extractDetails(
        'hang/csd-lock',
        rawReport([
          'smp: csd: Detected non-responsive CSD lock (#1) on CPU#2, waiting 5000000003 ns for CPU#00 do_sync+0x0/0x10(do_sync).',
        ]),
      ),
    ).toEqual({ of: 'lockup', detector: 'csd', cpu: 0, detectedBy: 2, seconds: 5, function: 'do_sync' });
  });

  test('workqueues', () => {
    expect(
      extractDetails(
        'hang/workqueue-lockup',
        rawReport([
          'BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!',
          'Showing busy workqueues and worker pools:',
          'workqueue events: flags=0x0',
          '  pwq 2: cpus=0 node=0 flags=0x0 nice=0 active=2 refcnt=3',
          '    in-flight: 12:drv_work',
          '    pending: vmstat_shepherd, cache_reap',
        ]),
      ),
    ).toEqual({
      of: 'workqueue-lockup',
      pool: 'cpus=0 node=0 flags=0x0 nice=0',
      cpus: '0',
      seconds: 31,
      workqueues: [{ name: 'events', inFlight: ['12:drv_work'], pending: ['vmstat_shepherd', 'cache_reap'] }],
    });
  });
});

describe('hung tasks', () => {
  test('of 6.x', () => {
    expect(
      extractDetails(
        'hang/hung-task',
        rawReport([
          'INFO: task reader:99 blocked in I/O wait for more than 122 seconds.',
          '      Not tainted 6.16.0 #1',
          'task:reader          state:D stack:0     pid:99    tgid:99    ppid:1      flags:0x00004000',
          'INFO: task reader:99 is blocked on a mutex likely owned by task writer:98.',
        ]),
      ),
    ).toEqual({
      of: 'hung-task',
      task: 'reader',
      pid: 99,
      seconds: 122,
      inIoWait: true,
      state: 'D',
      blockedOn: 'mutex',
      owner: { task: 'writer', pid: 98, likely: true },
    });
  });

  test('of 4.x, with locks', () => {
    expect(
      extractDetails(
        'hang/hung-task',
        rawReport([
          'INFO: task kworker/u8:3:10032 blocked for more than 143 seconds.',
          '      Not tainted 5.4.0 #1',
          '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.',
          'kworker/u8:3    D24368 10032      2 0x80004000',
          '1 lock held by kworker/u8:3/10032:',
          ' #0: ffffffff89a00000 (rtnl_mutex){+.+.}, at: addrconf_work+0xa/0x20',
        ]),
      ),
    ).toMatchObject({ task: 'kworker/u8:3', pid: 10032, seconds: 143, state: 'D', held: [{ name: 'rtnl_mutex' }] });
  });
});

describe('RCU stalls', () => {
  test('self-detected, with a starved thread', () => {
    expect(
      extractDetails(
        'rcu/stall',
        rawReport([
          'rcu: INFO: rcu_preempt self-detected stall on CPU',
          'rcu: \t1-....: (4727 ticks this GP) idle=3b74/1/0x4000000000000000 softirq=232/232 fqs=2519',
          'rcu: \t(t=5250 jiffies g=-755 q=453 ncpus=2)',
          'rcu: rcu_preempt kthread starved for 5000 jiffies! g-755 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x402 ->cpu=0',
        ]),
      ),
    ).toEqual({
      of: 'rcu-stall',
      flavour: 'rcu_preempt',
      expedited: false,
      selfDetected: true,
      jiffies: 5250,
      gracePeriod: -755,
      queued: 453,
      cpus: [{ cpu: 1, ticks: 4727, idle: '3b74/1/0x4000000000000000', fqs: 2519, words: '4727 ticks this GP' }],
      tasks: [],
      starved: { kthread: 'rcu_preempt', jiffies: 5000, state: '0x402', cpu: 0 },
    });
  });

  test('of tasks, and expedited', () => {
    expect(
      extractDetails(
        'rcu/stall',
        rawReport([
          'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:',
          'rcu: \tTasks blocked on level-0 rcu_node (CPUs 0-1): P282 P301/1:b..l',
          '\t(detected by 1, t=10503 jiffies, g=61629, q=41)',
        ]),
      ),
    ).toMatchObject({ selfDetected: false, detectedBy: 1, jiffies: 10503, tasks: [282, 301] });
    expect(
      extractDetails(
        'rcu/expedited-stall',
        rawReport([
          'rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 2-... } 9774 jiffies s: 25 root: 0x4/.',
        ]),
      ),
    ).toMatchObject({ expedited: true, jiffies: 9_774, cpus: [{ cpu: 2 }] });
  });
});

test('a stalled CPU whose interrupt work has been waiting, too', () => {
  // The fourth letter is a digit then (print_cpu_stall_info() in kernel/rcu/tree_stall.h).
  expect(
    extractDetails(
      'rcu/stall',
      rawReport([
        'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:',
        'rcu: \t3-...0: (6 ticks this GP) idle=0ccc/0/0x3 softirq=148/150 fqs=2559',
        '\t(detected by 0, t=5252 jiffies, g=-855, q=3 ncpus=4)',
      ]),
    ),
  ).toMatchObject({
    cpus: [{ cpu: 3, ticks: 6, idle: '0ccc/0/0x3', fqs: 2559, words: '6 ticks this GP' }],
    detectedBy: 0,
    gracePeriod: -855,
  });
});
