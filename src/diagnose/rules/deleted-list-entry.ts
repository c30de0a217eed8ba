import { hex } from '../../util/words.ts';
import { accessDoubt, accessEvidence, accessThrough, didAt } from '../access.ts';
import type { Rule } from '../rule.ts';

/** list_del() leaves LIST_POISON1 and LIST_POISON2 behind (include/linux/poison.h). */
export const deletedListEntry: Rule = {
  name: 'deleted-list-entry',
  tier: 'cause',
  find(subject) {
    if (!subject.isKind('oops/', 'kasan/')) return undefined;
    const bad = subject.badValue('list-poison');
    const stray =
      bad === undefined && subject.instruction === undefined && subject.address === undefined
        ? subject.values.find(({ class: kind, certain }) => kind === 'list-poison' && certain)
        : undefined;
    const meaning = bad?.meaning ?? stray;
    if (meaning === undefined) return undefined;
    const inPointer = bad !== undefined && subject.pointer.meaning === meaning;
    const poison = /^LIST_POISON[12]/.exec(meaning.words)?.[0] ?? 'list poison';
    const how = inPointer
      ? accessThrough(
          subject,
          `holds ${hex(meaning.value)} (${poison})`,
          `the list poison ${hex(meaning.value)} (${poison})`,
        )
      : stray === undefined
        ? `${didAt(subject)} address ${hex(meaning.value)} (${meaning.words})`
        : `worked with ${hex(meaning.value)} (${poison}), in ${subject.registerWords(stray.register)}`;
    return {
      // The poison proves that list_del() wrote it, not that this walk is what is wrong.
      confidence: stray === undefined ? 'likely' : 'possible',
      sentence: `${subject.who} ${how}: it followed a pointer of a list entry that was deleted already.`,
      evidence: accessEvidence(subject),
      against: [
        accessDoubt(subject),
        stray === undefined ? undefined : 'The log does not show that this register made the bad address.',
      ],
    };
  },
};
