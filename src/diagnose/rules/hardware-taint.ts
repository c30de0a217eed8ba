import type { Rule } from '../rule.ts';

const words: Readonly<Record<string, string>> = {
  M: 'it saw a machine check before: memory or the processor may be at fault',
  S: 'the processor is used out of its specification',
  B: 'a page was found in a bad state before: memory may be damaged',
};

/** Taint that makes the hardware, or memory, a suspect. */
export const hardwareTaint: Rule = {
  name: 'hardware-taint',
  tier: 'circumstance',
  find(subject) {
    const { taintFlags = [] } = subject.report;
    const flag = ['M', 'B', 'S'].find((each) => taintFlags.includes(each));
    if (flag === undefined || subject.isKind('hardware/', 'memory/')) return undefined;
    const notice = subject.context.notices?.find(({ kind }) => kind.startsWith('hardware/'));
    return {
      confidence: 'possible',
      sentence: `The kernel is tainted ${flag}: ${words[flag] ?? ''}.`,
      evidence: [
        { words: `the taint letters are ${taintFlags.join('')}` },
        notice === undefined
          ? undefined
          : { words: notice.title, firstLine: notice.range.firstLine, lastLine: notice.range.lastLine },
      ],
      against: ['Taint stays until the next boot: it may have nothing to do with this.'],
    };
  },
};
