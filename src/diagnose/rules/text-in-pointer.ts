import { hex } from '../../util/words.ts';
import { accessDoubt, accessEvidence, accessThrough, didAt } from '../access.ts';
import type { Rule } from '../rule.ts';

/** Text where a pointer should be. */
export const textInPointer: Rule = {
  name: 'text-in-pointer',
  tier: 'cause',
  find(subject) {
    if (!subject.isKind('oops/')) return undefined;
    const bad = subject.badValue('text-string');
    if (bad === undefined) return undefined;
    const { meaning, proven } = bad;
    const inPointer = subject.pointer.meaning === meaning;
    return {
      confidence: proven ? 'likely' : 'possible',
      sentence: inPointer
        ? `${subject.who} ${accessThrough(subject, `holds ${meaning.words}`, `${meaning.words}`)}: a string was written over a pointer.`
        : `${subject.who} ${didAt(subject)} address ${hex(meaning.value)}, which is ${meaning.words}: a string was written over a pointer.`,
      evidence: accessEvidence(subject),
      against: [accessDoubt(subject), proven ? undefined : 'A few printable bytes may be there by chance.'],
    };
  },
};
