import { capitalized } from '../../util/words.ts';
import { atPlace, quoted } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** lib/ubsan.c */
export const undefinedBehavior: Rule = {
  name: 'undefined-behavior',
  tier: 'general',
  find(subject) {
    const details = subject.details('ubsan');
    if (details === undefined) return undefined;
    const { message, check, file, line } = details;
    const at = atPlace(file, line);
    return {
      confidence: 'certain',
      sentence: `${message === undefined ? `Undefined behavior of C (${check})` : capitalized(quoted(message))}${at}${subject.inBlamed === '' ? '' : `,${subject.inBlamed}`}.`,
      evidence: [subject.headline()],
    };
  },
};
