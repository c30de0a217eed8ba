import type { Rule } from '../rule.ts';

/** kernel_init() in init/main.c */
export const noInit: Rule = {
  name: 'no-init',
  tier: 'cause',
  find(subject) {
    if (!subject.isKind('panic/no-init')) return undefined;
    const asked = /(?:^|\s)(?:rd)?init=(\S{1,200})/.exec(subject.report.kernel?.commandLine ?? '')?.[1];
    return {
      confidence: 'certain',
      sentence: `No program could be started as init${asked === undefined ? '' : ` (the command line asks for ${asked})`}: it is missing, not executable, of another architecture, or lacks its interpreter or libraries.`,
      evidence: [subject.headline()],
    };
  },
};
