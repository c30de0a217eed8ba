import type { SourceExcerpt } from '../../model/excerpt.ts';
import { printable } from '../escape.ts';
import { cutTo, displayWidth } from '../width.ts';
import type { Paragraph, Span } from './spans.ts';

/** Columns that are left behind a caret where a line must be cut before it. */
const behindCaret = 12;
/** Narrower code cannot be read. */
const narrowest = 16;

/** Lines of code side by side, and where the caret stands below one of them; columns count from 0. */
interface Code {
  readonly lines: readonly string[];
  readonly caret?: { readonly column: number; readonly width: number };
}

/** What the compiler counts as one thing, from a caret on: a name or number, with what leads to a member. */
const token = /^(?:(?:->|\.|::)?\w+|->|[-+<>=!&|]=|<<|>>|&&|\|\||\+\+|--|.)/u;

function codeOf(excerpt: SourceExcerpt, target: string): Code {
  const lines = excerpt.lines.map((line) => printable(line));
  const { column } = excerpt;
  if (column === undefined || column > target.length) return { lines };
  const meant = token.exec(target.slice(column - 1))?.[0] ?? '';
  const start = displayWidth(printable(target.slice(0, column - 1)));
  return { lines, caret: { column: start, width: Math.max(displayWidth(printable(meant)), 1) } };
}

/** Without what all lines have before them, and without what lies too far from the caret. */
function fitted({ lines, caret }: Code, width: number): Code {
  if (lines.every((line) => displayWidth(line) <= width)) return { lines, ...(caret && { caret }) };
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const common = Math.min(...indents, caret?.column ?? Number.POSITIVE_INFINITY);
  const column = (caret?.column ?? common) - common;
  const beyond = column + behindCaret - width;
  const more = beyond > 0 ? beyond : 0;
  const shorter = lines.map((line) => {
    const rest = line.slice(common + more);
    return cutTo(more > 0 && rest !== '' ? `…${rest.slice(1)}` : rest, width);
  });
  return {
    lines: shorter,
    ...(caret && { caret: { column: column - more, width: Math.min(caret.width, width - (column - more)) } }),
  };
}

/**
 * The lines of an excerpt as compilers show them: numbers, a mark at the line that is meant, a caret below its column.
 * `line` is its number, `width` the columns that there are.
 */
export function excerptLines(excerpt: SourceExcerpt, line: number, width: number): Paragraph[] {
  const { firstLine, lines } = excerpt;
  const target = line - firstLine;
  const text = lines[target];
  if (text === undefined) return [];
  const digits = String(firstLine + lines.length - 1).length;
  const { lines: code, caret } = fitted(codeOf(excerpt, text), Math.max(width - digits - 5, narrowest));
  // Blank lines at the edges say nothing.
  const first = code.findIndex((each, nth) => each.trim() !== '' || nth === target);
  const last = code.findLastIndex((each, nth) => each.trim() !== '' || nth === target);
  const paragraphs: Paragraph[] = [];
  for (let nth = first; nth <= last; nth++) {
    const meant = nth === target;
    const gutter = `${meant ? '>' : ' '} ${String(firstLine + nth).padStart(digits)} | `;
    const spans: Span[] = [
      { text: gutter, tone: meant ? 'strong' : 'quiet', whole: true },
      { text: code[nth] ?? '', ...(meant && { tone: 'strong' }), whole: true },
    ];
    paragraphs.push(spans);
    if (!meant || caret === undefined) continue;
    const below = `  ${' '.repeat(digits)} | ${' '.repeat(caret.column)}`;
    paragraphs.push([
      { text: below, tone: 'quiet', whole: true },
      { text: `^${'~'.repeat(Math.max(caret.width - 1, 0))}`, tone: 'error', whole: true },
    ]);
  }
  return paragraphs;
}
