import type { LockKind } from '../../../model/live.ts';
import { durationWords } from '../../progress/clock.ts';
import type { Thread } from '../../thread.ts';
import type { Contention, Site } from '../../waits/wait.ts';
import type { HangFacts, HangRule } from '../facts.ts';
import { isBrief, waitedFor } from '../waited.ts';
import { listWords, locationOf, lockWords, siteEvidence, siteFunction, siteWords, who } from '../words.ts';
import { doing } from './blocked.ts';

/** Nanoseconds after which a program in such a sleep is no matter of a slow disk. */
const tooLong = 10_000_000_000n;

/** Whether a program sleeps so; threads of the kernel may do so by habit. */
const isLong = (facts: HangFacts, stuck: readonly Thread[]): boolean =>
  stuck.some((thread) => {
    const task = facts.tasks.find(({ address }) => address === thread.task);
    return task?.isKernelThread === false && (waitedFor(facts, thread) ?? 0n) >= tooLong;
  });

/** Why nobody is named. */
const unknownHolders: Partial<Readonly<Record<LockKind, string>>> = {
  completion: 'who is to complete it is not known',
  folio: 'who has it locked, or writes it, is not known: look at the device or file system below',
  'bit-lock': 'who has set it is not known',
  'wait-queue': 'who is to wake it is not known',
  'percpu-rwsem': 'who is in it is not known, as its readers are only counted',
  workqueue: 'no worker was found that runs it',
  futex: 'who has it only the program knows',
};

/** Of a wait queue its user says more than its name, if it has one. */
const waitWords = (contention: Contention, site: Site): string =>
  contention.kind === 'wait-queue'
    ? `waits in ${siteFunction(site)}${siteWords(site)} for ${lockWords(contention)}`
    : `waits for ${lockWords(contention)}${siteWords(site)}`;

/** Tasks in uninterruptible sleep, of which nobody is known to hold what they wait for. */
export const stuckTasks: HangRule = {
  name: 'stuck-tasks',
  find: (facts) => {
    const { threads, contentions } = facts;
    const stuck = threads.filter(({ state, cpu }) => state === 'D' && cpu === undefined);
    const [first] = stuck;
    if (first === undefined || isBrief(facts, stuck)) return [];
    const contention = contentions.find(({ waits }) => waits.some(({ site }) => site.thread === first));
    const site = contention?.waits.find((wait) => wait.site.thread === first)?.site;
    const does = doing(first);
    const names = stuck.map((thread) => who(thread));
    const time = durationWords(waitedFor(facts, first));
    const unknown = unknownHolders[contention?.kind ?? 'other'];
    return [
      {
        confidence: isLong(facts, stuck) ? 'likely' : 'possible',
        sentence: `${listWords(names)} ${names.length === 1 ? 'sleeps' : 'sleep'} uninterruptibly: ${names.length === 1 ? 'it' : 'the first'} ${contention === undefined || site === undefined ? does.words : waitWords(contention, site)}${unknown === undefined ? '' : `; ${unknown}`}.`,
        evidence: [
          ...(time === undefined ? [] : [{ words: `${who(first)} came to a CPU last ${time} ago` }]),
          ...stuck.slice(0, 4).map((thread) => {
            const wait = contentions.flatMap(({ waits }) => waits).find(({ site: its }) => its.thread === thread);
            return wait === undefined
              ? { words: `${who(thread)} ${doing(thread).words}` }
              : siteEvidence('waits', wait.site);
          }),
        ],
        ...(does.at !== undefined && { location: locationOf(does.at) }),
      },
    ];
  },
};
