import { count } from '../../util/words.ts';
import { taskWords } from '../phrases.ts';
import type { Rule } from '../rule.ts';
import { stuckConfidence, stuckIn } from '../stuck.ts';

/** kernel/watchdog.c: a CPU that does not schedule. */
export const softLockup: Rule = {
  name: 'soft-lockup',
  tier: 'cause',
  find(subject) {
    const details = subject.details('lockup');
    if (details?.detector !== 'soft') return undefined;
    const { cpu, seconds, task, pid } = details;
    const stuck = stuckIn(subject);
    const long = seconds === undefined ? '' : ` for ${count(seconds, 'second')}`;
    const who = taskWords(task, pid);
    return {
      confidence: stuckConfidence(stuck),
      sentence: `CPU ${cpu ?? '?'} has not scheduled${long}${who === undefined ? '' : `, running ${who}`}: ${stuck.words}.`,
      evidence: [subject.headline(), ...stuck.evidence],
      against: [stuck.against],
    };
  },
};
