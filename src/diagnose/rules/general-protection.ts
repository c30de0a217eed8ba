import { accessEvidence, instructionText } from '../access.ts';
import type { Rule } from '../rule.ts';

/** #GP or #SS without an address that tells more. */
export const generalProtection: Rule = {
  name: 'general-protection',
  tier: 'general',
  find(subject) {
    if (!subject.isKind('oops/general-protection', 'oops/stack-segment')) return undefined;
    const { instruction } = subject;
    const text = instruction === undefined ? 'an instruction' : instructionText(instruction);
    return {
      confidence: 'certain',
      sentence: `The processor refused ${text}${subject.inBlamed}${instruction === undefined ? ': mostly an address that cannot exist (not canonical)' : `: ${instruction.words}`}.`,
      evidence: accessEvidence(subject),
      against: [
        instruction === undefined
          ? 'Writes to registers of the processor that are not allowed give the same fault.'
          : undefined,
      ],
    };
  },
};
