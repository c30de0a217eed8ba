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

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** Indented by a quarter, as if tabs were of 2 columns: the line that is meant would not fit else. */
function indentedLess({ lines, caret }: Code, target: number): Code {
  const narrower = (line: string): number => Math.ceil((indentOf(line) * 3) / 4);
  const lost = narrower(lines[target] ?? '');
  return {
    lines: lines.map((line) => line.slice(narrower(line))),
    ...(caret && { caret: { ...caret, column: Math.max(caret.column - lost, 0) } }),
  };
}

/** Cut to a width; what lies too far before the caret goes too. */
function fitted(code: Code, target: number, width: number): Code {
  const fits = displayWidth(code.lines[target] ?? '') <= width;
  const { lines, caret } = fits ? code : indentedLess(code, target);
  const column = caret?.column ?? 0;
  const dropped = Math.max(column + behindCaret - width, 0);
  const from = fits ? 0 : dropped;
  return {
    lines: lines.map((line) =>
      cutTo(from > 0 && line.length > from ? `…${line.slice(from + 1)}` : line.slice(from), width),
    ),
    ...(caret && { caret: { column: column - from, width: Math.min(caret.width, width - (column - from)) } }),
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
  const { lines: code, caret } = fitted(codeOf(excerpt, text), target, Math.max(width - digits - 5, narrowest));
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
