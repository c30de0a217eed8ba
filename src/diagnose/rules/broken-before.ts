import type { Rule } from '../rule.ts';

/** Taint D and a die counter above 1: something went wrong before (Documentation/admin-guide/tainted-kernels.rst). */
export const brokenBefore: Rule = {
  name: 'broken-before',
  tier: 'circumstance',
  find(subject) {
    const { taintFlags = [], fault } = subject.report;
    const count = fault?.oopsCount;
    const died = taintFlags.includes('D');
    if (!died && (count === undefined || count < 2)) return undefined;
    return {
      confidence: 'possible',
      sentence:
        count !== undefined && count > 1
          ? `This is oops number ${count} of that boot: it may follow from the first, which is the one to look at.`
          : 'The kernel had an oops before (tainted D): this may follow from it.',
      evidence: [subject.headline()],
      against: [
        died && (count === undefined || count < 2) && (subject.context.others ?? []).length === 0
          ? 'The log does not show the first one.'
          : undefined,
      ],
    };
  },
};
