import { count, hex } from '../../util/words.ts';
import { historyEvidence } from '../objects.ts';
import { didWords } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** What KASAN or KFENCE found and no other rule has better words for. */
export const badAccess: Rule = {
  name: 'bad-access',
  tier: 'general',
  find(subject) {
    const details = subject.details('kasan') ?? subject.details('kfence');
    if (details === undefined || /wild-memory-access|invalid-access/.test(details.bug)) return undefined;
    const { access, address, bug } = details;
    const size = details.of === 'kasan' && details.size !== undefined ? ` ${count(details.size, 'byte')}` : '';
    const at = address === undefined ? '' : ` at ${hex(address)}`;
    return {
      confidence: 'certain',
      sentence: `${subject.blamed} ${access === undefined ? 'accessed memory' : didWords[access]}${size}${at} in a way that is wrong: ${bug}.`,
      evidence: [subject.headline(), ...historyEvidence(subject)],
    };
  },
};
