import { count } from '../../util/words.ts';
import type { Rule } from '../rule.ts';

/** netdev_wait_allrefs() in net/core/dev.c */
export const deviceReference: Rule = {
  name: 'device-reference',
  tier: 'cause',
  find(subject) {
    const details = subject.details('netdev-reference');
    if (details === undefined) return undefined;
    const { device, usageCount } = details;
    return {
      confidence: 'certain',
      sentence: `The network device${device === undefined ? '' : ` ${device}`} cannot go away: ${usageCount === undefined ? 'references to it are' : `${count(usageCount, 'reference')} to it ${usageCount === 1 ? 'is' : 'are'}`} not given back.`,
      evidence: [subject.headline()],
    };
  },
};
