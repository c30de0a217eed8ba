import type { CrashReport } from '../../model/report.ts';
import { bareName, frameText, functionOfModule, sourceText } from './frame-words.ts';
import { culpritIndex, trapAt } from './noise.ts';
import type { Section } from './section.ts';
import type { Span } from './spans.ts';

/** The place in the code: the culprit's frame, with file and line if the log has them. */
export function whereSection(report: CrashReport): Section | undefined {
  const at = culpritIndex(report);
  const frame = at === -1 ? report.frames.find((candidate) => candidate.function !== undefined) : report.frames[at];
  if (!frame) {
    if (!report.culprit) return undefined;
    return { label: 'Where', paragraphs: [functionOfModule(report.culprit.function, report.culprit.module)] };
  }
  const pieces: (string | Span)[] = [{ text: frameText(frame), tone: 'strong' }];
  const source = frame.inlined?.[0]?.source ?? frame.source;
  if (source) pieces.push(` at ${sourceText(source)}`);
  const trap = trapAt(report);
  // Registers mean that the processor trapped there: in a helper that the culprit called, perhaps.
  if (at > 0 && trap?.function !== undefined && bareName(trap.function) !== bareName(frame.function ?? '')) {
    pieces.push(`, trapped in ${frameText(trap)}`);
  }
  return { label: 'Where', paragraphs: [pieces] };
}
