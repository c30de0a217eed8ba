import type { FileResult } from '../../model/document.ts';
import type { CrashReport } from '../../model/report.ts';
import type { TextOptions } from '../../report/text/options.ts';
import { plainPainter } from '../../report/text/style.ts';
import { ciOf, noCiNote } from '../ci.ts';
import type { ExitStatus } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { ReportFlags } from '../report-flags.ts';
import type { Session } from '../session.ts';
import { type Format, isRunFormat, type Settings } from '../settings.ts';
import type { EachFileOptions } from './each-file.ts';
import { type ResultWriter, writerFor } from './formats.ts';
import { ReportFiles, runWriter, SharedRun } from './report-files.ts';
import { withoutCiCommands } from './safe-in-ci.ts';

/** Where the results of a run go, all of them. */
export interface Outputs {
  begin(): Promise<void>;
  /** `read`: what a reader of text is shown, if that is not all of it. */
  file(result: FileResult, read?: FileResult): Promise<void>;
  end(): Promise<void>;
  /** True once nobody takes anything any more. */
  readonly closed: boolean;
  /** What of the analysis they want to be told of. */
  readonly hooks: Pick<EachFileOptions, 'onReport' | 'onStandardInput'>;
}

/** What outputs are opened with. */
export interface OutputsSurroundings {
  readonly output: Output;
  /** `output` is a file. */
  readonly toFile: boolean;
  readonly look: TextOptions;
  /** Files that must not be written over. */
  readonly inputs: readonly string[];
  readonly settings: Settings;
  readonly session: Session;
  readonly shared: SharedRun | undefined;
}

interface Surroundings extends OutputsSurroundings {
  readonly status: ExitStatus;
}

/** What outputs share that are made of all results; nothing of that is loaded where there is none. */
export async function sharedRun(
  settings: Settings,
  session: Session,
  flags: ReportFlags,
): Promise<SharedRun | undefined> {
  const formats = [settings.format, ...flags.reports.map(({ format }) => format)];
  if (!flags.isAnnotated && !formats.some(isRunFormat)) return undefined;
  const { failureJudge, formatOptions } = await import('./format-options.ts');
  return new SharedRun(formatOptions(session, flags), failureJudge(settings));
}

function writerOf(
  format: Format,
  output: Output,
  look: TextOptions,
  { shared }: OutputsSurroundings,
  budget?: number,
): ResultWriter {
  if (!isRunFormat(format)) return writerFor(format, output, look);
  if (shared === undefined) throw new Error(`nothing was collected for ${format}`);
  return runWriter(format, output, shared, budget);
}

/** Where annotations go: behind the text, or beside an output that they are no part of. */
export async function annotated(
  {
    output,
    toFile,
    settings,
    session,
    shared,
  }: Pick<OutputsSurroundings, 'output' | 'toFile' | 'settings' | 'session' | 'shared'>,
  flags: ReportFlags,
): Promise<void> {
  if (shared === undefined) return;
  const ci = ciOf(session.env);
  if (ci === undefined) {
    session.stderr.write(noCiNote);
    return;
  }
  const { annotate } = await import('./annotate.ts');
  const hasSummary = flags.reports.some(({ format }) => format === 'github-summary');
  const toText = !toFile && settings.format === 'text';
  // Twice the same would be shown twice, and take the room of others.
  const isThere = !toFile && ci === 'github' && settings.format === 'github';
  await annotate(ci, shared, session, hasSummary, async (text) => {
    if (isThere) return;
    if (toText) await output.write(text);
    else (toFile ? session.stdout : session.stderr).write(text);
  });
}

/** Opens everything that a run writes. */
export async function openOutputs(around: Surroundings, flags: ReportFlags): Promise<Outputs> {
  const { output, look, inputs, settings, session, status, shared } = around;
  const isText = settings.format === 'text' && !around.toFile && ciOf(session.env) !== undefined;
  const main = writerOf(settings.format, isText ? withoutCiCommands(output) : output, look, around);
  const files = new ReportFiles(session, status);
  const plain: TextOptions = { ...look, width: 80, painter: plainPainter };
  for (const target of flags.reports) {
    await files.open(target, inputs, (file, budget) => writerOf(target.format, file, plain, around, budget));
  }
  const hooks: Outputs['hooks'] = {
    ...((main.report !== undefined || files.hasAny) && {
      onReport: (report: CrashReport, path: string) => {
        main.report?.(report, path);
        files.report(report, path);
      },
    }),
    ...(flags.reports.some(({ format }) => format === 'html') || settings.format === 'html'
      ? { onStandardInput: (chunk: Uint8Array) => shared?.keep(chunk) }
      : {}),
  };
  return {
    hooks,
    // Files are wanted whoever reads standard output.
    get closed() {
      return output.closed && !files.hasAny;
    },
    async begin() {
      await files.begin();
      await main.begin();
    },
    async file(result, read = result) {
      shared?.add(result);
      await files.file(result);
      await main.file(settings.format === 'text' ? read : result);
    },
    async end() {
      await files.end();
      await main.end();
      if (flags.isAnnotated) await annotated(around, flags);
      await output.end();
    },
  };
}
