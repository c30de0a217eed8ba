import { lockWords, taskWords } from '../phrases.ts';
import type { Rule } from '../rule.ts';

const words: Readonly<Record<string, string>> = {
  'lockdep/bad-unlock': 'released a lock that it does not hold',
  'lockdep/bad-contention': 'waited for a lock that lockdep does not know to be wanted',
  'lockdep/held-lock-freed': 'freed memory with a lock in it that is held',
  'lockdep/nested-lock': 'took a lock as nested in one that it does not hold',
  'lockdep/invalid-wait-context': 'took a lock that may sleep where nothing may sleep',
  'lockdep/non-static-key': 'used a lock that was never initialized',
};

/** What a task did; the stack is of where that was noticed, or of where the lock was taken. */
const ofTask: Readonly<Record<string, string>> = {
  // debug_check_no_locks_held(): do_exit(), and try_to_freeze() up to 6.1.
  'lockdep/held-at-exit': 'was to end, or to be frozen, with a lock held',
  'lockdep/held-in-user-space': 'returned to user space with a lock held',
};

/** Locks used wrongly in other ways than their order. */
export const lockMisuse: Rule = {
  name: 'lock-misuse',
  tier: 'cause',
  find(subject) {
    const details = subject.details('lockdep');
    const left = ofTask[subject.kind];
    const what = words[subject.kind] ?? left;
    if (what === undefined) return undefined;
    const lock = details?.released ?? details?.wanted ?? details?.held.at(-1);
    const task = taskWords(details?.task, details?.pid);
    return {
      confidence: 'certain',
      sentence:
        left === undefined
          ? `${subject.blamed}${task === undefined ? '' : `, in ${task},`} ${what}${lock === undefined ? '' : `: ${lock.name}`}.`
          : `${task ?? 'A task'} ${left}${lock === undefined ? '' : `: ${lockWords(lock)}`}.`,
      evidence: [
        subject.headline(),
        details === undefined || details.held.length === 0
          ? undefined
          : subject.said(`held: ${details.held.slice(0, 4).map(lockWords).join(', ')}`),
      ],
    };
  },
};
