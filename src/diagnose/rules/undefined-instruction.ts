import { accessEvidence, instructionText } from '../access.ts';
import type { Rule } from '../rule.ts';

/** An instruction that is none, or one that is not to be reached. */
export const undefinedInstruction: Rule = {
  name: 'undefined-instruction',
  tier: 'general',
  find(subject) {
    const isBreakpoint = subject.isKind('oops/int3');
    if (!isBreakpoint && !subject.isKind('oops/invalid-opcode', 'oops/undefined-instruction')) return undefined;
    const { instruction } = subject;
    const text = instruction?.line.text;
    // Memory that was cleared reads as this, too; that an instruction was put there only the file shows.
    const isZeros = text !== undefined && /^udf #0$/.test(text.replace(/\s+/g, ' ')) && !subject.isCodeAsBuilt;
    const planted = text !== undefined && !isZeros && /^(?:ud[012]|udf|brk)\b/.test(text);
    const what = isBreakpoint
      ? 'ran into a breakpoint instruction that nothing in the kernel knew of'
      : instruction === undefined || text === undefined
        ? 'executed an instruction that the processor does not know'
        : `executed ${instructionText(instruction)}, which is undefined${planted ? ' on purpose: the compiler holds that place to be unreachable, or a check put it there' : isZeros ? ': a word of zeros, as cleared memory has it' : ''}`;
    return {
      confidence: 'certain',
      sentence: `${subject.who} ${what}.`,
      evidence: accessEvidence(subject),
      against: [
        planted || isBreakpoint
          ? undefined
          : 'Code that was damaged in memory looks the same; compare its bytes with those of the vmlinux.',
      ],
    };
  },
};
