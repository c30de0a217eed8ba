import type { Paragraph } from './spans.ts';
import { wrap } from './spans.ts';
import type { Painter } from './style.ts';

/** A labelled part of a report's screen. Each paragraph begins a line of its own. */
export interface Section {
  readonly label: string;
  readonly paragraphs: readonly Paragraph[];
  /** Stands before the second and further lines of each paragraph. */
  readonly hanging?: string;
}

const labelColumns = 10;

/** Below this, a column for labels would leave too little for the text beside it. */
const narrow = 56;

/** Columns that a section has for its paragraphs. */
export function contentColumns(width: number): number {
  return width - (width < narrow ? 2 : labelColumns);
}

/** What goes before the second and further lines of a paragraph that begins with blanks. */
function hanging(paragraph: Paragraph): string {
  const [first] = typeof paragraph === 'string' ? [] : paragraph;
  return typeof first === 'object' && first.whole === true && first.text.trim() === '' ? `${first.text}  ` : '';
}

/** The section's lines: labels in a column of their own where there is room for one. */
export function sectionLines(section: Section, width: number, painter: Painter): string[] {
  const indent = width < narrow ? '  ' : ' '.repeat(labelColumns);
  const label = `${section.label}:`;
  const lines: string[] = [];
  for (const [index, paragraph] of section.paragraphs.entries()) {
    if (index > 0) {
      lines.push(...wrap(paragraph, width, painter, indent, indent + (section.hanging ?? hanging(paragraph))));
      continue;
    }
    const first = width < narrow ? `${label} ` : label.padEnd(labelColumns);
    const [head = '', ...rest] = wrap(paragraph, width, painter, first, indent + (section.hanging ?? ''));
    lines.push(painter.paint('strong', label) + head.slice(label.length), ...rest);
  }
  return lines;
}
