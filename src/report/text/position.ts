import type { Frame } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { frameText, sourceText } from './frame-words.ts';
import type { Paragraph, Span } from './spans.ts';
import type { Tone } from './style.ts';
import { listed } from './words.ts';

/** What is said of a frame whose code is no longer there once the kernel runs. */
export const initTextWords = ', in __init text, which is freed after boot';

/** More places of functions of one name are not named. */
const placesShown = 3;

/** What has a position. */
export type Placed = Pick<Frame, 'source' | 'inlined' | 'candidates'>;

function candidatePieces({ candidates = [] }: Placed): (string | Span)[] {
  return candidates.length === 0 ? [] : [` at one of ${listed(candidates.slice(0, placesShown).map(sourceText))}`];
}

/**
 * ` at mm/slub.c:12`, and which inlined function that is in: the innermost position that is in no header, as helpers of
 * headers are everywhere, then that of the header. Several places where they cannot be told apart.
 */
export function positionPieces(frame: Placed): (string | Span)[] {
  const inner = (frame.inlined ?? []).flatMap(({ function: name, source }) => (source ? [{ name, source }] : []));
  const positions = [...inner, ...(frame.source ? [{ name: undefined, source: frame.source }] : [])];
  const [innermost] = positions;
  if (innermost === undefined) return candidatePieces(frame);
  const shown = positions.find(({ source }) => !source.file.endsWith('.h')) ?? innermost;
  const pieces: (string | Span)[] = [' at ', { text: sourceText(shown.source), tone: 'strong' }];
  if (shown.name !== undefined) pieces.push(printable(` in ${shown.name}, inlined`));
  if (shown !== innermost && innermost.name !== undefined)
    pieces.push(printable(`, in ${innermost.name} inlined from `), sourceText(innermost.source));
  return pieces;
}

/** ` at mm/slub.c:12` and no more; empty where it is not known. */
export function positionText(frame: Placed): string {
  return positionPieces(frame)
    .slice(0, 2)
    .map((piece) => (typeof piece === 'string' ? piece : piece.text))
    .join('');
}

/** A frame with where it is, as `positionPieces`, in one line. */
export function placedFrame(frame: Frame, form: 'full' | 'short', tone: Tone = 'plain'): (string | Span)[] {
  const plain = positionPieces(frame).map((piece) => (typeof piece === 'string' ? piece : piece.text));
  return [{ text: frameText(frame, form), tone }, ...plain];
}

/** A frame of a stack: the functions inlined into it first, each on a line of its own. */
export function frameParagraphs(frame: Frame, mark?: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  for (const inline of frame.inlined ?? []) {
    const source = inline.source ? ` at ${sourceText(inline.source)}` : '';
    paragraphs.push([{ text: `${printable(inline.function)}${source} (inlined into the next)`, tone: 'plain' }]);
  }
  const pieces: (string | Span)[] = [];
  if (!frame.reliable) pieces.push('? ');
  pieces.push({ text: frameText(frame), ...(mark === undefined ? {} : { tone: 'strong' as const }) });
  if (frame.source) pieces.push(` at ${sourceText(frame.source)}`);
  else pieces.push(...candidatePieces(frame));
  if (frame.initText) pieces.push(initTextWords);
  if (mark !== undefined) pieces.push({ text: ` <- ${mark}`, tone: 'strong' });
  paragraphs.push(pieces);
  return paragraphs;
}
