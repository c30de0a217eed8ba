import { accessEvidence, instructionText } from '../access.ts';
import type { Rule } from '../rule.ts';

/** Functions that write control and model-specific registers (arch/x86/include/asm/special_insns.h, msr.h). */
const privileged = /^(?:native_)?(?:write_cr\d|(?:read|write)_msr\w*|(?:rd|wr)msr\w*|xsetbv|load_[gi]dt)$/;

/** #GP or #SS without an address that tells more. */
export const generalProtection: Rule = {
  name: 'general-protection',
  tier: 'general',
  find(subject) {
    if (!subject.isKind('oops/general-protection', 'oops/stack-segment')) return undefined;
    const { instruction } = subject;
    const text = instruction === undefined ? 'an instruction' : instructionText(instruction);
    const isPrivileged = subject
      .functions()
      .slice(0, 1)
      .some((name) => privileged.test(name));
    const guess = isPrivileged
      ? ': it does not take that value in one of its own registers'
      : ', most often because of an address that cannot exist (not canonical)';
    return {
      confidence: 'certain',
      sentence: `The processor refused ${text}${subject.inBlamed}${instruction === undefined ? guess : `: ${instruction.words}`}.`,
      evidence: accessEvidence(subject),
      against: [
        instruction === undefined && !isPrivileged
          ? 'Writes to registers of the processor that are not allowed give the same fault.'
          : undefined,
      ],
    };
  },
};
