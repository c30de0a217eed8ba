import type { FileResult } from '../model/document.ts';
import type { CrashReport } from '../model/report.ts';

/** The reports with what rules conclude of each by itself. Loads the rules when there is a report. */
export async function diagnoseEach(reports: readonly CrashReport[]): Promise<CrashReport[]> {
  if (reports.length === 0) return [];
  const { withFindings } = await import('../diagnose/diagnose-file.ts');
  return reports.map((report) => withFindings(report));
}

/** The result with what rules conclude of each report, seen with the others of its incident. */
export async function diagnoseResult(result: FileResult): Promise<FileResult> {
  if (result.reports.length === 0) return result;
  const { diagnoseFile } = await import('../diagnose/diagnose-file.ts');
  return diagnoseFile(result);
}
