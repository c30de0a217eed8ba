import { accessEvidence } from '../access.ts';
import { historyEvidence, objectWords } from '../objects.ts';
import type { Rule } from '../rule.ts';

/** Tags of pointer and memory that differ: MTE, tag-based KASAN. */
export const memoryTag: Rule = {
  name: 'memory-tag',
  tier: 'general',
  find(subject) {
    const kasan = subject.details('kasan');
    const byKasan = kasan !== undefined && (/invalid-access/.test(kasan.bug) || kasan.pointerTag !== undefined);
    if (!byKasan && !subject.isKind('oops/tag-check')) return undefined;
    const { pointerTag, memoryTag: tag, object } = kasan ?? {};
    const tags =
      pointerTag === undefined || tag === undefined
        ? ''
        : ` (the pointer has tag ${pointerTag.toString(16)}, the memory ${tag.toString(16)})`;
    return {
      confidence: 'certain',
      sentence: `${byKasan ? subject.blamed : subject.who} used a pointer whose tag is not that of the memory${tags}: ${object === undefined ? 'that memory' : objectWords(object)} was freed, or it went out of bounds.`,
      evidence: byKasan ? [subject.headline(), ...historyEvidence(subject)] : accessEvidence(subject),
    };
  },
};
