import type { FileResult } from '../model/document.ts';
import type { CrashReport } from '../model/report.ts';
import { diagnose } from './diagnose.ts';
import type { DiagnoseContext } from './rule.ts';

/** Reports of an incident and notices of a boot that a rule gets to see; a log may have thousands. */
const most = 500;

/** The report with what rules conclude of it. */
export function withFindings(report: CrashReport, context: DiagnoseContext = {}): CrashReport {
  const findings = diagnose(report, context);
  return findings.length === 0 ? report : { ...report, findings };
}

/** The result with findings at its reports, each seen with the others of its incident and the notices of its boot. */
export function diagnoseFile(file: FileResult): FileResult {
  const { reports, incidents, boots, notices } = file;
  const others = new Map<number, readonly CrashReport[]>();
  for (const { root, follow } of incidents) {
    const members = [root, ...follow.map(({ report }) => report)].slice(0, most);
    for (const index of members) {
      others.set(
        index,
        members.flatMap((each) => (each === index ? [] : (reports[each] ?? []))),
      );
    }
  }
  const inBoot = boots.map(({ firstLine, lastLine }) =>
    notices.filter(({ range }) => range.firstLine >= firstLine && range.firstLine <= lastLine).slice(-most),
  );
  return {
    ...file,
    reports: reports.map((report, index) =>
      withFindings(report, {
        others: others.get(index) ?? [],
        notices: inBoot[report.boot ?? -1] ?? notices.slice(-most),
      }),
    ),
  };
}
