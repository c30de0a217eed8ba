import type { LiveFrame } from '../../../model/live.ts';
import { functionsOf } from '../../frames.ts';
import { durationWords } from '../../progress/clock.ts';
import type { Thread } from '../../thread.ts';
import { lockFunctionsOf, sleepFunctions } from '../../waits/lock-functions.ts';
import type { Contention, Holder } from '../../waits/wait.ts';
import type { HangFacts, HangRule } from '../facts.ts';
import { isBrief, isLong, waitedFor } from '../waited.ts';
import { atWords, holdsWords, listWords, locationOf, lockWords, siteEvidence, who } from '../words.ts';

/** Threads that wait for something whose holder does something else: what that does is the cause. */
export const blocked: HangRule = {
  name: 'blocked',
  find: (facts) =>
    facts.contentions.flatMap((contention) => {
      // Who waits itself is told of by what it waits for.
      const holder = contention.holders.find(({ thread }) => thread !== undefined && !isWaiting(facts, thread));
      const [wait] = contention.waits;
      if (holder?.thread === undefined || wait === undefined) return [];
      const threads = contention.waits.map(({ site }) => site.thread);
      if (isBrief(facts, threads)) return [];
      const waiters = threads.map(who);
      const does = doing(holder.thread);
      const time = durationWords(waitedFor(facts, wait.site.thread));
      return [
        {
          confidence:
            (holder.site === undefined && holder.task === undefined) || !isLong(facts, threads)
              ? ('possible' as const)
              : ('likely' as const),
          sentence: `${listWords(waiters)} ${waiters.length === 1 ? 'waits' : 'wait'} for ${lockWords(contention)}, which ${holdsWords(contention, holder)} while it ${does.words}.`,
          evidence: [
            ...contention.waits.slice(0, 4).map(({ site }) => siteEvidence(`waits for ${lockWords(contention)}`, site)),
            ...(time === undefined ? [] : [{ words: `${waiters[0]} ${sinceWords(wait.site.thread, time)}` }]),
            holderEvidence(contention, holder),
          ],
          location: does.at === undefined ? locationOf(wait.site.at) : locationOf(does.at),
        },
      ];
    }),
};

const sinceWords = ({ cpu }: Thread, time: string): string =>
  cpu === undefined ? `came to a CPU last ${time} ago` : `has been at it for ${time}`;

const isWaiting = ({ contentions }: HangFacts, thread: Thread): boolean =>
  contentions.some(({ waits, holders }) => holders.length > 0 && waits.some(({ site }) => site.thread === thread));

function holderEvidence({ address, value }: Contention, { how, thread }: Holder) {
  const words = thread === undefined ? 'Nobody is known to have it' : `${who(thread)}: ${how}`;
  return {
    words: `${words}${value === undefined ? '' : ` (its word is ${value})`}`,
    ...(address !== undefined && { address }),
  };
}

/** What a thread does: `sleeps in wait_for_completion at foo.c:12`, `runs foo at foo.c:12`. */
export function doing({ frames, cpu }: Pick<Thread, 'frames' | 'cpu'>): {
  readonly words: string;
  readonly at?: ReturnType<typeof functionsOf>[number];
} {
  const all = frames.filter(({ reliable }) => reliable).flatMap((frame: LiveFrame) => functionsOf(frame));
  const own = all.find(
    ({ function: name }) =>
      !sleepFunctions.test(name) && lockFunctionsOf(name) === undefined && !waitingHelper.test(name),
  );
  const inner = all.find(({ function: name }) => !sleepFunctions.test(name));
  if (own === undefined) return { words: cpu === undefined ? 'sleeps' : 'runs' };
  const through = inner === undefined || inner === own || cpu !== undefined ? '' : `${inner.function}() called by `;
  return { words: `${cpu === undefined ? 'sleeps in' : 'runs'} ${through}${own.function}${atWords(own)}`, at: own };
}

/** Functions that wait for whatever their callers want. */
const waitingHelper =
  /^(?:schedule_timeout\w*|wait_woken|prepare_to_\w+|finish_wait|__wait_on_bit\w*|out_of_line_wait_on_bit\w*|swait_\w+|__?wait_event\w*)$/;
