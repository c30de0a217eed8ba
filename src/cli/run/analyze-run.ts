import { type Engine, loadEngine } from '../engine.ts';
import { ExitStatus } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { givenFiles, type SymbolFlags } from '../symbol-flags.ts';
import { debuginfodOptions } from './debuginfod-options.ts';
import { eachFile } from './each-file.ts';
import { writerFor } from './formats.ts';
import { gatherInputs } from './inputs.ts';
import { openOutput } from './open-output.ts';
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
    await writer.begin();
    const results = eachFile(inputs, engine, {
      signal: interrupt.signal,
      status,
      output,
      session,
      verbose: settings.verbose,
      sources,
      ...(symbols.noExplain === true ? { findings: false } : {}),
      ...(writer.report ? { onReport: writer.report } : {}),
    });
    for await (const result of results) await writer.file(result);
    await writer.end();
    await output.end();
  } finally {
    sources?.close();
    interrupt.dispose();
  }
  return status.code;
}
