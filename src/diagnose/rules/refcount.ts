import type { RefcountDetails } from '../../model/details-other.ts';
import { quoted } from '../phrases.ts';
import type { Rule } from '../rule.ts';

const problemWords: Readonly<Record<RefcountDetails['problem'], string>> = {
  saturated: 'changed a reference count that went too high or too low and is frozen now',
  underflow:
    'dropped a reference that nobody held any more: one put too many, so the object may be in use after it was freed',
  'use-after-free': 'took a reference to an object whose count was 0 already: it is being freed, or is freed',
  leak: 'dropped a reference by refcount_dec(), which must not be the last one, and the count hit 0 (or was 0): nobody frees the object',
  other: 'used a reference count wrongly',
};

/** lib/refcount.c */
export const refcount: Rule = {
  name: 'refcount',
  tier: 'cause',
  find(subject) {
    const details = subject.details('refcount');
    if (details === undefined) return undefined;
    return {
      confidence: 'certain',
      sentence: `${subject.blamed} ${problemWords[details.problem]}.`,
      evidence: [subject.said(`the check says: ${quoted(details.message)}`)],
      against:
        details.problem === 'underflow' || details.problem === 'use-after-free'
          ? ['Who is caught is not always who dropped one too many: another path may have done so before.']
          : [],
    };
  },
};
