import type { Boot, Incident } from './incident.ts';
import type { Notice } from './notice.ts';
import type { CrashReport } from './report.ts';

/** What one input was found to be. */
export interface InputFacts {
  readonly bytes: number;
  readonly lines?: number;
  /** Names of the decorations that were taken off (`syslog`, `ansi`, `kmsg`), of compression and encoding. */
  readonly decorations: readonly string[];
  /** False if nothing in it was printed by a kernel. */
  readonly kernelLines: boolean;
  /** True if the input ends in the middle of a report. */
  readonly cutOff: boolean;
  /** Why not all of the input could be read (compressed data that is damaged or incomplete); absent if all of it was. */
  readonly damaged?: string;
  /** Reports beyond the number that is kept; counted, not described. */
  readonly omittedReports?: number;
}

export interface FileResult {
  /** As given by the user; `-` for standard input. */
  readonly path: string;
  readonly reports: readonly CrashReport[];
  readonly incidents: readonly Incident[];
  readonly boots: readonly Boot[];
  readonly notices: readonly Notice[];
  readonly input: InputFacts;
}

export interface AnalysisDocument {
  readonly schema: 'ktriage/report/v1';
  readonly files: readonly FileResult[];
}
