import type { LiveFrame } from '../../../model/live.ts';
import { functionsOf } from '../../frames.ts';
import type { Thread } from '../../thread.ts';
import { lockFunctionsOf, sleepFunctions } from '../../waits/lock-functions.ts';
import type { Contention, Holder } from '../../waits/wait.ts';
import type { HangFacts, HangRule } from '../facts.ts';
import { atWords, listWords, locationOf, lockWords, siteEvidence, siteFunction, siteWords, who } from '../words.ts';

/** Tasks that wait for a lock whose holder does something else: what that does is the cause. */
export const blocked: HangRule = {
  name: 'blocked',
  find: (facts) =>
    facts.contentions.flatMap((contention) => {
      const [holder] = contention.holders;
      const [wait] = contention.waits;
      if (holder?.thread === undefined || wait === undefined || contention.waits.length === 0) return [];
      // Who waits itself is told of by what it waits for.
      if (isWaiting(facts, holder.thread)) return [];
      const waiters = contention.waits.map(({ site }) => who(site.thread));
      const does = doing(holder.thread);
      const taken = holder.site === undefined ? '' : `, taken${siteWords(holder.site)} in ${siteFunction(holder.site)}`;
      return [
        {
          confidence:
            holder.site === undefined && holder.task === undefined ? ('possible' as const) : ('likely' as const),
          sentence: `${listWords(waiters)} ${waiters.length === 1 ? 'waits' : 'wait'} for ${lockWords(contention)}, which ${who(holder.thread)} has${taken} while it ${does.words}.`,
          evidence: [
            ...contention.waits.slice(0, 4).map(({ site }) => siteEvidence(`waits for ${lockWords(contention)}`, site)),
            holderEvidence(contention, holder),
          ],
          location: does.at === undefined ? locationOf(wait.site.at) : locationOf(does.at),
        },
      ];
    }),
};

const isWaiting = ({ contentions }: HangFacts, thread: Thread): boolean =>
  contentions.some(({ waits, holders }) => holders.length > 0 && waits.some(({ site }) => site.thread === thread));

function holderEvidence({ address, value }: Contention, { how, thread }: Holder) {
  const words = thread === undefined ? 'Nobody is known to have it' : `${who(thread)} has it, by ${how}`;
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
