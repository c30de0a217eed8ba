import { compareRuns } from '../../compare/compare.ts';
import type { Comparison } from '../../model/comparison.ts';
import { comparisonJson, comparisonText } from '../../report/comparison.ts';
import { type Engine, loadEngine } from '../engine.ts';
import { noteText } from '../errors.ts';
import { ExitStatus } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { checkKinds } from './check-fail-on.ts';
import { loadRun, loadRuns } from './load-runs.ts';
import { openOutput } from './open-output.ts';
import { textOptions } from './text-options.ts';

/** `ktriage compare OLD... NEW`: what is new, gone, changed. Returns the exit code. */
export async function runCompare(
  old: readonly string[],
  run: string,
  outputFile: string | undefined,
  settings: Settings,
  session: Session,
  load: () => Promise<Engine> = loadEngine,
): Promise<number> {
  const status = new ExitStatus(settings.failOn, settings.exitZero);
  checkKinds(settings.failOn);
  const engine = await load();
  const interrupt = watchInterrupts();
  try {
    const { signal } = interrupt;
    const options = {
      engine,
      signal,
      note: (text: string) => void session.stderr.write(noteText(text)),
      verbose: settings.verbose,
      stdin: session.stdin,
    };
    const earlier = await loadRuns(old, options);
    const comparison = compareRuns(earlier, await loadRun([run], options));
    judge(comparison, status);
    const output = await openOutput(session, settings, outputFile, [...old, run]);
    const toFile = outputFile !== undefined && outputFile !== '-';
    if (settings.format === 'text') {
      await output.write([...comparisonText(comparison, textOptions(session, settings, toFile))].join(''));
    } else await output.write(comparisonJson(comparison));
    await output.end();
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    status.interrupted();
  } finally {
    interrupt.dispose();
  }
  return status.code;
}

/** What the new run is to fail on; and whether it can be believed to lack what it lacks. */
function judge({ crashes, new: run }: Comparison, status: ExitStatus): void {
  for (const { status: how, crash, matchedBy, seen } of crashes) {
    // What is gone does no harm, and what follows from something else counts with that.
    if (how === 'gone' || crash.follows === true) continue;
    const { severity, kind } = crash;
    status.report({ severity, kind, history: { status: how, seen, ...(matchedBy && { matchedBy }) } });
  }
  if (run.doubts.length > 0) status.unvouched();
}
