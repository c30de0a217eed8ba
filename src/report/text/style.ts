import type { Severity } from '../../model/severity.ts';

/** What a piece of text is, for a painter that has colours. Everything reads the same without. */
export type Tone = Severity | 'plain' | 'strong' | 'quiet' | 'good';

/** Gives text its look. The report room knows no terminal: the command line hands one of these down. */
export interface Painter {
  paint(tone: Tone, text: string): string;
  /** Text that leads somewhere when clicked; `target` is an URL. */
  link(text: string, target: string): string;
}

/** No colours, no links: for files, pipes and tests. */
export const plainPainter: Painter = {
  paint: (_tone, text) => text,
  link: (text) => text,
};
