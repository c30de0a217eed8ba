import { atPlace, lockWords, quoted } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** lockdep_rcu_suspicious() in kernel/locking/lockdep.c */
export const rcuUsage: Rule = {
  name: 'rcu-usage',
  tier: 'cause',
  find(subject) {
    const details = subject.details('rcu-usage');
    if (details === undefined) return undefined;
    const { file, line, message, held } = details;
    return {
      confidence: 'certain',
      sentence: `${subject.blamed} used data under RCU${atPlace(file, line)} without its protection${message === undefined ? '' : `: ${quoted(message)}`}.`,
      evidence: [
        subject.headline(),
        held.length === 0
          ? subject.said('no locks are held')
          : subject.said(`held: ${held.slice(0, 4).map(lockWords).join(', ')}`),
      ],
    };
  },
};
