import type { CrashReport } from '../model/report.ts';

/** Reports so close together tell of the same modules. */
const withinSeconds = 60;

type Known = Pick<CrashReport, 'modules' | 'linkedModules' | 'boot' | 'seconds'>;

function isClose(a: Known, b: Known): boolean {
  if (a.boot !== b.boot) return false;
  return a.seconds === undefined || b.seconds === undefined || Math.abs(a.seconds - b.seconds) <= withinSeconds;
}

/**
 * Which modules are loaded is the machine's and not the report's: hung tasks and sleeping-in-atomic reports print no
 * list, but the oops of the same minute does. A report without one takes that of its nearest neighbour in the log.
 */
export function shareModules<T extends Known>(reports: readonly T[]): T[] {
  return reports.map((report, index) => {
    if (report.modules !== undefined) return report;
    for (const neighbour of [reports[index + 1], reports[index - 1]]) {
      if (neighbour?.modules === undefined || !isClose(report, neighbour)) continue;
      const { modules, linkedModules } = neighbour;
      return { ...report, modules, ...(linkedModules === undefined ? {} : { linkedModules }) };
    }
    return report;
  });
}
