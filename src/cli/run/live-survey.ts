import type { Attachment } from '../../live/attach.ts';
import type { GuestFiles } from '../../live/guest-files.ts';
import type { SurveyOptions } from '../../live/live.ts';
import type { Machine } from '../../machine/machine.ts';
import type { LiveDocument, LiveTrigger } from '../../model/live.ts';
import { noteText } from '../errors.ts';
import { type ExitStatus, exitCodes } from '../exit-codes.ts';
import type { LiveGuard } from '../live-guard.ts';
import type { Output } from '../output.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import type { SymbolFlags } from '../symbol-flags.ts';
import type { LiveFindings } from './live-findings.ts';
import type { LiveFlags, LiveWords } from './live-flags.ts';
import type { LiveOutputs } from './live-outputs.ts';
import type { LiveParts } from './live-parts.ts';
import { showsVariables } from './source-options.ts';

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
  readonly writer: LiveOutputs;
  readonly status: ExitStatus;
  /** What is found as reports, where somebody asks for these. */
  readonly findings?: LiveFindings | undefined;
  /** Attaches once more to a machine that was let go, where that can be done. */
  readonly attachAgain?: (() => Promise<Attachment>) | undefined;
}

/** What the user may want to know, on standard error. */
export function tell(run: Pick<LiveRun, 'session'>, note: string): void {
  run.session.stderr.write(noteText(note));
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
  const noVariables = !showsVariables(settings, flags.reports?.reports);
  const document = await surveyDocument(run, attachment, letGo, { isEverything, trigger, noVariables });
  const before = status.code;
  if (document.outcome === 'unclear') status.unvouched();
  if (run.findings !== undefined) await run.findings.add(document);
  else countAll(status, document);
  if (document.outcome === 'healthy' && status.code === exitCodes.found && before !== exitCodes.found)
    tell(run, 'the guest does not hang, but its log has reports that count (--fail-on)');
  await writer.document(document);
  return document;
}

/** Counts the hang, and the reports of the log as of any other. */
function countAll(status: ExitStatus, { outcome, log }: LiveDocument): void {
  if (outcome === 'broken') status.trouble('fatal');
  for (const report of log?.result?.reports ?? []) status.report(report);
}

/** What a survey needs of a run. */
export interface SurveyRun extends Pick<LiveRun, 'symbols' | 'files' | 'parts' | 'attachAgain'> {
  readonly words: Pick<LiveWords, 'target'>;
  readonly flags: Pick<LiveFlags, 'save' | 'from' | 'isHeld'>;
  readonly guard: Pick<LiveGuard, 'signal' | 'add'>;
}

/** Reads, lets go, and thinks; saves what was read if that is wanted. */
export async function surveyDocument(
  run: SurveyRun,
  attachment: Attachment,
  letGo: () => Promise<void>,
  wanted: Pick<SurveyOptions, 'isEverything' | 'trigger' | 'noVariables'>,
): Promise<LiveDocument> {
  const { flags, files, parts, guard, words, symbols, attachAgain } = run;
  const recording = flags.save === undefined ? undefined : parts.record(attachment.machine);
  const machine = recording ?? attachment.machine;
  // What waits for trouble, stands still anyway, or ran by itself in between, is not stopped a second time.
  const canLookAgain = machine.wasRunning && !flags.isHeld && wanted.trigger === undefined;
  let stoppedAgain = 0;
  const lookAgain = async (use: (machine: Machine) => Promise<void>, attach: () => Promise<Attachment>) => {
    const again = await parts.withMachine(attach(), guard, async (attachment) => {
      await use(attachment.machine);
      return attachment;
    });
    stoppedAgain += again.machine.stoppedMilliseconds;
  };
  const found = await parts.survey(machine, {
    ...wanted,
    ...(attachAgain !== undefined && canLookAgain && { lookAgain: (use) => lookAgain(use, attachAgain) }),
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
    stoppedMs: Math.round(machine.stoppedMilliseconds + stoppedAgain),
    // Of what was saved there is nothing to say.
    ...(flags.from === undefined && { isLeftRunning }),
  };
}
