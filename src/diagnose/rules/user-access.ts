import { accessDoubt, accessEvidence, accessThrough } from '../access.ts';
import type { Rule } from '../rule.ts';

/** The kernel touched user memory by itself: SMAP, PAN. */
export const userAccess: Rule = {
  name: 'user-access',
  tier: 'cause',
  find(subject) {
    const { access, address, report, pointer } = subject;
    if (!subject.isKind('oops/') && subject.details('kasan') === undefined) return undefined;
    if (access === 'execute' || address === undefined || address < 0x1_0000n || report.fault?.mode === 'user')
      return undefined;
    const meaning = subject.addressMeaning;
    if (meaning?.class !== 'user') return undefined;
    const refused =
      subject.isKind('oops/user-access') || /user-memory-access/.test(subject.details('kasan')?.bug ?? '');
    const guard = /which (SMAP|PAN) does not/.exec(meaning.words)?.[1];
    const known = pointer.register !== undefined || pointer.variable !== undefined;
    const state = 'points to user space';
    const does = known
      ? accessThrough(subject, state, 'a pointer to user space')
      : `${accessThrough(subject, '', '')} of user space`;
    return {
      confidence: refused ? 'certain' : 'likely',
      sentence: refused
        ? `${subject.who} ${does}, outside of the functions for that (copy_from_user() and its like).`
        : `${subject.who} ${does}, where nothing is mapped: a pointer is damaged, or one of user space was used directly.`,
      evidence: [
        ...accessEvidence(subject),
        guard === undefined
          ? undefined
          : { ...subject.said(`${guard} does not let the kernel touch user space outside of copy functions`), address },
      ],
      against: [accessDoubt(subject), 'A kernel pointer that was overwritten may look like an address of user space.'],
    };
  },
};
