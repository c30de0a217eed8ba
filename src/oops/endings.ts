import type { Incident } from '../model/incident.ts';
import type { LogLine } from '../model/log-line.ts';
import type { CrashReport } from '../model/report.ts';
import { utf8 } from '../util/text.ts';

/** A line with which a kernel ends: `Kernel panic`, `---[ end Kernel panic`, `Rebooting in 10 seconds..`. */
export interface EndingLine {
  readonly boot: number;
  readonly line: LogLine;
}

/** More lines of an incident are not kept. */
const maxEnding = 10;

/**
 * Gives each line that ends a kernel to the incident whose panic, or else whose report, came last before it.
 * `endings` are in the order of the log.
 */
export function shareEndings(
  incidents: readonly Incident[],
  reports: readonly Pick<CrashReport, 'startLine' | 'panic'>[],
  endings: readonly EndingLine[],
): Incident[] {
  const marks = incidents.flatMap((incident, index) =>
    [incident.root, ...incident.follow.map(({ report }) => report)].flatMap((member) => {
      const report = reports[member];
      if (report === undefined) return [];
      const panic = report.panic === undefined ? [] : [{ at: report.panic.range.firstLine, index }];
      return [{ at: report.startLine, index }, ...panic];
    }),
  );
  marks.sort((a, b) => a.at - b.at);
  const shares = incidents.map((): Incident['ending'][number][] => []);
  let next = 0;
  for (const { boot, line } of endings) {
    while ((marks[next]?.at ?? Number.POSITIVE_INFINITY) <= line.range.firstLine) next++;
    const owner = marks[next - 1]?.index ?? -1;
    const share = shares[owner];
    if (share === undefined || incidents[owner]?.boot !== boot || share.length >= maxEnding) continue;
    share.push({ text: utf8(line.text), range: line.range });
  }
  return incidents.map((incident, index) => ({ ...incident, ending: shares[index] ?? [] }));
}
