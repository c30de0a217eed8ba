import { hex } from '../../util/words.ts';
import { accessEvidence } from '../access.ts';
import type { Rule } from '../rule.ts';

/** A jump to an address where there is nothing. */
export const wildJump: Rule = {
  name: 'wild-jump',
  tier: 'general',
  find(subject) {
    const { access, address, report } = subject;
    const toNowhere = subject.instruction?.verdict === 'fetch';
    if ((access !== 'execute' && !toNowhere) || report.fault?.mode === 'user' || !subject.isKind('oops/'))
      return undefined;
    const target = address ?? subject.registers?.values.rip ?? subject.registers?.values.pc;
    const meaning = subject.addressMeaning;
    return {
      confidence: 'likely',
      sentence: `${subject.blamed} jumped to ${target === undefined ? 'an address' : hex(target)}${meaning === undefined ? '' : ` (${meaning.words})`}, where there is no code: a function pointer or return address was wrong.`,
      evidence: accessEvidence(subject),
      against: ['Code that was unmapped since, as of a module that was removed, looks the same.'],
    };
  },
};
