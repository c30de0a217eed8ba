import type { FileResult } from '../model/document.ts';
import type { CrashReport } from '../model/report.ts';
import { fileLines } from './text/file.ts';
import { reportLines } from './text/incident.ts';
import type { TextOptions } from './text/options.ts';
import { wrap } from './text/spans.ts';
import { count, listed } from './text/words.ts';

/** What was found in one input, for people: lines with their line feeds. */
export function* textFile(file: FileResult, options: TextOptions): Generator<string> {
  for (const line of fileLines(file, options)) yield `${line.trimEnd()}\n`;
}

/** One report as soon as it is known, before it is clear what follows from it. */
export function* textReport(report: CrashReport, path: string, options: TextOptions): Generator<string> {
  const around = { path, aftermath: report.panic ? 'panicked' : 'unknown', cutOff: false } as const;
  for (const line of reportLines(report, around, options)) yield `${line.trimEnd()}\n`;
}

/** What several inputs came to. */
export interface Totals {
  readonly files: number;
  readonly withCrash: number;
  /** Inputs without a line of a kernel. */
  readonly unclear: number;
}

/** The last line of a run over several inputs. */
export function* textSummary(totals: Totals, options: TextOptions): Generator<string> {
  const { files, withCrash, unclear } = totals;
  const parts = [`${withCrash} with crashes`, `${files - withCrash - unclear} without`];
  if (unclear > 0) parts.push(`${unclear} that no kernel wrote`);
  yield '\n';
  for (const line of wrap(`${count(files, 'input')}: ${listed(parts)}.`, options.width, options.painter))
    yield `${line}\n`;
}
