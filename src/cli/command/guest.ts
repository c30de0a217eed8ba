import type { SourcesOptions } from '../../analyze/sources.ts';
import type { Guard } from '../../live/hold.ts';
import { endpointOf, parseTarget, type Target } from '../../live/targets/target.ts';
import type { FileResult } from '../../model/document.ts';
import type { LiveDocument } from '../../model/live.ts';
import { toJson } from '../../report/json.ts';
import type { FileOptions } from '../../symbols/symbol-files.ts';
import { openOutputFile } from '../output.ts';
import { loadLiveParts } from '../run/live-parts.ts';
import { surveyDocument, tell } from '../run/live-survey.ts';
import type { OpenPolicy } from '../run/open-policy.ts';
import type { Session } from '../session.ts';
import type { SymbolFlags } from '../symbol-flags.ts';
import type { CommandFlags } from './command-flags.ts';

/** Where a guest is that is looked at when it hangs. */
export interface GuestPlace {
  /** As the user named it. */
  readonly name: string;
  readonly target: Target;
  readonly qmp?: ReturnType<typeof endpointOf>;
}

/** What a look at a guest is given. */
export interface GuestSurroundings {
  readonly flags: Pick<CommandFlags, 'guestReport' | 'saveGuest'>;
  readonly symbols: SymbolFlags;
  readonly places: FileOptions;
  readonly session: Session;
  /** Leaves the guest as it was found if the process ends. */
  readonly guard: Guard;
  readonly signal: AbortSignal;
  readonly isEverything: boolean;
}

/** A guest that cannot be read in that time is given up; milliseconds. */
const longestLook = 180_000;

/**
 * Where the guest is that flags name, if they name one.
 * @throws KtriageError KT-LIVE-TARGET.
 */
export function guestPlace({ gdb, qmp }: Pick<CommandFlags, 'gdb' | 'qmp'>): GuestPlace | undefined {
  if (gdb !== undefined) {
    const target = parseTarget(gdb);
    return { name: gdb, target, ...(qmp !== undefined && { qmp: endpointOf(`--qmp ${qmp}`, qmp) }) };
  }
  if (qmp === undefined) return undefined;
  return { name: `qmp:${qmp}`, target: { kind: 'qmp', endpoint: endpointOf(`--qmp ${qmp}`, qmp) } };
}

/**
 * Attaches to a guest, says why it hangs, and lets it go on.
 * @throws KtriageError as `ktriage live` does; the signal's reason.
 */
export async function lookAtGuest(place: GuestPlace, around: GuestSurroundings): Promise<LiveDocument> {
  const { flags, symbols, session, guard, isEverything } = around;
  const parts = await loadLiveParts();
  const files = await parts.openFiles(around.places);
  const signal = AbortSignal.any([around.signal, AbortSignal.timeout(longestLook)]);
  try {
    const attach = () => parts.attach(place.target, { signal, ...(place.qmp !== undefined && { qmp: place.qmp }) });
    const document = await parts.withMachine(attach(), guard, (attachment) => {
      for (const note of attachment.notes) tell({ session }, note);
      const run = {
        words: { target: place.name },
        flags: { isHeld: false, ...(flags.saveGuest !== undefined && { save: flags.saveGuest }) },
        ...{ symbols, files, parts, guard: { signal, add: (abandon: () => void) => guard.add(abandon) } },
        ...(place.target.kind !== 'kgdb' && { attachAgain: attach }),
      };
      const wanted = { isEverything: isEverything || flags.saveGuest !== undefined };
      return surveyDocument(run, attachment, () => attachment.close(), wanted);
    });
    if (flags.guestReport !== undefined) {
      const file = await openOutputFile(flags.guestReport, [], false, 'choose another place with --guest-report FILE');
      await file.write(`${toJson(document, 2)}\n`);
      await file.end();
    }
    return document;
  } finally {
    files.close();
  }
}

/** What the output of a command is told with beside it. */
export interface WithGuestOptions {
  /** What is known. */
  readonly known: OpenPolicy | undefined;
  /** Where source is, and whose code it is. */
  readonly sources: SourcesOptions;
}

/**
 * The output of a command with what was found in its guest: a report more, behind the others, if that hangs.
 * @throws KtriageError KT-SOURCE-FOLDER.
 */
export async function withGuest(
  printed: FileResult,
  document: LiveDocument,
  { known, sources }: WithGuestOptions,
): Promise<FileResult> {
  const [{ withHang }, { withSource }] = await Promise.all([
    import('../../analyze/hang/result.ts'),
    import('../../analyze/hang/improve.ts'),
  ]);
  const { harness, test } = printed.command?.last ?? {};
  const running = test === undefined ? undefined : { test, ...(harness !== undefined && { harness }) };
  const { result } = withHang(printed, document, { isBeside: true, running });
  const reports = await withSource(result.reports, result.boots, sources);
  return {
    ...result,
    reports: reports.map((report) =>
      report.unprinted ? (known?.policy.report(report, result.path) ?? report) : report,
    ),
  };
}
