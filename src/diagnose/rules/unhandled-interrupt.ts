import { listed } from '../../util/words.ts';
import type { Rule } from '../rule.ts';

/** kernel/irq/spurious.c */
export const unhandledInterrupt: Rule = {
  name: 'unhandled-interrupt',
  tier: 'cause',
  find(subject) {
    const details = subject.details('irq');
    if (details === undefined) return undefined;
    const irq = details.irq === undefined ? 'An interrupt' : `Interrupt ${details.irq}`;
    const handlers = details.handlers.slice(0, 4);
    return {
      confidence: 'certain',
      sentence: `${irq} came again and again and ${handlers.length === 0 ? 'has no handler' : `none of its handlers (${listed(handlers)}) took it`}: the line was switched off.`,
      evidence: [subject.headline()],
      against: ['It may be another device that shares the line and whose driver is not loaded.'],
    };
  },
};
