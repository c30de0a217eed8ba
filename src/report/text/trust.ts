import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import type { Section } from './section.ts';
import { isWithoutSymbols, symbolParagraphs } from './symbols.ts';
import { listed } from './words.ts';

function missingParts(report: CrashReport): string[] {
  const missing: string[] = [];
  if (report.frames.length === 0) missing.push('a call trace');
  else if (!report.frames.some((frame) => frame.source) && isWithoutSymbols(report)) missing.push('source lines');
  if (report.kernel?.release === undefined) missing.push('the kernel\u2019s release');
  return missing;
}

/** How far to believe it, and what the log does not have. */
export function trustSection(report: CrashReport, cutOff: boolean): Section {
  const [verdict] = report.findings ?? [];
  if (report.unprinted && verdict !== undefined) {
    const found = `Found in the memory of the guest, not in a log; the rule ${printable(verdict.rule)} is ${verdict.confidence}.`;
    return { label: 'Trust', paragraphs: [found] };
  }
  const sentences: string[] = [];
  if (report.corrupted) {
    const reason = report.corruptedReason ?? 'it is damaged';
    sentences.push(
      report.culprit && report.frames.some((frame) => frame.reliable)
        ? printable(
            `Fair: by the common title rules the report is corrupted (${reason}), so the title may be wrong; the stack is usable.`,
          )
        : printable(`Low: by the common title rules the report is corrupted (${reason}), so the title may be wrong.`),
    );
  } else if (cutOff) {
    sentences.push('Fair: the log ends in the middle of this report.');
  } else if (report.unfinished) {
    sentences.push('Fair: the report breaks off before its end mark.');
  } else if (report.frames.some((frame) => frame.reliable)) {
    sentences.push('High: the report is whole.');
  } else {
    sentences.push('Fair: there is no reliable stack to hold against the headline.');
  }
  if (cutOff && report.corrupted) sentences.push('The log ends in the middle of this report.');
  if (report.suppressed) {
    sentences.push('Suppressed: the log blames the test environment, not the kernel, and other systems leave it out.');
  }
  const missing = missingParts(report);
  if (missing.length > 0) sentences.push(`The log lacks ${listed(missing)}.`);
  return { label: 'Trust', paragraphs: [sentences.join(' '), ...symbolParagraphs(report)] };
}
