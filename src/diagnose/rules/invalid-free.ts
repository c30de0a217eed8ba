import { hex } from '../../util/words.ts';
import { historyEvidence, objectWords } from '../objects.ts';
import { quoted } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** Something freed that is no object, or not the start of one. */
export const invalidFree: Rule = {
  name: 'invalid-free',
  tier: 'cause',
  find(subject) {
    if (!subject.isKind('kasan/invalid-free', 'kfence/invalid-free', 'slab/invalid-free')) return undefined;
    const checker = subject.details('kasan') ?? subject.details('kfence');
    const slab = subject.details('slab');
    const { address, object } = checker ?? {};
    const at = address === undefined ? '' : ` ${hex(address)}`;
    const relation = object?.relation === undefined ? '' : `, which is ${object.relation} ${objectWords(object)}`;
    const within = object?.distance !== undefined && object.distance > 0;
    const orTwice = within ? ': no object begins there' : ': it was freed before, or never allocated that way';
    return {
      confidence: 'certain',
      sentence: `${subject.blamed} freed${at === '' ? ' something that cannot be freed' : at}${relation}${orTwice}.`,
      evidence: [
        subject.headline(),
        slab?.finding === undefined ? undefined : subject.said(`SLUB says: ${quoted(slab.finding)}`),
        ...historyEvidence(subject),
      ],
    };
  },
};
