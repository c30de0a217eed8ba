import { call } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** __stack_chk_fail() in kernel/panic.c */
export const stackSmash: Rule = {
  name: 'stack-smash',
  tier: 'cause',
  find(subject) {
    if (!subject.isKind('panic/stack-protector')) return undefined;
    const message = subject.report.panic?.message ?? subject.details('panic')?.message ?? subject.report.headline;
    const name = /corrupted in: ([\w.$]{1,128})/.exec(message)?.[1];
    const who =
      name === undefined ? subject.blamed : /^[0-9a-f]{8,16}$/.test(name) ? `The function at 0x${name}` : call(name);
    return {
      confidence: 'certain',
      sentence: `${who} found its stack canary overwritten when it returned: something wrote beyond a local variable of it, or of a function that it called.`,
      evidence: [subject.headline()],
    };
  },
};
