import type { Attachment, AttachOptions } from '../../live/attach.ts';
import { endpointOf, parseTarget, type Target, targetForms } from '../../live/targets/target.ts';
import { KtriageError } from '../../util/errors.ts';
import { ExitStatus } from '../exit-codes.ts';
import { guardMachines } from '../live-guard.ts';
import { isEmptyPolicy } from '../policy-flags.ts';
import { noReports, type ReportFlags } from '../report-flags.ts';
import type { Session } from '../session.ts';
import { isRunFormat, type Settings } from '../settings.ts';
import { givenFiles, type SymbolFlags } from '../symbol-flags.ts';
import { debuginfodOptions } from './debuginfod-options.ts';
import type { LiveFindings } from './live-findings.ts';
import { checkFlags, type LiveFlags, sortWords } from './live-flags.ts';
import { openLiveOutputs } from './live-outputs.ts';
import { type LiveParts, loadLiveParts } from './live-parts.ts';
import { type LiveRun, surveyOnce, tell } from './live-survey.ts';
import { openDirectOutput } from './open-output.ts';
import type { SharedRun } from './report-files.ts';
import { sourceOptions } from './source-options.ts';
import { textOptions } from './text-options.ts';

/** `ktriage live`: returns the exit code. */
export async function runLive(
  words: readonly string[],
  flags: LiveFlags,
  given: Settings,
  session: Session,
  symbols: SymbolFlags = {},
  load: () => Promise<LiveParts> = loadLiveParts,
): Promise<number> {
  const sorted = sortWords(words);
  checkFlags(flags, sorted);
  // The environment and files may speak of formats that no view has.
  const settings: Settings =
    sorted.view !== undefined && isRunFormat(given.format) ? { ...given, format: 'text' } : given;
  const target = parseTarget(sorted.target);
  const parts = await load();
  const status = new ExitStatus(settings.failOn, settings.exitZero);
  const inputs = flags.from === undefined ? [] : [flags.from];
  const output = await openDirectOutput(session, settings, flags.output, inputs);
  const toFile = flags.output !== undefined && flags.output !== '-';
  const look = textOptions(session, settings, toFile, givenFiles(symbols));
  const places = { ...sourceOptions(symbols, settings, session), ...(await debuginfodOptions(symbols, session)) };
  const files = await parts.openFiles(places);
  const reports = flags.reports ?? noReports;
  const guard = guardMachines();
  const around = { words: sorted, flags, symbols, files, settings, session, status };
  try {
    const { shared, findings } = await openFindings(around, reports, guard.signal);
    const writer = await openLiveOutputs({ output, toFile, look, inputs, settings, session, shared }, reports);
    try {
      await runSteps({ ...around, guard, parts, output, writer, findings }, target);
    } catch (error) {
      if (!guard.signal.aborted) throw error;
    }
    // What was found before an interruption is told as well: --continue has no other end.
    findings?.end(guard.signal.aborted);
    await writer.end();
  } catch (error) {
    if (!guard.signal.aborted) throw error;
  } finally {
    guard.dispose();
    files.close();
  }
  if (guard.signal.aborted) {
    status.interrupted();
    if (flags.from === undefined) tell({ session }, `interrupted; the machine is left ${leftAs(flags)}`);
  }
  return status.code;
}

/** What is found as reports, and what outputs make of these; nothing of that is loaded where nobody asks for it. */
async function openFindings(
  run: Pick<LiveRun, 'words' | 'flags' | 'symbols' | 'settings' | 'session' | 'status'>,
  reports: ReportFlags,
  signal: AbortSignal,
): Promise<{ readonly shared?: SharedRun | undefined; readonly findings?: LiveFindings }> {
  const { words, flags, settings, session } = run;
  const formats = [settings.format, ...reports.reports.map(({ format }) => format)];
  const isOutput = reports.isAnnotated || formats.some(isRunFormat);
  // Severities need no report of the hang; kinds do, and what is known.
  const isJudged =
    !isEmptyPolicy(flags.policy ?? {}) || flags.range !== undefined || /[/]|\bnew\b/.test(settings.failOn);
  if (words.view !== undefined || !(isOutput || isJudged)) return {};
  const [{ openLiveFindings }, { sharedRun }] = await Promise.all([
    import('./live-findings.ts'),
    import('./outputs.ts'),
  ]);
  const shared = await sharedRun(settings, session, reports);
  return { shared, findings: await openLiveFindings({ ...run, shared, signal, target: flags.from ?? words.target }) };
}

async function runSteps(run: LiveRun, target: Target): Promise<void> {
  const { words, flags, guard, parts, session } = run;
  const { signal } = guard;
  if (flags.watchConsole !== undefined) {
    const ended = await parts.quietConsole(flags.watchConsole, (flags.timeoutSeconds ?? 0) * 1000, signal);
    if (ended === 'ended') {
      session.stderr.write(`note: the console ended, so there is nothing to look at\n`);
      return;
    }
  }
  const attaching = flags.from === undefined ? attachTo(run, target) : parts.openSnapshot(flags.from);
  await parts.withMachine(attaching, guard, async (attachment) => {
    for (const note of attachment.notes) tell(run, note);
    if (words.view !== undefined) {
      const { runView } = await import('./live-view-run.ts');
      await runView(run, words.view, attachment);
    } else if (flags.isWaiting) {
      const { runWait } = await import('./live-wait-run.ts');
      await runWait(run, attachment);
    } else {
      // The kernel's own stub answers only as long as it stands still.
      const canAgain = flags.from === undefined && !flags.isLeftRunning && target.kind !== 'kgdb';
      const attachAgain = canAgain ? () => attachTo(run, target) : undefined;
      await surveyOnce({ ...run, attachAgain }, attachment, () => attachment.close());
    }
  });
}

const leftAs = ({ isHeld }: LiveFlags): string => (isHeld ? 'stopped' : 'as it was found');

/** Attaches; where nothing was named and nobody listens, what there is to attach to is said. */
async function attachTo(run: LiveRun, target: Target): Promise<Attachment> {
  try {
    return await run.parts.attach(target, attachOptions(run));
  } catch (error) {
    if (run.words.isNamed || !(error instanceof KtriageError) || error.code !== 'KT-SOCKET-UNREACHABLE') throw error;
    const { reachableProcesses } = await import('../../live/targets/process-target.ts');
    const others = reachableProcesses().slice(0, 4);
    const hint = others.length === 0 ? `name a target: ${targetForms}` : `ktriage live ${others.join(', or ')}`;
    throw new KtriageError(error.code, error.message, error.why, hint);
  }
}

function attachOptions({ flags, guard }: LiveRun): AttachOptions {
  return {
    signal: guard.signal,
    isHeld: flags.isHeld,
    isLeftRunning: flags.isLeftRunning,
    ...(flags.qmp !== undefined && { qmp: endpointOf(`--qmp ${flags.qmp}`, flags.qmp) }),
  };
}
