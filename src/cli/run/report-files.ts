import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileResult } from '../../model/document.ts';
import type { RunFormatName } from '../../model/output-formats.ts';
import type { CrashReport } from '../../model/report.ts';
import type { FormatOptions, LogPart } from '../../report/formats/options.ts';
import { type Run, RunCollector } from '../../report/formats/run.ts';
import { errorText } from '../errors.ts';
import type { ExitStatus } from '../exit-codes.ts';
import { type Output, openOutputFile } from '../output.ts';
import { otherFile, type ReportTarget } from '../report-flags.ts';
import type { Session } from '../session.ts';
import type { ResultWriter } from './formats.ts';
import { writeAll } from './formats.ts';
import { logParts } from './log-parts.ts';

/** Bytes of standard input that are kept for output that shows the log. */
const mostKept = 1 << 20;

/** What several outputs of one run share: the results so far, and the logs again. */
export class SharedRun {
  readonly options: FormatOptions;
  readonly #collector: RunCollector;
  #kept: Uint8Array[] | undefined = [];
  #keptBytes = 0;
  #logs: Promise<ReadonlyMap<string, readonly LogPart[]>> | undefined;
  readonly #given = new Map<string, readonly LogPart[]>();

  /** `isFailure`: which reports make the run fail. */
  constructor(options: FormatOptions, isFailure: (report: CrashReport) => boolean) {
    this.options = options;
    this.#collector = new RunCollector(isFailure);
  }

  add(result: FileResult): void {
    this.#collector.add(result);
  }

  /** An input of which not everything is known. */
  failed(path: string, why: string): void {
    this.#collector.failed(path, why);
  }

  /** Bytes of standard input, which cannot be read again. */
  keep(chunk: Uint8Array): void {
    if (this.#kept === undefined) return;
    this.#keptBytes += chunk.length;
    // A chunk may be overwritten when the next one is read.
    if (this.#keptBytes <= mostKept) this.#kept.push(Uint8Array.from(chunk));
    else this.#kept = undefined;
  }

  /** The lines of an input that cannot be read again. */
  giveLog(path: string, parts: readonly LogPart[]): void {
    this.#given.set(path, parts);
  }

  /** What was found so far. */
  get collected(): Run {
    return this.#collector.run();
  }

  /** The output in one format. */
  async render(format: RunFormatName, budget?: number): Promise<Iterable<string>> {
    const { runFormats } = await import('../../report/formats/formats.ts');
    const run = this.#collector.run();
    const withBudget = budget === undefined ? this.options : { ...this.options, budget };
    if (format !== 'html') return runFormats[format](run, withBudget);
    this.#logs ??= this.#readLogs();
    const logs = await this.#logs;
    return runFormats.html(run, { ...withBudget, log: (path) => logs.get(path) });
  }

  async #readLogs(): Promise<ReadonlyMap<string, readonly LogPart[]>> {
    const logs = new Map<string, readonly LogPart[]>();
    for (const input of this.#collector.run().inputs) {
      if (input.events.length === 0 || logs.size >= 50) continue;
      const parts = this.#given.get(input.path) ?? (await logParts(input, this.#kept));
      if (parts !== undefined) logs.set(input.path, parts);
    }
    return logs;
  }
}

/** Writes a format that needs all results, at the end. */
export function runWriter(format: RunFormatName, output: Output, run: SharedRun, budget?: number): ResultWriter {
  return {
    begin: async () => {},
    file: async () => {},
    end: async () => writeAll(output, await run.render(format, budget)),
  };
}

/** An output file of a run with its writer. */
interface ReportFile {
  readonly target: ReportTarget;
  readonly output: Output;
  readonly writer: ResultWriter;
  isBroken: boolean;
}

/** GitHub's own file for a step's summary, which other commands of the step may have written to. */
function isStepSummary(file: string, session: Session): boolean {
  const named = session.env.GITHUB_STEP_SUMMARY;
  return named !== undefined && named !== '' && resolve(session.cwd, file) === resolve(session.cwd, named);
}

/** What may still be added to a summary that is limited as a whole. */
export function summaryBudget(file: string, most: number): number {
  try {
    return Math.max(most - statSync(file).size, 0);
  } catch {
    return most;
  }
}

/**
 * Opens a file of `--report`, with the bytes that it may have at most.
 * @throws KtriageError KT-OUTPUT-UNWRITABLE.
 */
export async function openReportFile(
  target: ReportTarget,
  inputs: readonly string[],
  session: Session,
): Promise<{ readonly output: Output; readonly budget: number | undefined }> {
  const isAppended = target.format === 'github-summary' && isStepSummary(target.file, session);
  const budget = isAppended ? summaryBudget(target.file, 900_000) : undefined;
  return { output: await openOutputFile(target.file, inputs, isAppended, otherFile(target)), budget };
}

/** All files of `--report`: what fails with one is told, and the others are written. */
export class ReportFiles {
  readonly #files: ReportFile[] = [];
  readonly #session: Session;
  readonly #status: ExitStatus;

  constructor(session: Session, status: ExitStatus) {
    this.#session = session;
    this.#status = status;
  }

  get hasAny(): boolean {
    return this.#files.length > 0;
  }

  /** Opens a file; one that cannot be opened is told, and left out. */
  async open(
    target: ReportTarget,
    inputs: readonly string[],
    writerFor: (output: Output, budget: number | undefined) => ResultWriter,
  ): Promise<void> {
    await this.#guarded(async () => {
      const { output, budget } = await openReportFile(target, inputs, this.#session);
      this.#files.push({ target, output, writer: writerFor(output, budget), isBroken: false });
    });
  }

  begin(): Promise<void> {
    return this.#each(({ writer }) => writer.begin());
  }

  report(report: CrashReport, path: string): void {
    for (const { writer, isBroken } of this.#files) if (!isBroken) writer.report?.(report, path);
  }

  file(result: FileResult): Promise<void> {
    return this.#each(({ writer }) => writer.file(result));
  }

  end(): Promise<void> {
    return this.#each(async ({ writer, output }) => {
      await writer.end();
      await output.end();
    });
  }

  async #each(action: (file: ReportFile) => Promise<void>): Promise<void> {
    for (const file of this.#files) {
      if (file.isBroken) continue;
      await this.#guarded(async () => {
        file.isBroken = true;
        await action(file);
        file.isBroken = false;
      });
    }
  }

  async #guarded(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#session.stderr.write(errorText(error));
      this.#status.failed();
    }
  }
}
