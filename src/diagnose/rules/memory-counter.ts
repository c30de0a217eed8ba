import type { Rule } from '../rule.ts';

/** check_mm() in kernel/fork.c */
export const memoryCounter: Rule = {
  name: 'memory-counter',
  tier: 'cause',
  find(subject) {
    const details = subject.details('mm-counter');
    if (details?.counter === undefined || details.value === undefined) return undefined;
    return {
      confidence: 'certain',
      sentence: `The counter ${details.counter} was ${details.value} when an address space went away, not 0: pages were mapped or unmapped without being counted.`,
      evidence: [subject.headline()],
    };
  },
};
