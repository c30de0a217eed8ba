import type { HangRule } from '../facts.ts';
import { faultFunction } from '../fault-words.ts';
import { isBrief } from '../waited.ts';
import { listWords, locationOf, who } from '../words.ts';
import { doing } from './blocked.ts';

/** Tasks that sleep in a page fault which is merely slow: the page does not come. */
export const slowFault: HangRule = {
  name: 'slow-fault',
  find: (facts) => {
    const { faults } = facts;
    const slow = faults.filter(
      ({ judgement, thread, entry }) =>
        !judgement.fatal && thread.cpu === undefined && thread.state === 'D' && entry.kind !== 'interrupt',
    );
    const [first] = slow;
    const threads = slow.map(({ thread }) => thread);
    if (first === undefined || isBrief(facts, threads)) return [];
    const does = doing(first.thread);
    const names = [...new Set(slow.map(({ thread }) => who(thread)))];
    return [
      {
        confidence: 'likely',
        sentence: `${listWords(names)} ${names.length === 1 ? 'waits' : 'wait'} for a page: ${names.length === 1 ? 'it' : 'the first'} ${does.words}.`,
        evidence: slow.slice(0, 4).map((fault) => ({
          words: `${who(fault.thread)} faulted${fault.entry.isUser ? ' in user space' : faultFunction(fault)}: ${fault.judgement.why}`,
          address: fault.entry.ptRegs,
        })),
        ...(does.at !== undefined && { location: locationOf(does.at) }),
      },
    ];
  },
};
