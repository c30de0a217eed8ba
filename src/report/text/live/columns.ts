import { cutTo, displayWidth } from '../../width.ts';
import { type Paragraph, wrap } from '../spans.ts';
import type { Painter } from '../style.ts';

/** A row: short cells, which are cut at the widest that is allowed, and what fills the rest of the line. */
export interface Row {
  /** Safe to show. */
  readonly cells: readonly string[];
  readonly last: Paragraph;
}

/** Columns of a short cell at most. */
const widestCell = 24;
/** Where less is left for the last cell, rows are paragraphs. */
const narrowestLast = 24;

/**
 * A table whose last cell wraps below itself. Where that has too little room, each row is a paragraph instead. Without
 * rules: the same for eyes, screen readers and `awk`.
 */
export function* tableLines(head: Row, rows: readonly Row[], width: number, painter: Painter): Generator<string> {
  const widths = head.cells.map((cell, nth) =>
    Math.min(widestCell, Math.max(...[cell, ...rows.map(({ cells }) => cells[nth] ?? '')].map(displayWidth))),
  );
  const start = widths.reduce((sum, each) => sum + each + 2, 0);
  if (width - start < narrowestLast) {
    for (const { cells, last } of rows) {
      const before = cells.filter((cell) => cell !== '').join(', ');
      const rest = typeof last === 'string' ? [last] : last;
      yield* wrap(last === '' ? before : [before, ': ', ...rest], width, painter, '', '  ');
    }
    return;
  }
  const line = ({ cells }: Row): string =>
    widths.map((each, nth) => padded(cutTo(cells[nth] ?? '', each), each)).join('');
  for (const [nth, row] of [head, ...rows].entries()) {
    const lines = wrap(row.last, width, painter, line(row), ' '.repeat(start));
    yield* nth === 0 ? lines.map((each) => painter.paint('strong', each)) : lines;
  }
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - displayWidth(text), 0) + 2);
}
