import { hex } from '../../util/words.ts';
import { quoted } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** mm/slub.c: what is no use after free, no double free and no overflow for sure. */
export const slabCorruption: Rule = {
  name: 'slab-corruption',
  tier: 'general',
  find(subject) {
    const details = subject.details('slab');
    if (details === undefined && !subject.isKind('slab/')) return undefined;
    const { cache, finding, object, range, allocatedIn, freedIn } = details ?? {};
    const of = cache === undefined ? '' : ` of cache ${cache}`;
    if (subject.isKind('slab/objects-remaining')) {
      return {
        confidence: 'certain',
        sentence: `${subject.blamed} destroyed the cache${cache === undefined ? '' : ` ${cache}`} while objects of it were in use: they leak, or are used after it.`,
        evidence: [subject.headline()],
      };
    }
    return {
      confidence: 'certain',
      sentence: `An object or the bookkeeping${of} is damaged${finding === undefined ? '' : `: ${quoted(finding)}`}.`,
      evidence: [
        object === undefined ? undefined : { ...subject.said(`the object is at ${hex(object)}`), address: object },
        range === undefined ? undefined : subject.said(`overwritten from ${hex(range.from)} to ${hex(range.to)}`),
        allocatedIn && subject.said(`it was allocated in ${allocatedIn.function}()`),
        freedIn && subject.said(`it was freed in ${freedIn.function}()`),
      ],
      against: ['Who meets it is rarely who did it.'],
    };
  },
};
