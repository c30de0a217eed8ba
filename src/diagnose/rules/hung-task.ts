import { count } from '../../util/words.ts';
import { call, lockWords, taskWords } from '../phrases.ts';
import type { Rule } from '../rule.ts';
import { waitOf } from '../waits.ts';

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
    const what = article ?? wait?.words ?? (inIoWait === true ? 'I/O' : undefined);
    const holder = owner === undefined ? undefined : taskWords(owner.task, owner.pid);
    const long = seconds === undefined ? 'too long' : `more than ${count(seconds, 'second')}`;
    // Where every blocked task stands tells nothing.
    const where = /^_*schedule\b/.test(subject.blamedCall ?? '') ? '' : subject.inBlamed;
    const held4 = held.slice(0, 4).map(lockWords).join(', ');
    return {
      confidence: what === undefined ? 'certain' : 'likely',
      sentence: `${taskWords(task, pid) ?? 'A task'} has waited ${long}${what === undefined ? '' : ` for ${what}`}${where}${holder === undefined ? '' : `, which ${holder} ${owner?.likely === true ? 'probably holds' : 'holds'}`}.`,
      evidence: [
        subject.headline(),
        wait === undefined
          ? undefined
          : { words: `it sleeps in ${call(wait.function)}`, firstLine: wait.frame.range.firstLine },
        state === undefined ? undefined : subject.said(`its state is ${state}`),
        inIoWait === true ? subject.said('it is counted as waiting for I/O') : undefined,
        held4 === '' ? undefined : subject.said(`it holds ${held4}`),
      ],
      against: [
        what !== undefined && holder === undefined
          ? 'Who should end the wait was not printed: the task may be slow rather than stuck.'
          : undefined,
      ],
    };
  },
};
