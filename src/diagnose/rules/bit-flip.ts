import { hex } from '../../util/words.ts';
import { accessEvidence } from '../access.ts';
import type { Rule } from '../rule.ts';

/** A pointer that would be right with one bit changed. */
export const bitFlip: Rule = {
  name: 'bit-flip',
  tier: 'cause',
  find(subject) {
    if (!subject.isKind('oops/')) return undefined;
    const bad = subject.badValue('bit-flip');
    if (bad === undefined) return undefined;
    const { value, words } = bad.meaning;
    const { register } = subject.pointer;
    const where = register === undefined ? '' : ` in ${subject.registerWords(register)}`;
    const checked = subject.report.taintFlags?.includes('M') === true;
    return {
      confidence: 'possible',
      sentence: `The value ${hex(value)}${where} is ${words}: memory or the processor may be at fault.`,
      evidence: [
        ...accessEvidence(subject),
        checked ? subject.said('the kernel is tainted M: it saw a machine check before') : undefined,
      ],
      against: [
        'One bit may be set or cleared by code as well: a flag kept in a pointer, a bit operation on freed memory.',
      ],
    };
  },
};
