import type { FileResult } from '../model/document.ts';
import { atLeast, type Severity } from '../model/severity.ts';

/** What the process's exit status says; see README, Exit codes. */
export const exitCodes = {
  clean: 0,
  found: 1,
  failed: 2,
  unvouched: 3,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** From which severity on a report makes the exit status 1. */
export type FailOn = Severity | 'none';

/** Gathers what a run met and makes one exit code out of several: 2, else 1, else 3, else 0. */
export class ExitStatus {
  readonly #failOn: FailOn;
  readonly #exitZero: boolean;
  #failed = false;
  #found = false;
  #unvouched = false;
  #interrupted = false;

  constructor(failOn: FailOn, exitZero: boolean) {
    this.#failOn = failOn;
    this.#exitZero = exitZero;
  }

  /** The call was wrong, or an input that was named could not be read. */
  failed(): void {
    this.#failed = true;
  }

  interrupted(): void {
    this.#interrupted = true;
  }

  /** An input of which nobody can say that it holds no crash. */
  unvouched(): void {
    this.#unvouched = true;
  }

  report(severity: Severity): void {
    if (this.#failOn !== 'none' && atLeast(severity, this.#failOn)) this.#found = true;
  }

  file(result: FileResult): void {
    for (const report of result.reports) this.report(report.severity);
    const { input } = result;
    if (!input.kernelLines || input.cutOff || input.damaged !== undefined) this.unvouched();
  }

  get code(): ExitCode {
    if (this.#interrupted) return exitCodes.interrupted;
    if (this.#failed) return exitCodes.failed;
    // For jobs that only report: whatever the logs hold, the job itself went well.
    if (this.#exitZero) return exitCodes.clean;
    if (this.#found) return exitCodes.found;
    return this.#unvouched ? exitCodes.unvouched : exitCodes.clean;
  }
}
