import { hex } from '../../util/words.ts';
import type { Rule } from '../rule.ts';

/** do_exit() in kernel/exit.c: `Attempted to kill init!` */
export const initDied: Rule = {
  name: 'init-died',
  tier: 'cause',
  find(subject) {
    if (!subject.isKind('panic/init-killed')) return undefined;
    const { exitCode, exitMeaning } = subject.details('panic') ?? {};
    // A fault of user space right before tells why.
    const { startLine } = subject.report;
    const fault = subject.context.notices?.findLast(
      ({ kind, range }) => kind.startsWith('user/') && range.firstLine <= startLine && startLine - range.lastLine < 50,
    );
    const code = exitCode === undefined ? '' : ` with code ${hex(BigInt(exitCode))}`;
    return {
      confidence: 'certain',
      sentence: `init, the first process, ended${code}${exitMeaning === undefined ? '' : ` (${exitMeaning})`}, and the kernel cannot go on without it.`,
      evidence: [
        subject.headline(),
        fault === undefined
          ? undefined
          : { words: `right before: ${fault.title}`, firstLine: fault.range.firstLine, lastLine: fault.range.lastLine },
      ],
      against: [fault === undefined ? undefined : 'The fault before may be of another process.'],
    };
  },
};
