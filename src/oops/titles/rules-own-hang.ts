import { header, type OwnHeader } from './own-header.ts';
import type { TitleRule } from './rule.ts';

/** Lockups that no headline of `specs/titles.md` begins. */
export const hangHeaders: readonly OwnHeader[] = [
  // kernel/watchdog_perf.c, watchdog_buddy.c; arch/powerpc/kernel/watchdog.c. Up to 4.2 the text was the message
  // of a WARN(), and with hardlockup_panic a panic follows: both are headlines that name the report.
  header(
    'hard-lockup',
    ' LOCKUP',
    /^(?:NMI watchdog: |watchdog: )?(?:CPU:? ?\d{1,5}:? )?(?:Watchdog detected hard LOCKUP on cpu ?\d|self-detected hard LOCKUP @|detected hard LOCKUP on other CPUs \d|Hard LOCKUP$)/,
    /^WARNING: |^Kernel panic - not syncing: .{0,40}LOCKUP/i,
  ),
  // csd_lock_wait_toolong() in kernel/smp.c
  header(
    'csd-lock',
    'non-responsive CSD lock',
    /^(?:smp: )?csd: Detected non-responsive CSD lock \(#\d{1,9}\) on CPU#/,
  ),
  // Part of a stall; alone where the stall's headline was lost. kernel/rcu/tree_stall.h
  header(
    'rcu-starved',
    ' kthread starved for ',
    /^(?:rcu: )?(?:INFO: )?rcu_\w{1,24} kthread starved for \d{1,20} jiffies!/,
  ),
];

export const hangRules: readonly TitleRule[] = [
  {
    header: 'hard-lockup',
    find: /hard LOCKUP|Hard LOCKUP/,
    title: 'hard lockup in {F}',
    also: ['stall in {F}'],
    from: ['IP', 'T'],
    skip: [
      /watchdog/,
      /^nmi_/,
      /lockup/,
      /^__perf_event/,
      /^perf_event/,
      /^intel_pmu/,
      /^default_do_nmi$/,
      /^exc_nmi$/,
      /^do_nmi$/,
      /^queued_/,
      /^native_queued_/,
    ],
    kind: 'hang/hard-lockup',
    type: 'HANG',
  },
  {
    header: 'csd-lock',
    find: /non-responsive CSD lock \(#\d{1,9}\) on CPU#[^\n]{0,80}? for CPU#\d{1,5} (?!0x0+\b)([A-Za-z_]\w{0,80})/,
    title: (match) => `non-responsive CSD lock in ${match[1] ?? ''}`,
    exempt: true,
    kind: 'hang/csd-lock',
    type: 'HANG',
  },
  {
    header: 'csd-lock',
    find: /non-responsive CSD lock/,
    title: 'non-responsive CSD lock',
    exempt: true,
    kind: 'hang/csd-lock',
    type: 'HANG',
  },
  {
    header: 'rcu-starved',
    find: /(rcu_\w{1,24}) kthread starved for /,
    title: (match) => `rcu: ${match[1] ?? ''} kthread starved`,
    exempt: true,
    kind: 'rcu/kthread-starved',
    type: 'HANG',
  },
];
