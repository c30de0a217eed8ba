import type { FileResult } from '../../model/document.ts';
import type { SymbolFile } from '../../model/symbols.ts';
import { type Engine, loadEngine } from '../engine.ts';
import { ExitStatus } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import { isEmptyPolicy, type PolicyFlags } from '../policy-flags.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { givenFiles, type SymbolFlags } from '../symbol-flags.ts';
import { debuginfodOptions } from './debuginfod-options.ts';
import { eachFile } from './each-file.ts';
import { writerFor } from './formats.ts';
import { gatherInputs } from './inputs.ts';
import { openOutput } from './open-output.ts';
import type { OpenPolicy } from './open-policy.ts';
import { sourceOptions } from './source-options.ts';
import { textOptions } from './text-options.ts';

/** `ktriage analyze`: everything about every input. Returns the exit code. */
export async function runAnalyze(
  args: readonly string[],
  outputFile: string | undefined,
  settings: Settings,
  session: Session,
  load: () => Promise<Engine> = loadEngine,
  symbols: SymbolFlags = {},
  flags: { readonly policy?: PolicyFlags } = {},
): Promise<number> {
  const status = new ExitStatus(settings.failOn, settings.exitZero);
  const engine = await load();
  const sources = await engine.openSources?.({
    ...sourceOptions(symbols, settings, session),
    ...(await debuginfodOptions(symbols, session)),
  });
  const inputs = await gatherInputs(args, engine, session, status);
  const output = await openOutput(session, settings, outputFile, inputs);
  const toFile = outputFile !== undefined && outputFile !== '-';
  const writer = writerFor(settings.format, output, textOptions(session, settings, toFile, givenFiles(symbols)));
  const interrupt = watchInterrupts();
  try {
    const known = await policyFor(flags.policy ?? {}, engine, session, settings, interrupt.signal);
    await writer.begin();
    const results = eachFile(inputs, engine, {
      signal: interrupt.signal,
      status,
      output,
      session,
      verbose: settings.verbose,
      sources,
      ...(symbols.noExplain === true ? { findings: false } : {}),
      policy: known?.policy,
      ...(writer.report ? { onReport: writer.report } : {}),
    });
    for await (const result of results) {
      if (refusedNamed(result, symbols.vmlinux)) status.unvouched();
      await writer.file(result);
    }
    known?.tell();
    await writer.end();
    await output.end();
  } finally {
    sources?.close();
    interrupt.dispose();
  }
  return status.code;
}

/** What is known and expected; nothing of that is loaded where nobody asked for it. */
async function policyFor(
  flags: PolicyFlags,
  engine: Engine,
  session: Session,
  settings: Settings,
  signal: AbortSignal,
): Promise<OpenPolicy | undefined> {
  const { failOn, verbose } = settings;
  if (failOn.includes('/')) (await import('./check-fail-on.ts')).checkKinds(failOn);
  if (isEmptyPolicy(flags)) {
    if (/\bnew\b/.test(failOn)) session.stderr.write('note: there is no --baseline: every crash counts as new\n');
    return undefined;
  }
  const { openPolicy } = await import('./open-policy.ts');
  return openPolicy(flags, engine, session, { signal, verbose });
}

/** True if the vmlinux that was named is of another build: then nobody can vouch for what is said of a report. */
function refusedNamed({ reports }: FileResult, named: string | undefined): boolean {
  const isRefused = (file: SymbolFile | undefined): boolean => file?.match === 'refused' && file.path === named;
  return named !== undefined && reports.some(({ symbols }) => isRefused(symbols?.vmlinux));
}
