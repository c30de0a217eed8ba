import type { CommandFacts } from './command.ts';
import type { Boot, Incident } from './incident.ts';
import type { Notice } from './notice.ts';
import type { CrashReport } from './report.ts';

/** Lines that must not be in a log. */
export interface DeniedLines {
  readonly lines: readonly {
    /** From 1. */
    readonly line: number;
    readonly text: string;
    /** Index into the file's `reports`, of a line that is in one. */
    readonly report?: number;
  }[];
  /** How many more there are. */
  readonly omitted: number;
}

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
  /** Whether the line is in it that was said to end it; absent where none was named. */
  readonly endMark?: 'seen' | 'missing';
  /** Lines that a deny file forbids and nothing allows; absent if there are none. */
  readonly denied?: DeniedLines;
}

/** In place of a path, for the output of a command that was run for it and that no file has. */
export const commandOutput = '<command>';

const guestPrefix = '<guest> ';

/** In place of a path, for what was found in a machine of that name. */
export const guestInput = (target: string): string => guestPrefix + target;

/** The name of the machine that stands in place of a path; undefined for a path. */
export const guestOf = (path: string): string | undefined =>
  path.startsWith(guestPrefix) ? path.slice(guestPrefix.length) : undefined;

/** True if an input is no file. */
export const isStream = (path: string): boolean =>
  path === '-' || path === commandOutput || guestOf(path) !== undefined;

export interface FileResult {
  /**
   * As given by the user; `-` for standard input, `<command>` for what a command printed and was not saved,
   * `<guest> :1234` for what was found in a machine.
   */
  readonly path: string;
  /** The command that printed it, if that was run for it. */
  readonly command?: CommandFacts;
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
