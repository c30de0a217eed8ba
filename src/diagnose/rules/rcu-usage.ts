import { atPlace, lockWords, quoted } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** What was wrong, by the message that the check was given (include/linux/rcupdate.h, srcu.h; kernel/sched/core.c). */
function whatWords(message: string | undefined, at: string): string {
  if (message === undefined) return `used data under RCU${at} without its protection`;
  const section = /Illegal context switch in (RCU[\w-]{0,16}) read-side critical section/.exec(message)?.[1];
  if (section !== undefined) return `did${at} what may sleep, inside of a read-side critical section of ${section}`;
  const idle = /(\w{1,64})\(\) used illegally while idle/.exec(message)?.[1];
  if (idle !== undefined) return `called ${idle}()${at} on a CPU that RCU takes for idle and does not watch`;
  return `used data under RCU${at} without its protection: ${quoted(message)}`;
}

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
      sentence: `${subject.blamed} ${whatWords(message, atPlace(file, line))}.`,
      evidence: [
        subject.headline(),
        held.length === 0
          ? subject.said('no locks are held')
          : subject.said(`held: ${held.slice(0, 4).map(lockWords).join(', ')}`),
      ],
    };
  },
};
