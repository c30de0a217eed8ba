import { count } from '../../util/words.ts';
import { quoted } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** usercopy_abort() in mm/usercopy.c: `Kernel memory exposure attempt detected from SLUB object 'x' (offset 0, size 256)!` */
const abort =
  /Kernel memory (exposure|overwrite) attempt detected (?:from|to) (.{1,120}?) \(offset (\d{1,12}), size (\d{1,12})\)/;

/** A copy to or from user space that crossed its object. */
export const usercopy: Rule = {
  name: 'usercopy',
  tier: 'cause',
  find(subject) {
    const message =
      subject.details('kernel-bug')?.message ?? subject.details('warning')?.message ?? subject.report.headline;
    if (!subject.isKind('bug/usercopy', 'warning/usercopy', 'bug/kernel-bug')) return undefined;
    const found = abort.exec(message) ?? abort.exec(subject.report.reportText.slice(0, 2000));
    if (found === null && subject.isKind('bug/kernel-bug')) return undefined;
    const [, direction, object, offset, size] = found ?? [];
    const bytes = count(Number(size ?? 0), 'byte');
    const sentence =
      found === null
        ? `${subject.blamed} was about to copy more between kernel and user space than its object has.`
        : direction === 'exposure'
          ? `${subject.blamed} was about to copy ${bytes} at offset ${offset} of ${object} to user space, which is more than that object has or may give away.`
          : `${subject.blamed} was about to copy ${bytes} of user space to offset ${offset} of ${object}, which is more than fits there.`;
    return { confidence: 'certain', sentence, evidence: [subject.said(`the check says: ${quoted(message)}`)] };
  },
};
