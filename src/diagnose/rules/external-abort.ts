import { accessEvidence } from '../access.ts';
import type { Rule } from '../rule.ts';

/** arm64: external aborts and SErrors. */
export const externalAbort: Rule = {
  name: 'external-abort',
  tier: 'cause',
  find(subject) {
    if (subject.isKind('oops/synchronous-external-abort')) {
      return {
        confidence: 'likely',
        sentence: `The bus or the memory answered an access of ${subject.who} with an error: a device that is off or not there, or bad memory.`,
        evidence: accessEvidence(subject),
        against: [
          'A driver that touches a register which does not exist gets the same answer: the hardware may be well.',
        ],
      };
    }
    if (!subject.isKind('oops/serror', 'panic/serror')) return undefined;
    return {
      confidence: 'likely',
      sentence:
        'The hardware reported an error of the bus or of memory late (SError): it belongs to an access before, not to the instruction that was interrupted.',
      evidence: [subject.headline()],
      against: ['A write of a driver to a device that is off gives it too.'],
    };
  },
};
