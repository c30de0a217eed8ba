import { isIn } from '../../frames.ts';
import type { HangRule } from '../facts.ts';
import { accessWords, blamed, faultFunction } from '../fault-words.ts';
import { locationOf, who } from '../words.ts';
import { panicking } from './panicked.ts';

/** A fault that nothing can be done about, and that the kernel has not finished reporting. */
export const fatalFault: HangRule = {
  name: 'fatal-fault',
  find: ({ faults }) =>
    faults
      .filter(({ judgement, thread }) => judgement.fatal && !thread.frames.some((frame) => isIn(frame, panicking)))
      .map((fault) => {
        const { thread, judgement, entry } = fault;
        const inner = thread.frames[0];
        const now = inner?.function === undefined ? '' : `; it is now in ${inner.function}`;
        return {
          confidence: judgement.isSure ? ('certain' as const) : ('likely' as const),
          sentence: `${who(thread)} ${accessWords(fault)}${faultFunction(fault)} and has not come out of it${now}.`,
          evidence: [{ words: `pt_regs at 0x${entry.ptRegs.toString(16)}: ${judgement.why}`, address: entry.ptRegs }],
          location: locationOf(blamed(fault)),
        };
      }),
};
