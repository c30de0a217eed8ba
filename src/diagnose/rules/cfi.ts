import { callOf } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** report_cfi_failure() in kernel/cfi.c, since 6.1: `CFI failure at a+0x1/0x2 [m] (target: b+0x0/0x4; expected type: 0x..)`. */
const failure =
  /CFI failure at ([\w.$]{1,128})\+0x[^(\n]{1,80}\(target: ([\w.$]{1,128})(?:\+0x([0-9a-f]{1,8}))?[^;\n]{0,80}; expected type: 0x([0-9a-f]{1,16})/;

/** An indirect call to a function of another type. */
export const cfi: Rule = {
  name: 'cfi',
  tier: 'cause',
  find(subject) {
    const { reportText, headline } = subject.report;
    if (!subject.isKind('oops/cfi') && !/CFI failure/.test(headline)) return undefined;
    const found = failure.exec(reportText.slice(0, 8000));
    const target = found?.[2];
    const inside = found?.[3] !== undefined && Number.parseInt(found[3], 16) > 0;
    return {
      confidence: 'certain',
      sentence:
        target === undefined
          ? `${subject.blamed} called a function through a pointer of another type.`
          : inside
            ? `${subject.blamed} called into the middle of ${callOf(target)} through a function pointer: the pointer was overwritten.`
            : `${subject.blamed} called ${callOf(target)} through a function pointer of another type.`,
      evidence: [subject.headline()],
      against: [inside ? undefined : 'Mostly it is a cast of a function pointer, and only rarely an overwritten one.'],
    };
  },
};
