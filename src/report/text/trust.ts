import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import type { Section } from './section.ts';
import type { Paragraph } from './spans.ts';
import { listed } from './words.ts';

function missingParts(report: CrashReport): string[] {
  const missing: string[] = [];
  if (report.frames.length === 0) missing.push('a call trace');
  else if (!report.frames.some((frame) => frame.source)) missing.push('source lines');
  if (report.kernel?.release === undefined) missing.push('the kernel\u2019s release');
  return missing;
}

/** How far to believe it, and what the log does not have. */
export function trustSection(report: CrashReport, cutOff: boolean): Section {
  const paragraphs: Paragraph[] = [];
  if (report.corrupted) {
    const reason = report.corruptedReason === undefined ? '' : `: ${printable(report.corruptedReason)}`;
    paragraphs.push([
      { text: 'Low', tone: 'warning' },
      `. The report is damaged${reason}. Title and culprit may be wrong.`,
    ]);
  } else if (report.frames.some((frame) => frame.reliable)) {
    paragraphs.push('High. The report is whole.');
  } else {
    paragraphs.push('Fair. There is no reliable stack to hold against the headline.');
  }
  if (cutOff) paragraphs.push([{ text: 'The log ends in the middle of this report.', tone: 'warning' }]);
  if (report.suppressed) {
    paragraphs.push('Suppressed: the log blames the test environment, not the kernel, and other systems leave it out.');
  }
  const missing = missingParts(report);
  if (missing.length === 0) return { label: 'Trust', paragraphs };
  const sentence = `The log lacks ${listed(missing)}.`;
  const last = paragraphs.at(-1);
  if (typeof last === 'string') paragraphs[paragraphs.length - 1] = `${last} ${sentence}`;
  else paragraphs.push(sentence);
  return { label: 'Trust', paragraphs };
}
