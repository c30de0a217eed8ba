import type { Consequence } from '../../model/incident.ts';
import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { newsSection } from '../text/news.ts';
import type { Paragraph } from '../text/spans.ts';
import { suspectsSection } from '../text/suspects.ts';
import { verdictSentence } from '../text/verdict.ts';
import { whySection } from '../text/why.ts';
import { count, inputName } from '../text/words.ts';
import type { FormatOptions } from './options.ts';
import { stepsOf, stepText } from './places.ts';
import { deniedCount } from './remarks.ts';
import type { Problem, Run } from './run.ts';

/** A link from a problem to one that followed from it. */
export const consequenceWords: Readonly<Record<Consequence, string>> = {
  'panic-after': 'then the kernel panicked',
  repeat: 'again',
  'same-task-after': 'then, in what was broken already',
  'stuck-behind': 'then, stuck behind it',
  'reporting-trouble': 'while this was being reported',
  'tainted-after': 'later, perhaps because of it',
};

/** The name that other systems know it by; never empty. */
export function titleOf({ report }: Pick<Problem, 'report'>): string {
  return printable(report.title).trim() || printable(report.kind);
}

/** What happened, as a sentence. */
export function sentenceOf({ report, panicked }: Problem): string {
  return verdictSentence(report, panicked ? 'panicked' : 'unknown');
}

function plainText(paragraph: Paragraph): string {
  if (typeof paragraph === 'string') return paragraph;
  return paragraph.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('');
}

/** Why it is thought so, in lines; none if the log tells nothing. */
export function whyLines({ report }: Pick<Problem, 'report'>): string[] {
  return (whySection(report)?.paragraphs ?? []).map(plainText);
}

/** The commits that may have done it, a line each; none where nobody asked. */
export function suspectLines({ suspects }: Pick<Problem, 'suspects'>): string[] {
  return (suspectsSection(suspects, false)?.paragraphs ?? []).map(plainText);
}

/** The functions from the culprit on, a line each. */
export function stackLines({ report }: Pick<Problem, 'report'>, options: FormatOptions): string[] {
  return stepsOf(report, options).map(stepText);
}

/** Where and how often: `line 12 of boot.log, 3 times, also in 2 more inputs`. */
export function whereMet({ report, path, times, inputs }: Problem): string {
  const parts = [report.unprinted ? inputName(path) : `line ${report.startLine} of ${inputName(path)}`];
  if (times > 1) parts.push(count(times, 'time'));
  if (inputs > 1) parts.push(`in ${count(inputs, 'input')}`);
  return parts.join(', ');
}

/** By which rule a hang was found: there is no line of a kernel that says so. */
function ruleLines({ unprinted, findings }: CrashReport): string[] {
  const [verdict] = findings ?? [];
  if (!unprinted || verdict === undefined) return [];
  return [`Found by ktriage live: ${printable(verdict.rule)}, ${verdict.confidence}.`];
}

/** What ran and what followed, as sentences. */
export function circumstances({ report, followers, moreFollowers }: Problem): string[] {
  const { running, kernel } = report;
  const lines = [...ruleLines(report), ...(newsSection(report)?.paragraphs ?? []).map(plainText)];
  if (running?.test !== undefined) {
    lines.push(printable(`Running: ${running.test}${running.harness === undefined ? '' : ` (${running.harness})`}.`));
  }
  if (kernel?.release !== undefined) lines.push(printable(`Kernel: ${kernel.release} (${report.architecture}).`));
  const shown = followers.slice(0, 3);
  for (const { why, title, line } of shown) lines.push(`Line ${line}, ${consequenceWords[why]}: ${printable(title)}.`);
  const more = followers.length - shown.length + moreFollowers;
  if (more > 0) lines.push(`And ${count(more, 'more report')} after it.`);
  return lines;
}

/** Everything an annotation says, in lines: the most telling first, as consumers cut the end. */
export function messageLines(problem: Problem, options: FormatOptions): string[] {
  return [
    sentenceOf(problem),
    ...whyLines(problem),
    '',
    ...stackLines(problem, options),
    '',
    ...circumstances(problem),
    `${printable(problem.report.kind)}, signature ${printable(problem.report.signature)}, ${whereMet(problem)}`,
  ];
}

/** Of so many problems, how many do not make the run fail. */
function passingWords(all: number, passing: number): string {
  if (all === 1) return 'which does not fail the run';
  if (all === passing) return 'none of which fails the run';
  return `${passing} of which ${passing === 1 ? 'does' : 'do'} not fail the run`;
}

/** `1 hang, 2 crashes, 1 warning`; of what could not be vouched for too. */
export function totalsText(run: Run): string {
  const warnings = run.problems.filter(({ report }) => report.severity === 'warning').length;
  const hangs = run.problems.filter(({ report }) => report.unprinted === true && report.severity !== 'warning').length;
  const crashes = run.problems.length - warnings - hangs;
  const unclear = run.inputs.filter((input) => input.unclear !== undefined).length;
  const parts: string[] = [];
  if (hangs > 0) parts.push(count(hangs, 'hang'));
  if (crashes > 0) parts.push(count(crashes, 'crash', 'crashes'));
  if (warnings > 0) parts.push(count(warnings, 'warning'));
  const passing = run.problems.filter(({ fails }) => !fails).length;
  if (passing > 0) parts.push(passingWords(run.problems.length, passing));
  const denied = run.inputs.reduce((sum, input) => sum + deniedCount(input), 0);
  if (denied > 0) parts.push(`${count(denied, 'line')} that must not be there`);
  if (run.omitted > 0) parts.push(`${run.omitted} more not described`);
  if (unclear > 0) parts.push(`${count(unclear, 'input')} without a verdict`);
  return parts.length === 0 ? `no crash in ${count(run.inputs.length, 'input')}` : parts.join(', ');
}
