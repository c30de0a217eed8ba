import { conditionAt } from '../condition.ts';
import { place, quoted } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** BUG() and BUG_ON(). */
export const bugCheck: Rule = {
  name: 'bug-check',
  tier: 'general',
  find(subject) {
    const details = subject.details('kernel-bug');
    if (details === undefined) return undefined;
    const at = place(details.file, details.line);
    const condition = conditionAt(subject, details.file, details.line);
    const said = details.message === undefined ? '' : `: ${quoted(details.message)}`;
    const what = condition === undefined ? 'a BUG()' : `\`${condition.text}\``;
    return {
      confidence: 'certain',
      sentence: `${subject.blamed} ran into ${what}${at === undefined ? '' : ` at ${at}`}${said}.`,
      evidence: [subject.headline(), condition?.evidence],
    };
  },
};
