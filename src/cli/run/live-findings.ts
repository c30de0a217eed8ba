import type { FileResult } from '../../model/document.ts';
import { guestInput } from '../../model/document.ts';
import type { LiveDocument } from '../../model/live.ts';
import type { ExitStatus } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import type { SymbolFlags } from '../symbol-flags.ts';
import { debuginfodOptions } from './debuginfod-options.ts';
import type { LiveFlags } from './live-flags.ts';
import { policyFor } from './policy-for.ts';
import { openSuspects } from './range-suspects.ts';
import type { SharedRun } from './report-files.ts';
import { sourceOptions } from './source-options.ts';

/** What is found in a machine as reports: what outputs of CIs are made of, and the policy of a user judges. */
export interface LiveFindings {
  /** Takes what one look has shown, and counts it for the exit status. */
  add(document: LiveDocument): Promise<void>;
  /** No more looks. Where there was none, nothing that was waited for came, unless it was `interrupted`. */
  end(interrupted: boolean): void;
}

/** What findings are made with. */
export interface FindingsSurroundings {
  readonly flags: Pick<LiveFlags, 'policy' | 'range' | 'reports'>;
  readonly symbols: SymbolFlags;
  readonly settings: Settings;
  readonly session: Session;
  readonly status: ExitStatus;
  readonly shared: SharedRun | undefined;
  readonly signal: AbortSignal;
  /** As the user named the machine, or what was saved of it. */
  readonly target: string;
}

/**
 * Opens what reports are judged by.
 * @throws KtriageError as policies and ranges do.
 */
export async function openLiveFindings(around: FindingsSurroundings): Promise<LiveFindings> {
  const { flags, symbols, settings, session, shared, signal } = around;
  const { policy = {}, range } = flags;
  const load = async () => (await import('../engine.ts')).loadEngine();
  const known = await policyFor(policy, load, session, settings, signal);
  const addSuspects = await openSuspects(range, symbols.source, signal);
  const options = {
    ...sourceOptions(symbols, settings, session, flags.reports?.reports),
    ...(await debuginfodOptions(symbols, session)),
    signal,
  };
  const { logOf, withHang } = await import('../../analyze/hang/result.ts');
  const { withSource, withSymbols } = await import('../../analyze/hang/improve.ts');
  let looks = 0;
  return {
    async add(document) {
      looks += 1;
      const path = guestInput(looks === 1 ? around.target : `${around.target}, look ${looks}`);
      const log = await withSymbols(logOf(document, path), options);
      const { result, lines } = withHang(log, document);
      const placed = { ...result, reports: await withSource(result.reports, result.boots, options) };
      const suspected = addSuspects === undefined ? placed : await addSuspects(placed);
      const scan = known?.policy.scan();
      const printed = document.log?.lines ?? [];
      scan?.push(Buffer.from(`${printed.join('\n')}\n`, 'latin1'));
      const judged: FileResult = known === undefined ? suspected : known.policy.file(suspected, scan);
      around.status.file(judged);
      shared?.add(judged);
      const own = lines.map((line) => Buffer.from(line, 'utf8').toString('latin1'));
      shared?.giveLog(path, [{ firstLine: 1, lines: [...printed, ...own] }]);
      if (document.outcome === 'unclear') shared?.failed(path, document.verdict.sentence);
    },
    end(interrupted) {
      const path = guestInput(around.target);
      if (looks === 0 && interrupted) shared?.failed(path, 'it was interrupted before anything was seen');
      // The machine was watched, and nothing happened.
      else if (looks === 0) shared?.add(logOf({}, path));
      known?.tell();
    },
  };
}
