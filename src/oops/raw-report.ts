import type { LogLine } from '../model/log-line.ts';

/** The lines of one report as they were collected, before anything is made of them. */
export interface RawReport {
  readonly headline: LogLine;
  /**
   * The report's own lines, headline first: all of its context (and other CPUs' backtraces that were asked for),
   * questionable frames included, up to where the next report of that context begins. May run on into
   * unrelated messages of the same context: nothing marks a report's end reliably.
   */
  readonly lines: readonly LogLine[];
  /** Lines of the same context before the headline, nearest last, at most 50 (`cut here`, `refcount_t: ...`). */
  readonly before: readonly LogLine[];
}
