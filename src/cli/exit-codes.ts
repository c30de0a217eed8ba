import type { FileResult } from '../model/document.ts';
import { atLeast, type Severity } from '../model/severity.ts';
import { countsFor, type FailCondition, type FailOn, type Judged, parseFailOn } from './fail-on.ts';

/** What the process's exit status says; see README, Exit codes. */
export const exitCodes = {
  clean: 0,
  found: 1,
  failed: 2,
  unvouched: 3,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Gathers what a run met and makes one exit code out of several: 2, else 1, else 3, else 0. */
export class ExitStatus {
  readonly #failOn: readonly FailCondition[];
  readonly #exitZero: boolean;
  #failed = false;
  #found = false;
  #unvouched = false;
  #interrupted = false;

  constructor(failOn: FailOn, exitZero: boolean) {
    // Settings that cannot be read were refused; whatever gets here must not pass for none.
    this.#failOn = parseFailOn(failOn) ?? [{ type: 'severity', severity: 'notice' }];
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

  report(report: Judged): void {
    if (countsFor(this.#failOn, report)) this.#found = true;
  }

  /** Something is wrong that is no report: with a machine. Whatever it is, it is new. */
  trouble(severity: Severity): void {
    const counts = this.#failOn.some(
      (condition) =>
        condition.type === 'new' || (condition.type === 'severity' && atLeast(severity, condition.severity)),
    );
    if (counts) this.#found = true;
  }

  file(result: FileResult): void {
    for (const report of result.reports) this.report(report);
    const { input } = result;
    // What is forbidden counts as found whatever else does.
    if (input.denied !== undefined && this.#failOn.length > 0) this.#found = true;
    if (!input.kernelLines || input.cutOff || input.damaged !== undefined || input.endMark === 'missing')
      this.unvouched();
    // What was only counted was held against nothing.
    if (input.omittedReports) this.unvouched();
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
