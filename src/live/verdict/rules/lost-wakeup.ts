import { isIn } from '../../frames.ts';
import { durationWords } from '../../progress/clock.ts';
import type { HangRule } from '../facts.ts';
import { isBrief, waitedFor } from '../waited.ts';
import { listWords, locationOf, lockWords, siteEvidence, siteFunction, siteWords, who } from '../words.ts';

/** Who is about to wake them: between giving back and waking there is a moment. */
const waking =
  /^(?:__?mutex_unlock\w*|mutex_unlock|up|__up|up_(?:read|write)|rwsem_\w*wake\w*|complete\w*|swake_up\w*|wake_up_q|try_to_wake_up|ttwu_\w+)$/;

/** Tasks that sleep for what nobody has, or what has happened already: they were never woken. */
export const lostWakeup: HangRule = {
  name: 'lost-wakeup',
  find: (facts) => {
    if (facts.cpus.some(({ frames }) => frames.some((frame) => isIn(frame, waking)))) return [];
    return facts.contentions.flatMap((contention) => {
      const asleep = contention.waits.filter(
        ({ site }) => site.thread.cpu === undefined && ['S', 'D'].includes(site.thread.state ?? ''),
      );
      const [wait] = asleep;
      if (contention.isFree !== true || wait === undefined || asleep.length < contention.waits.length) return [];
      const threads = asleep.map(({ site }) => site.thread);
      if (isBrief(facts, threads)) return [];
      const time = durationWords(waitedFor(facts, wait.site.thread));
      const names = listWords(threads.map(who));
      const fact = contention.kind === 'completion' ? 'which is complete' : 'which nobody has';
      return [
        {
          confidence: time === undefined ? ('possible' as const) : ('likely' as const),
          sentence: `${names} ${threads.length === 1 ? 'sleeps' : 'sleep'}${siteWords(wait.site)} in ${siteFunction(wait.site)} for ${lockWords(contention)}, ${fact}: the wake-up was lost${time === undefined ? '' : ` ${time} ago or less`}.`,
          evidence: [
            siteEvidence(`waits for ${lockWords(contention)}`, wait.site),
            {
              words: `Its words say that ${contention.kind === 'completion' ? 'it is done' : 'it is free'}, and no CPU is about to wake anybody`,
              ...(contention.address !== undefined && { address: contention.address }),
            },
          ],
          location: locationOf(wait.site.at),
        },
      ];
    });
  },
};
