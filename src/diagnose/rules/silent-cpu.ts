import { count } from '../../util/words.ts';
import type { Rule } from '../rule.ts';

/** kernel/smp.c: csd_lock_wait_toolong() */
export const silentCpu: Rule = {
  name: 'silent-cpu',
  tier: 'cause',
  find(subject) {
    const details = subject.details('lockup');
    if (details?.detector !== 'csd') return undefined;
    const { cpu, seconds, function: asked, detectedBy } = details;
    const long = seconds === undefined ? '' : ` for ${count(seconds, 'second')}`;
    return {
      confidence: 'certain',
      sentence: `CPU ${cpu ?? '?'} has not answered a call from another CPU${long}${asked === undefined ? '' : ` (it was to run ${asked})`}: it has interrupts off, or does not run.`,
      evidence: [
        subject.headline(),
        detectedBy === undefined ? undefined : subject.said(`CPU ${detectedBy} waits for it`),
      ],
    };
  },
};
