import { printable } from '../../escape.ts';
import type { Paragraph } from '../../text/spans.ts';
import { slug } from '../safe.ts';
import { markup } from '../xml.ts';

/** A text of a log as HTML: what is no letter is spelled out, and nothing is markup. */
export const html = (text: string): string => markup(printable(text));

/** A paragraph of the text output as HTML. Its text is safe to show already, and may hold markup all the same. */
export function paragraphHtml(paragraph: Paragraph): string {
  const pieces = typeof paragraph === 'string' ? [paragraph] : paragraph;
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return html(piece);
      return piece.tone === 'strong' ? `<b>${html(piece.text)}</b>` : html(piece.text);
    })
    .join('');
}

/** The name of a problem's part of the page. */
export const problemId = (signature: string): string => `p-${slug(signature, 40)}`;

/** The name of a line of the `nth` input's log. */
export const lineId = (nth: number, line: number): string => `l${nth}-${line}`;

/** A part that is folded until somebody wants it. */
export function folded(summary: string, inside: string, isOpen = false): string {
  return inside === '' ? '' : `<details${isOpen ? ' open' : ''}><summary>${summary}</summary>\n${inside}</details>\n`;
}
