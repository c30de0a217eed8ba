import type { Attachment, AttachOptions } from '../../live/attach.ts';
import type { GuestFiles } from '../../live/guest-files.ts';
import type { SurveyOptions } from '../../live/live.ts';
import { endpointOf, parseTarget } from '../../live/targets/target.ts';
import type { LiveDocument, LiveTrigger } from '../../model/live.ts';
import { printable } from '../../report/escape.ts';
import { ExitStatus } from '../exit-codes.ts';
import { guardMachines, type LiveGuard } from '../live-guard.ts';
import type { Output } from '../output.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { givenFiles, type SymbolFlags } from '../symbol-flags.ts';
import { debuginfodOptions } from './debuginfod-options.ts';
import { checkFlags, type LiveFlags, type LiveWords, sortWords } from './live-flags.ts';
import { type LiveParts, loadLiveParts } from './live-parts.ts';
import { type LiveWriter, liveWriter } from './live-writer.ts';
import { openOutput } from './open-output.ts';
import { sourceOptions } from './source-options.ts';
import { textOptions } from './text-options.ts';

/** All that the steps of a run share. */
export interface LiveRun {
  readonly words: LiveWords;
  readonly flags: LiveFlags;
  readonly symbols: SymbolFlags;
  /** Where debug information is; what was named is open. */
  readonly files: GuestFiles;
  readonly settings: Settings;
  readonly session: Session;
  readonly guard: LiveGuard;
  readonly parts: LiveParts;
  readonly output: Output;
  readonly writer: LiveWriter;
  readonly status: ExitStatus;
}

/** `ktriage live`: returns the exit code. */
export async function runLive(
  words: readonly string[],
  flags: LiveFlags,
  settings: Settings,
  session: Session,
  symbols: SymbolFlags = {},
  load: () => Promise<LiveParts> = loadLiveParts,
): Promise<number> {
  const sorted = sortWords(words);
  checkFlags(flags, sorted);
  const parts = await load();
  const status = new ExitStatus(settings.failOn, settings.exitZero);
  const output = await openOutput(session, settings, flags.output, flags.from === undefined ? [] : [flags.from]);
  const toFile = flags.output !== undefined && flags.output !== '-';
  const look = textOptions(session, settings, toFile, givenFiles(symbols));
  const places = { ...sourceOptions(symbols, settings, session), ...(await debuginfodOptions(symbols, session)) };
  const files = await parts.openFiles(places);
  const guard = guardMachines();
  const writer = liveWriter(settings.format, output, look);
  const shared = { words: sorted, flags, symbols, files, settings, session };
  try {
    await runSteps({ ...shared, guard, parts, output, writer, status });
    await output.end();
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

async function runSteps(run: LiveRun): Promise<void> {
  const { words, flags, guard, parts, session } = run;
  const { signal } = guard;
  if (flags.watchConsole !== undefined) {
    const ended = await parts.quietConsole(flags.watchConsole, (flags.timeoutSeconds ?? 0) * 1000, signal);
    if (ended === 'ended') {
      session.stderr.write(`note: the console ended, so there is nothing to look at\n`);
      return;
    }
  }
  const attaching =
    flags.from === undefined
      ? parts.attach(parseTarget(words.target), attachOptions(run))
      : parts.openSnapshot(flags.from);
  await parts.withMachine(attaching, guard, async (attachment) => {
    for (const note of attachment.notes) tell(run, note);
    if (words.view !== undefined) {
      const { runView } = await import('./live-view-run.ts');
      await runView(run, words.view, attachment);
    } else if (flags.isWaiting) {
      const { runWait } = await import('./live-wait-run.ts');
      await runWait(run, attachment);
    } else {
      await surveyOnce(run, attachment, () => attachment.close());
    }
  });
}

const leftAs = ({ isHeld }: LiveFlags): string => (isHeld ? 'stopped' : 'as it was found');

/** What the user may want to know, on standard error. */
export function tell(run: Pick<LiveRun, 'session'>, note: string): void {
  run.session.stderr.write(`note: ${printable(note)}\n`);
}

function attachOptions({ flags, guard }: LiveRun): AttachOptions {
  return {
    signal: guard.signal,
    isHeld: flags.isHeld,
    isLeftRunning: flags.isLeftRunning,
    ...(flags.qmp !== undefined && { qmp: endpointOf(`--qmp ${flags.qmp}`, flags.qmp) }),
  };
}

/** Reads, lets go, thinks, prints; saves what was read if that is wanted. */
export async function surveyOnce(
  run: LiveRun,
  attachment: Attachment,
  letGo: () => Promise<void>,
  trigger?: LiveTrigger,
): Promise<LiveDocument> {
  const { flags, settings, writer, status } = run;
  const isEverything = settings.all || flags.save !== undefined;
  const document = await surveyDocument(run, attachment, letGo, { isEverything, trigger });
  if (document.outcome === 'broken') status.report('fatal');
  if (document.outcome === 'unclear') status.unvouched();
  await writer.document(document);
  return document;
}

/** Reads, lets go, and thinks; saves what was read if that is wanted. */
export async function surveyDocument(
  run: LiveRun,
  attachment: Attachment,
  letGo: () => Promise<void>,
  wanted: Pick<SurveyOptions, 'isEverything' | 'trigger'>,
): Promise<LiveDocument> {
  const { flags, files, parts, guard, words, symbols } = run;
  const recording = flags.save === undefined ? undefined : parts.record(attachment.machine);
  const machine = recording ?? attachment.machine;
  const found = await parts.survey(machine, {
    ...wanted,
    files,
    source: symbols.source,
    signal: guard.signal,
    target: flags.from ?? words.target,
    noExplain: symbols.noExplain,
    letGo,
  });
  if (recording !== undefined && flags.save !== undefined) parts.writeSnapshot(flags.save, recording.snapshot());
  const isLeftRunning = !flags.isHeld && machine.wasRunning;
  return {
    ...found,
    stoppedMs: Math.round(machine.stoppedMilliseconds),
    // Of what was saved there is nothing to say.
    ...(flags.from === undefined && { isLeftRunning }),
  };
}
