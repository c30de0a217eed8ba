import { count } from '../../util/words.ts';
import type { Rule } from '../rule.ts';
import { stuckConfidence, stuckIn } from '../stuck.ts';

/** kernel/watchdog.c, watchdog_perf.c, watchdog_buddy.c: a CPU that takes no interrupts. */
export const hardLockup: Rule = {
  name: 'hard-lockup',
  tier: 'cause',
  find(subject) {
    const details = subject.details('lockup');
    if (details?.detector !== 'hard' && !subject.isKind('panic/hard-lockup')) return undefined;
    const stuck = stuckIn(subject);
    const cpu = details?.cpu;
    const long = details?.seconds === undefined ? '' : ` for ${count(details.seconds, 'second')}`;
    return {
      confidence: stuckConfidence(stuck),
      sentence: `CPU ${cpu ?? '?'} takes no interrupts${long}: ${stuck.words}.`,
      evidence: [
        subject.headline(),
        details?.detectedBy === undefined ? undefined : subject.said(`CPU ${details.detectedBy} noticed it`),
        ...stuck.evidence,
      ],
      against: [stuck.against],
    };
  },
};
