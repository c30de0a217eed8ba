import { bareName, culpritIndex, linkCaller, trapAt } from '../../model/blame.ts';
import type { CrashReport } from '../../model/report.ts';
import { frameText, functionOfModule } from './frame-words.ts';
import { initTextWords, positionPieces } from './position.ts';
import type { Section } from './section.ts';
import type { Span } from './spans.ts';

/** The place in the code: the culprit's frame, with file and line if the log has them. */
export function whereSection(report: CrashReport): Section | undefined {
  const at = culpritIndex(report);
  const link = linkCaller(report);
  const frame =
    link ?? (at === -1 ? report.frames.find((candidate) => candidate.function !== undefined) : report.frames[at]);
  if (!frame) {
    if (!report.culprit) return undefined;
    return { label: 'Where', paragraphs: [functionOfModule(report.culprit.function, report.culprit.module)] };
  }
  const pieces: (string | Span)[] = [{ text: frameText(frame), tone: 'strong' }];
  pieces.push(...positionPieces(frame));
  if (frame.initText) pieces.push(initTextWords);
  const trap = trapAt(report);
  // Registers mean that the processor trapped there: in a helper that the culprit called, perhaps.
  // Registers in the middle of a stack are those of an earlier trap.
  const above = at > 0 || link !== undefined;
  const here = trap?.range.firstByte === report.frames[0]?.range.firstByte;
  if (above && here && trap?.function !== undefined && bareName(trap.function) !== bareName(frame.function ?? '')) {
    pieces.push(`, trapped in ${frameText(trap)}`);
  }
  return { label: 'Where', paragraphs: [pieces] };
}
