import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { findingSentence, leadingFinding } from './findings.ts';
import { functionOfModule } from './frame-words.ts';
import type { TextOptions } from './options.ts';
import type { Section } from './section.ts';
import type { Paragraph, Span } from './spans.ts';
import { clauseFor } from './verdict-words.ts';
import { capitalized } from './words.ts';

/** What came of a report, as far as the log tells. */
export type Aftermath = 'panicked' | 'unknown';

/** The function to name in the verdict: the culprit, else the title function. */
function blamed(report: CrashReport): string | undefined {
  if (report.culprit) return functionOfModule(report.culprit.function, report.culprit.module);
  // The title rules write the word `corrupted` where they find no function.
  if (report.frame === undefined || report.frame === 'corrupted') return undefined;
  return printable(report.frame);
}

function clauseOf(report: CrashReport): string | undefined {
  if (report.kind === 'oops/null-deref' && report.fault?.access === 'execute') {
    return 'a NULL function pointer was called{in}';
  }
  return clauseFor(report.kind);
}

/** The answer in one sentence: the best finding, or what such a report means. */
export function verdictSentence(report: CrashReport, aftermath: Aftermath): string {
  const panicked = aftermath === 'panicked' && !report.kind.startsWith('panic/');
  const lead = leadingFinding(report);
  if (lead !== undefined) return `${findingSentence(report, lead)}${panicked ? ' The kernel panicked.' : ''}`;
  const clause = clauseOf(report);
  const where = blamed(report);
  let sentence =
    clause === undefined ? printable(report.title) : clause.replace('{in}', where === undefined ? '' : ` in ${where}`);
  if (panicked) sentence += ', and the kernel panicked';
  return `${capitalized(sentence)}.`;
}

/** Where in the input the report stands: `line 412 of boot.log`. */
export function positionSpan(report: CrashReport, path: string, options: TextOptions): Span {
  const { firstLine, lastLine } = report.range;
  const text = firstLine === lastLine ? `line ${firstLine}` : `lines ${firstLine} to ${lastLine}`;
  const target = options.logLink?.(path, firstLine);
  return target === undefined ? { text } : { text, target };
}

/** The verdict: severity in a word, and the answer. */
export function verdictParagraph(report: CrashReport, aftermath: Aftermath): Paragraph {
  const sentence = verdictSentence(report, aftermath);
  return [{ text: `${report.severity}:`, tone: report.severity }, ' ', { text: sentence, tone: 'strong' }];
}

/** What to call it: the title that other systems know it by, the kind, the signature, and where it stands. */
export function nameSection(report: CrashReport, path: string, options: TextOptions): Section {
  const kind = `${printable(report.kind)}, signature ${printable(report.signature)}, `;
  const place = report.unprinted ? 'found in the guest' : positionSpan(report, path, options);
  return { label: 'Title', paragraphs: [printable(report.title), [kind, place]] };
}
