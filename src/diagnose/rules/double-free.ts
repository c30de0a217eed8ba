import { historyEvidence, historyWords, objectWords } from '../objects.ts';
import type { Rule } from '../rule.ts';

/** Something freed a second time. */
export const doubleFree: Rule = {
  name: 'double-free',
  tier: 'cause',
  find(subject) {
    const kasan = subject.details('kasan');
    const slab = subject.details('slab');
    const isKasan = kasan !== undefined && /double-free/.test(kasan.bug);
    if (!isKasan && !subject.isKind('kasan/double-free', 'slab/object-already-free')) {
      // set_freepointer() in mm/slub.c has had a BUG_ON() for the simplest case since 4.14 (SLAB_FREELIST_HARDENED).
      const bug = subject.details('kernel-bug');
      if (bug?.file !== 'mm/slub.c' || !subject.functions().includes('set_freepointer')) return undefined;
      return {
        confidence: 'likely',
        sentence: `${subject.blamed} freed an object that is the first of its free list already: it was freed twice.`,
        evidence: [subject.headline()],
        against: ['A damaged pointer in the free list looks the same.'],
      };
    }
    const object = slab === undefined ? objectWords(kasan?.object) : slabWords(slab.cache);
    const first = historyWords(subject, 'freed');
    const freedIn = slab?.freedIn === undefined ? '' : `, the first time in ${slab.freedIn.function}()`;
    return {
      confidence: 'certain',
      sentence: `${subject.blamed} freed ${object} that had been freed already${first === '' ? freedIn : first}.`,
      evidence: [subject.headline(), ...historyEvidence(subject)],
    };
  },
};

const slabWords = (cache: string | undefined): string =>
  cache === undefined ? 'a slab object' : `an object of cache ${cache}`;
