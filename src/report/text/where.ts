import type { CrashReport, Frame } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { bareName, frameText, functionOfModule, sourceText } from './frame-words.ts';
import { culpritIndex, linkCaller, trapAt } from './noise.ts';
import type { Section } from './section.ts';
import type { Span } from './spans.ts';
import { listed } from './words.ts';

/** More places of functions of one name are not named. */
const placesShown = 3;

/**
 * ` at mm/slub.c:12`, and which inlined function that is in: the innermost position that is in no header, as helpers of
 * headers are everywhere, then that of the header. Several places where they cannot be told apart.
 */
function positionPieces(frame: Frame): (string | Span)[] {
  const inner = (frame.inlined ?? []).flatMap(({ function: name, source }) => (source ? [{ name, source }] : []));
  const positions = [...inner, ...(frame.source ? [{ name: undefined, source: frame.source }] : [])];
  const [innermost] = positions;
  if (innermost !== undefined) {
    const shown = positions.find(({ source }) => !source.file.endsWith('.h')) ?? innermost;
    const pieces: (string | Span)[] = [' at ', { text: sourceText(shown.source), tone: 'strong' }];
    if (shown.name !== undefined) pieces.push(printable(` in ${shown.name}, inlined`));
    if (shown !== innermost && innermost.name !== undefined)
      pieces.push(printable(`, in ${innermost.name} inlined from `), sourceText(innermost.source));
    return pieces;
  }
  const { candidates = [] } = frame;
  if (candidates.length === 0) return [];
  return [` at one of ${listed(candidates.slice(0, placesShown).map(sourceText))}`];
}

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
