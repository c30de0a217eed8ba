import { hex } from '../../util/words.ts';
import { accessEvidence } from '../access.ts';
import type { Rule } from '../rule.ts';

/** An address that is not a multiple of what the access needs. */
export const alignment: Rule = {
  name: 'alignment',
  tier: 'cause',
  find(subject) {
    if (!subject.isKind('oops/alignment')) return undefined;
    const { address, instruction } = subject;
    const operand = instruction?.operands[instruction.faulting ?? -1];
    const size = operand === undefined || operand.size === 0 ? '' : `${operand.size} bytes `;
    const odd =
      address !== undefined && operand !== undefined && operand.size > 1 && address % BigInt(operand.size) !== 0n;
    return {
      confidence: 'certain',
      sentence: `${subject.who} accessed ${size === '' ? 'memory ' : size}at ${address === undefined ? 'an address' : hex(address)}${odd ? `, which is no multiple of ${operand.size}` : ' that is not aligned as the access needs it'}.`,
      evidence: accessEvidence(subject),
      against: ['Device memory refuses unaligned accesses that normal memory takes: what is wrong may be the mapping.'],
    };
  },
};
