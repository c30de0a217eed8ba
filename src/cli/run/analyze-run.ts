import type { FileResult } from '../../model/document.ts';
import type { SymbolFile } from '../../model/symbols.ts';
import type { RangeNames } from '../../ownership/range-names.ts';
import { type Engine, loadEngine } from '../engine.ts';
import { ExitStatus } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import type { PolicyFlags } from '../policy-flags.ts';
import { noReports, type ReportFlags } from '../report-flags.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { givenFiles, type SymbolFlags } from '../symbol-flags.ts';
import { debuginfodOptions } from './debuginfod-options.ts';
import { eachFile } from './each-file.ts';
import { gatherInputs } from './inputs.ts';
import { openDirectOutput } from './open-output.ts';
import { openOutputs, sharedRun } from './outputs.ts';
import { policyFor } from './policy-for.ts';
import { openSuspects } from './range-suspects.ts';
import { sourceOptions } from './source-options.ts';
import { withTests } from './tests-file.ts';
import { textOptions } from './text-options.ts';

/** `ktriage analyze`: everything about every input. Returns the exit code. */
export async function runAnalyze(
  args: readonly string[],
  outputFile: string | undefined,
  settings: Settings,
  session: Session,
  load: () => Promise<Engine> = loadEngine,
  symbols: SymbolFlags = {},
  flags: {
    readonly policy?: PolicyFlags;
    readonly reports?: ReportFlags;
    readonly range?: RangeNames | undefined;
  } = {},
): Promise<number> {
  const status = new ExitStatus(settings.failOn, settings.exitZero);
  const engine = await load();
  const sources = await engine.openSources?.({
    ...sourceOptions(symbols, settings, session, flags.reports?.reports),
    ...(await debuginfodOptions(symbols, session)),
  });
  const reports = await withTests(flags.reports ?? noReports, flags.policy?.tests, settings.format);
  const shared = await sharedRun(settings, session, reports);
  const onUnread = (path: string, why: string): void => shared?.failed(path, why);
  const inputs = await gatherInputs(args, engine, session, status, onUnread);
  const output = await openDirectOutput(session, settings, outputFile, inputs);
  const toFile = outputFile !== undefined && outputFile !== '-';
  const look = textOptions(session, settings, toFile, givenFiles(symbols));
  const outputs = await openOutputs({ output, toFile, look, inputs, settings, session, status, shared }, reports);
  const interrupt = watchInterrupts();
  try {
    const known = await policyFor(flags.policy ?? {}, async () => engine, session, settings, interrupt.signal);
    const addSuspects = await openSuspects(flags.range, symbols.source, interrupt.signal);
    await outputs.begin();
    const results = eachFile(inputs, engine, {
      signal: interrupt.signal,
      status,
      output: outputs,
      session,
      verbose: settings.verbose,
      sources,
      ...(symbols.noExplain === true ? { findings: false } : {}),
      policy: known?.policy,
      ...outputs.hooks,
      onUnread,
    });
    for await (const result of results) {
      await outputs.file(addSuspects === undefined ? result : await addSuspects(result));
      if (refusedNamed(result, symbols.vmlinux)) {
        status.unvouched();
        onUnread(result.path, 'the vmlinux that was named is of another kernel');
      }
    }
    known?.tell();
    await outputs.end();
  } finally {
    sources?.close();
    interrupt.dispose();
  }
  return status.code;
}

/** True if the vmlinux that was named is of another build: then nobody can vouch for what is said of a report. */
export function refusedNamed({ reports }: FileResult, named: string | undefined): boolean {
  const isRefused = (file: SymbolFile | undefined): boolean => file?.match === 'refused' && file.path === named;
  return named !== undefined && reports.some(({ symbols }) => isRefused(symbols?.vmlinux));
}
