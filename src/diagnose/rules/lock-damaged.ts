import { hex } from '../../util/words.ts';
import { quoted, taskWords } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** kernel/locking/spinlock_debug.c: a lock that is not as it should be. */
export const lockDamaged: Rule = {
  name: 'lock-damaged',
  tier: 'general',
  find(subject) {
    const details = subject.details('spinlock');
    if (details === undefined) {
      const { message } = subject.details('warning') ?? {};
      const said = message === undefined ? '' : `: ${quoted(message)}`;
      const does = /^rtmutex deadlock detected/.test(message ?? '')
        ? 'waits for a lock that it holds itself, or whose holder waits for it'
        : `used a lock that is in a wrong state${said}`;
      return subject.isKind('locking/')
        ? { confidence: 'certain', sentence: `${subject.blamed} ${does}.`, evidence: [subject.headline()] }
        : undefined;
    }
    const { problem, lock, magic, owner, ownerPid } = details;
    const who = taskWords(owner, ownerPid);
    return {
      confidence: 'certain',
      sentence: `${subject.blamed} used a spinlock that is in a wrong state${lock === undefined ? '' : ` (${lock})`}: ${problem}.`,
      evidence: [
        subject.headline(),
        magic === undefined ? undefined : { ...subject.said(`its magic is ${hex(magic)}`), address: magic },
        who === undefined ? undefined : subject.said(`its owner is ${who}`),
      ],
      against: [
        /magic/.test(problem) ? 'A lock in memory that was freed, or never initialized, looks the same.' : undefined,
      ],
    };
  },
};
