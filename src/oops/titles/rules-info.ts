import { atAddressFunction, sourcePlace } from './patterns.ts';
import type { SearchStep, TitleRule } from './rule.ts';

const header = 'INFO:';

/** Before 4.11 lockdep put its headlines into brackets: `[ INFO: ... ]`. */
function oldDeadlock(text: string, after: RegExp, kind: string): TitleRule {
  const from: readonly SearchStep[] = [{ after }, { text: atAddressFunction }];
  return { header, find: new RegExp(`INFO: ${text} \\]`), title: 'possible deadlock in {F}', from, kind };
}

const acquiring = /is trying to acquire(?: lock)?/;

/** Rules for `INFO:` headlines. */
export const infoRules: readonly TitleRule[] = [
  oldDeadlock('possible circular locking dependency detected', acquiring, 'lockdep/circular'),
  oldDeadlock(
    'possible irq lock inversion dependency detected',
    /just changed the state of lock/,
    'lockdep/irq-inversion',
  ),
  oldDeadlock('SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected', acquiring, 'lockdep/unsafe-order'),
  oldDeadlock('possible recursive locking detected', acquiring, 'lockdep/recursive'),
  {
    header,
    find: /INFO: inconsistent lock state \]/,
    title: 'inconsistent lock state in {F}',
    from: [{ after: /takes/ }, { text: atAddressFunction }],
    kind: 'lockdep/inconsistent-state',
  },
  {
    header,
    find: /INFO: rcu_(?:preempt|sched|bh|tasks)[a-z_]* (?:self-)?detected( expedited)? stall/,
    title: 'INFO: rcu detected stall in {F}',
    also: ['stall in {F}'],
    from: [{ after: /apic_timer_interrupt/ }, 'IP', 'T*'],
    orFrom: [{ after: /apic_timer_interrupt|Exception stack|el1h_64_irq/ }, 'T*'],
    skip: [/apic_timer_interrupt/, /rcu/],
    pick: 'stall',
    kind: (m) =>
      m[1] !== undefined ? 'rcu/expedited-stall' : m[0].includes('rcu_tasks') ? 'rcu/tasks-stall' : 'rcu/stall',
  },
  {
    header,
    find: /INFO: trying to register non-static key/,
    title: 'INFO: trying to register non-static key in {F}',
    from: ['T'],
    skip: [/stack/, /lock/, /IRQ/],
    kind: 'lockdep/non-static-key',
  },
  {
    header,
    find: /INFO: suspicious RCU usage/,
    needs: new RegExp(`\\n[^\\n]*${sourcePlace}`),
    title: 'INFO: suspicious RCU usage in {F}',
    from: ['T'],
    skip: [/rcu/, /kmem/, /slab/],
    kind: 'rcu/suspicious-usage',
  },
  {
    header,
    find: /INFO: task [\s\S]{1,100}? blocked (?:in I\/O wait )?for more than [0-9]+ seconds/,
    title: 'INFO: task hung in {F}',
    also: ['hang in {F}'],
    from: ['T'],
    pick: 'hung',
    kind: 'hang/hung-task',
  },
  {
    header,
    find: /INFO: task [\s\S]{1,100}? can't die for more than [0-9]+ seconds/,
    title: "INFO: task can't die in {F}",
    also: ['hang in {F}'],
    from: ['T'],
    skip: [/schedule/],
    kind: 'hang/cannot-die',
  },
  {
    header,
    find: /INFO: (Freed|Allocated) in ([^\n]*)/,
    title: (m) => `INFO: ${m[1]} in ${m[2]}`,
    damaged: true,
    kind: 'slab/other',
  },
  { header, find: /INFO:[ \t]*(?:\n|$)/, title: 'INFO: corrupted', damaged: true, kind: 'other/info' },
];
