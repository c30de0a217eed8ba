import { LiveAnalysis } from '../../analyze/analyze.ts';
import { diagnoseEach, diagnoseResult } from '../../analyze/findings.ts';
import type { FileResult } from '../../model/document.ts';
import type { CrashReport } from '../../model/report.ts';
import type { EngineOptions } from '../engine.ts';

/** The analysis of what a command prints, while it does. */
export class OutputAnalysis {
  readonly #path: string;
  readonly #options: EngineOptions;
  readonly #analysis: LiveAnalysis;
  #queue: Promise<void> = Promise.resolve();

  /** @param onFound told of each report at once, before anything is looked up for it. */
  constructor(path: string, options: EngineOptions, onFound: (report: CrashReport) => void) {
    this.#path = path;
    this.#options = options;
    this.#analysis = new LiveAnalysis(path, {
      onReport: (report) => {
        onFound(report);
        this.#handOn(report);
      },
    });
  }

  push(bytes: Uint8Array): void {
    this.#analysis.push(bytes);
    this.#options.onBytes?.(bytes);
  }

  quiet(): void {
    this.#analysis.quiet();
  }

  /** All that was found, with source positions and what follows from them. */
  async end(): Promise<FileResult> {
    const { sources, findings } = this.#options;
    const result = this.#analysis.end();
    await this.#queue;
    const reports = (await sources?.symbolize(result.reports, result.boots)) ?? result.reports;
    const symbolized = { ...result, reports };
    return findings === false ? symbolized : diagnoseResult(symbolized);
  }

  /** Who wants reports as they come waits for their source positions; the others have them at the end. */
  #handOn(report: CrashReport): void {
    const { onReport, sources, findings } = this.#options;
    if (onReport === undefined) return;
    const boots = this.#analysis.boots();
    this.#queue = this.#queue.then(async () => {
      const symbolized = (await sources?.symbolize([report], boots)) ?? [report];
      for (const better of findings === false ? symbolized : await diagnoseEach(symbolized))
        onReport(better, this.#path);
    });
    // Whoever waits for the queue meets its failure; here it must only not go unhandled.
    this.#queue.catch(() => {});
  }
}
