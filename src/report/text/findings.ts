import type { Evidence, Finding } from '../../model/explanation.ts';
import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { cutTo } from '../width.ts';
import { Places } from './places.ts';
import type { Section } from './section.ts';
import type { Paragraph } from './spans.ts';
import { capitalized } from './words.ts';

/** A text with quotes of the log in it: long ones are cut, as no line of a screen should be without end. */
const longestQuote = 600;

/** With a full stop where a quote of the log brought none, and a capital where it begins with a word of English and
 * not with a task's name. */
export function quotedSentence(text: string): string {
  const shown = cutTo(printable(text.trim()), longestQuote);
  const begun = /^[a-z]+(?:[:,]| (?!\((?:PID|pid) ))/.test(shown) ? capitalized(shown) : shown;
  return /[.!?:\u2026]$/.test(begun) ? begun : `${begun}.`;
}

/**
 * The finding that the screen begins with: the best cause, if it is at least likely. Of a hang that no kernel told of
 * there is nothing else to say.
 */
export function leadingFinding({ findings = [], unprinted }: CrashReport): Finding | undefined {
  const [best] = findings;
  if (best === undefined || best.circumstance === true) return undefined;
  return best.confidence === 'possible' && unprinted !== true ? undefined : best;
}

/** The finding in the words that the screen begins with. */
export function findingSentence(report: CrashReport, finding: Finding): string {
  const sentence = new Places(report).annotate(quotedSentence(finding.sentence));
  return finding.confidence === 'certain' ? sentence : `${capitalized(finding.confidence)}: ${sentence}`;
}

/** The headline is told by the title already. */
const isHeadline = (report: CrashReport, { words, firstLine }: Evidence): boolean =>
  firstLine === report.startLine && words.startsWith('the kernel said: ');

/** What a finding rests on, as sentences. */
export function evidenceSentences(report: CrashReport, { evidence }: Finding): string[] {
  return evidence.filter((each) => !isHeadline(report, each)).map(({ words }) => quotedSentence(words));
}

/** What else matters and is more than a guess. */
export function circumstanceSentences({ findings = [] }: CrashReport): string[] {
  return findings
    .filter(({ circumstance, confidence }) => circumstance === true && confidence !== 'possible')
    .map(({ sentence }) => quotedSentence(sentence));
}

/** Lines that are shown as they are. */
export function drawingParagraphs(finding: Finding | undefined): Paragraph[] {
  return (finding?.drawing ?? []).map((line): Paragraph => [{ text: `  ${printable(line)}`, whole: true }]);
}

/** ` (line 12)`, ` (lines 12 to 14)`, ` (%rax)`: where a piece of evidence stands. */
function standing({ firstLine, lastLine }: Evidence): string {
  if (firstLine === undefined) return '';
  return lastLine === undefined || lastLine === firstLine
    ? ` (line ${firstLine})`
    : ` (lines ${firstLine} to ${lastLine})`;
}

function findingParagraphs(report: CrashReport, finding: Finding, isLead: boolean): Paragraph[] {
  const { rule, confidence, sentence, evidence, against = [] } = finding;
  const places = new Places(report);
  const told = isLead ? 'what this report begins with.' : places.annotate(quotedSentence(sentence));
  const item = (text: string): Paragraph => [{ text: '  ', whole: true }, places.annotate(quotedSentence(text))];
  return [
    [{ text: printable(rule), tone: 'strong' }, ` (${confidence}): ${told}`],
    ...evidence.map((each) => item(`${quotedSentence(each.words).replace(/[.]$/, '')}${standing(each)}`)),
    ...(isLead ? [] : drawingParagraphs(finding)),
    ...against.map((each) => item(`Against it: ${each}`)),
  ];
}

/** All findings, with what each rests on and what speaks against it. */
export function findingsSection(report: CrashReport): Section | undefined {
  const { findings = [] } = report;
  const lead = leadingFinding(report);
  const paragraphs = findings.flatMap((finding) => findingParagraphs(report, finding, finding === lead));
  return paragraphs.length === 0 ? undefined : { label: 'Findings', paragraphs };
}
