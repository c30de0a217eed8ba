import { hex } from '../../util/words.ts';
import { accessDoubt, accessEvidence, accessThrough, didAt } from '../access.ts';
import type { Rule } from '../rule.ts';

/** Of lists of both sorts (include/linux/list.h: list_del(), hlist_del()). */
function leftBy(poison: string): string {
  if (poison === 'LIST_POISON1') return 'list_del() leaves in next';
  return poison === 'LIST_POISON2' ? 'list_del() leaves in prev' : 'list_del() leaves in the pointers';
}

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
    const from = subject.report.explanation?.origins?.at(-1);
    const isConstant = inPointer && from?.kind === 'constant' && from.certain;
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
      confidence: isConstant ? 'certain' : stray === undefined ? 'likely' : 'possible',
      // Whether somebody walked on from an entry, or deleted it twice, or took other memory for a list, it does not say.
      sentence: `${subject.who} ${how}${isConstant ? ', a constant that the code itself has' : `: the value that ${leftBy(poison)} of an entry it takes out of a list`}.`,
      evidence: accessEvidence(subject),
      against: [
        accessDoubt(subject),
        isConstant ? undefined : 'Only the value says that a list entry was there.',
        stray === undefined ? undefined : 'The log does not show that this register made the bad address.',
      ],
    };
  },
};
