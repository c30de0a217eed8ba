import type { HangRule } from '../facts.ts';
import { listWords, locationOf, lockWords, siteEvidence, siteWords, who } from '../words.ts';
import { doing } from './blocked.ts';

/** Tasks in uninterruptible sleep, of which nobody is known to hold what they wait for. */
export const stuckTasks: HangRule = {
  name: 'stuck-tasks',
  find: ({ threads, contentions }) => {
    const stuck = threads.filter(({ state, cpu }) => state === 'D' && cpu === undefined);
    const [first] = stuck;
    if (first === undefined) return [];
    const contention = contentions.find(({ waits }) => waits.some(({ site }) => site.thread === first));
    const site = contention?.waits.find((wait) => wait.site.thread === first)?.site;
    const does = doing(first);
    const names = stuck.map((thread) => who(thread));
    return [
      {
        confidence: 'possible',
        sentence: `${listWords(names)} ${names.length === 1 ? 'sleeps' : 'sleep'} uninterruptibly: ${names.length === 1 ? 'it' : 'the first'} ${contention === undefined || site === undefined ? does.words : `waits for ${lockWords(contention)}${siteWords(site)}`}.`,
        evidence: stuck.slice(0, 4).map((thread) => {
          const wait = contentions.flatMap(({ waits }) => waits).find(({ site: its }) => its.thread === thread);
          return wait === undefined
            ? { words: `${who(thread)} ${doing(thread).words}` }
            : siteEvidence('waits', wait.site);
        }),
        ...(does.at !== undefined && { location: locationOf(does.at) }),
      },
    ];
  },
};
