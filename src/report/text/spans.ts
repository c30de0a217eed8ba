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
  // Neighbours of one look become one piece: fewer escape sequences, and links that do not break at blanks.
  const joined: Span[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last && last.tone === piece.tone && last.target === piece.target) {
      joined[joined.length - 1] = { ...last, text: last.text + piece.text };
    } else {
      joined.push(piece);
    }
  }
  return joined
    .map((piece) => {
      const painted = piece.tone ? painter.paint(piece.tone, piece.text) : piece.text;
      return piece.target ? painter.link(painted, piece.target) : painted;
    })
    .join('');
}

/** The look of a gap: that of its neighbours if they have the same. */
function gapBetween(before: Span | undefined, after: Span | undefined, text: string): Span {
  return before && after && before.tone === after.tone && before.target === after.target
    ? { ...after, text }
    : { text };
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
  let start = first;
  let used = displayWidth(first);
  let pieces: Span[] = [];
  for (const word of wordsOf(paragraph)) {
    if (pieces.length > 0 && used + word.gap.length + word.width > width) {
      lines.push(start + paintAll(pieces, painter));
      start = rest;
      used = displayWidth(rest);
      pieces = [];
    }
    if (pieces.length > 0) {
      pieces.push(gapBetween(pieces.at(-1), word.pieces[0], word.gap));
      used += word.gap.length;
    }
    pieces.push(...word.pieces);
    used += word.width;
  }
  lines.push((start + paintAll(pieces, painter)).trimEnd());
  return lines;
}
