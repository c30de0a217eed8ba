import { displayWidth } from '../width.ts';
import type { Painter, Tone } from './style.ts';

/** A piece of text of one look. Its text is safe to show already. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
  /** Leads there when clicked. */
  readonly target?: string;
  /** Not to be broken at its blanks. */
  readonly whole?: boolean;
}

/** A paragraph: plain text, or pieces of different looks. */
export type Paragraph = string | readonly (string | Span)[];

function spansOf(paragraph: Paragraph): Span[] {
  const pieces = typeof paragraph === 'string' ? [paragraph] : paragraph;
  return pieces.map((piece) => (typeof piece === 'string' ? { text: piece } : piece));
}

/** What never gets parted: a run without blanks, of several looks perhaps. */
interface Word {
  readonly pieces: Span[];
  width: number;
  /** Blanks before it, if it does not begin a line. */
  readonly gap: string;
}

function wordsOf(paragraph: Paragraph): Word[] {
  const words: Word[] = [];
  let gap = '';
  let open = false;
  for (const span of spansOf(paragraph)) {
    const parts = span.whole ? [span.text] : span.text.split(/( +)/);
    for (const part of parts) {
      if (part === '') continue;
      if (!span.whole && part[0] === ' ') {
        gap = part;
        open = false;
        continue;
      }
      const piece = { ...span, text: part };
      const last = words.at(-1);
      if (open && last) {
        last.pieces.push(piece);
        last.width += displayWidth(part);
      } else {
        words.push({ pieces: [piece], width: displayWidth(part), gap });
        gap = '';
        open = true;
      }
    }
  }
  return words;
}

function paintAll(pieces: readonly Span[], painter: Painter): string {
  return pieces
    .map((piece) => {
      const painted = piece.tone ? painter.paint(piece.tone, piece.text) : piece.text;
      return piece.target ? painter.link(painted, piece.target) : painted;
    })
    .join('');
}

/**
 * A paragraph as lines of at most `width` columns, broken at blanks; a single word that is wider stays whole.
 * `first` stands before the first line, `rest` before all others; both count.
 */
export function wrap(
  paragraph: Paragraph,
  width: number,
  painter: Painter,
  first = '',
  rest = ' '.repeat(displayWidth(first)),
): string[] {
  const lines: string[] = [];
  let line = first;
  let used = displayWidth(first);
  let empty = true;
  for (const word of wordsOf(paragraph)) {
    if (!empty && used + word.gap.length + word.width > width) {
      lines.push(line);
      line = rest;
      used = displayWidth(rest);
      empty = true;
    }
    const gap = empty ? '' : word.gap;
    line += gap + paintAll(word.pieces, painter);
    used += gap.length + word.width;
    empty = false;
  }
  if (!empty || lines.length === 0) lines.push(line.trimEnd());
  return lines;
}
