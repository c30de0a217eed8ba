import { bareName } from '../../model/blame.ts';
import { conditionAt } from '../condition.ts';
import { callOf, place, quoted } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** Lines of others, and of the report itself, that stand where the message would (up to 4.13). */
const foreign =
  /\b(?:Not tainted|Tainted:)|^(?:WARNING: CPU: |audit: |Read of size|Write of size|unwind stack|[\w.]{1,128}\+0x[\da-f]{1,8}\/)/;

/** WARN(), WARN_ON() and their kin. */
export const warningCheck: Rule = {
  name: 'warning-check',
  tier: 'general',
  find(subject) {
    const details = subject.details('warning');
    if (details === undefined) return undefined;
    const { file, line, condition: printed, function: name } = details;
    const message = foreign.test(details.message ?? '') ? undefined : details.message;
    if (file === undefined && message === undefined && printed === undefined) return undefined;
    const at = place(file, line);
    const source = conditionAt(subject, file, line);
    const condition = printed ?? source?.text;
    const [top] = subject.report.frames;
    // The check is mostly in the culprit; else both are to be named.
    const checked = name === undefined ? undefined : bareName(name);
    const culprit = subject.report.culprit;
    const elsewhere = checked !== undefined && culprit !== undefined && bareName(culprit.function) !== checked;
    const who =
      elsewhere && checked !== undefined
        ? `${callOf(checked, top?.function !== undefined && bareName(top.function) === checked ? top.module : undefined)}, called from ${callOf(culprit.function, culprit.module)},`
        : subject.blamed;
    const what = condition === undefined ? '' : ` that \`${condition}\` is true`;
    const said = message === undefined ? '' : `: ${quoted(message)}`;
    return {
      confidence: 'certain',
      sentence: `${who} warned${at === undefined ? '' : ` at ${at}`}${what}${said}.`,
      evidence: [subject.headline(), source?.evidence],
    };
  },
};
