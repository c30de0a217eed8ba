import type { FileResult } from '../../model/document.ts';
import type { Boot } from '../../model/incident.ts';
import type { CrashReport } from '../../model/report.ts';
import { openExcerpter } from '../excerpts.ts';
import { diagnoseResult } from '../findings.ts';
import { openOwners } from '../owners.ts';
import { openSources, type SourcesOptions } from '../sources.ts';

/**
 * The log of a machine as any other: its reports with source positions, and what rules conclude of them.
 * @throws KtriageError as `openSources` does; the signal's reason.
 */
export async function withSymbols(log: FileResult, options: SourcesOptions): Promise<FileResult> {
  if (log.reports.length === 0) return log;
  const sources = await openSources(options);
  try {
    const reports = await sources.symbolize(log.reports, log.boots);
    return options.noExplain === true ? { ...log, reports } : await diagnoseResult({ ...log, reports });
  } finally {
    sources.close();
  }
}

/**
 * Reports that were found in a machine, which have their source positions, with the lines of source and with those
 * whose code it is; others stay as they are.
 * @throws KtriageError KT-SOURCE-FOLDER; the signal's reason.
 */
export async function withSource(
  reports: readonly CrashReport[],
  boots: readonly Boot[],
  options: Pick<SourcesOptions, 'source' | 'allSource' | 'owners' | 'signal' | 'onTried'>,
): Promise<readonly CrashReport[]> {
  const found = reports.filter(({ unprinted }) => unprinted);
  if (found.length === 0 || (options.source ?? []).length === 0) return reports;
  const excerpter = await openExcerpter(options);
  const owners = await openOwners(options);
  const shown = excerpter === undefined ? found : await excerpter.excerpt(found, boots);
  const owned = owners === undefined ? shown : await owners.own(shown);
  const better = new Map(found.map((report, nth) => [report, owned[nth] ?? report]));
  return reports.map((report) => better.get(report) ?? report);
}
