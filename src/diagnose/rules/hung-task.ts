import { count } from '../../util/words.ts';
import { call, lockWords, taskWords } from '../phrases.ts';
import type { Rule } from '../rule.ts';
import { waitOf } from '../waits.ts';
import { lockWordsOf } from '../wanted-lock.ts';

/** What sort of lock a function takes. */
function lockSort(through: string | undefined): string | undefined {
  if (through === undefined) return undefined;
  if (/mutex/.test(through)) return 'mutex';
  if (/^down_/.test(through)) return 'read-write semaphore';
  return 'lock';
}

/** kernel/hung_task.c */
export const hungTask: Rule = {
  name: 'hung-task',
  tier: 'general',
  find(subject) {
    const details = subject.details('hung-task');
    if (details === undefined) return undefined;
    const { task, pid, seconds, inIoWait, blockedOn, owner, held = [], state } = details;
    const wait = waitOf(subject);
    const article = blockedOn === undefined ? undefined : `${/^[aeiou]/.test(blockedOn) ? 'an' : 'a'} ${blockedOn}`;
    const { lock } = subject.report.explanation ?? {};
    const { which, twice, evidence, against } = lockWordsOf(subject, lockSort(lock?.through) ?? 'lock');
    const named = lock?.name === undefined && twice === undefined ? undefined : which;
    const what = named ?? article ?? wait?.words ?? (inIoWait === true ? 'I/O' : undefined);
    const holder = owner === undefined ? undefined : taskWords(owner.task, owner.pid);
    const long = seconds === undefined ? 'too long' : `more than ${count(seconds, 'second')}`;
    // Where every blocked task stands tells nothing.
    const where = /^_*schedule\b/.test(subject.blamedCall ?? '') ? '' : subject.inBlamed;
    const held4 = held.slice(0, 4).map(lockWords).join(', ');
    return {
      confidence: what === undefined ? 'certain' : 'likely',
      sentence: `${taskWords(task, pid) ?? 'A task'} has waited ${long}${what === undefined ? '' : ` for ${what}`}${where}${twice ?? ''}${holder === undefined || twice !== undefined ? '' : `, which ${holder} ${owner?.likely === true ? 'probably holds' : 'holds'}`}.`,
      evidence: [
        subject.headline(),
        wait === undefined
          ? undefined
          : { words: `it sleeps in ${call(wait.function)}`, firstLine: wait.frame.range.firstLine },
        ...evidence,
        state === undefined ? undefined : subject.said(`its state is ${state}`),
        inIoWait === true ? subject.said('it is counted as waiting for I/O') : undefined,
        held4 === '' ? undefined : subject.said(`it holds ${held4}`),
      ],
      against: [
        against,
        what !== undefined && holder === undefined && twice === undefined
          ? 'Who should end the wait was not printed: the task may be slow rather than stuck.'
          : undefined,
      ],
    };
  },
};
