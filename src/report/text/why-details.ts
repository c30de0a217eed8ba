import type { CrashReport } from '../../model/report.ts';
import type { Paragraph } from './spans.ts';

/** What the kind's own details say about why. */
export function detailParagraphs(_report: CrashReport): Paragraph[] {
  return [];
}
