import { hex } from '../../util/words.ts';
import { accessDoubt, accessEvidence, accessThrough } from '../access.ts';
import type { Rule } from '../rule.ts';

/** An error number that was taken for a pointer: IS_ERR() was not asked (include/linux/err.h). */
export const errorPointer: Rule = {
  name: 'error-pointer',
  tier: 'cause',
  find(subject) {
    const { report, address } = subject;
    if (!subject.isKind('oops/') && report.details?.of !== 'kasan') return undefined;
    const bad = subject.badValue('errno');
    if (bad === undefined) return undefined;
    const { words, value } = bad.meaning;
    const inRegister = subject.pointer.meaning?.class === 'errno';
    const access = accessThrough(subject, `is the error ${words}`, `the error ${words}`);
    return {
      confidence: inRegister ? 'certain' : 'likely',
      sentence: inRegister
        ? `${subject.who} ${access}: it was not checked with IS_ERR().`
        : `${subject.who} ${access}, which is ${words} as a number: an error number was used as a pointer, or a member before a NULL pointer.`,
      evidence: accessEvidence(subject),
      against: [
        accessDoubt(subject),
        inRegister
          ? undefined
          : `A member before a NULL pointer, as container_of() makes it, is at such an address too (NULL minus ${hex(BigInt.asUintN(64, -(address ?? value)))}).`,
      ],
    };
  },
};
