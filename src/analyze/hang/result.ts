import type { FileResult, InputFacts } from '../../model/document.ts';
import type { Consequence, Incident } from '../../model/incident.ts';
import type { LiveDocument, Verdict } from '../../model/live.ts';
import type { CrashReport, RunContext } from '../../model/report.ts';
import { findingOf, hangReport } from './report.ts';

/** What was found in a machine, as of an input like any other. */
export interface HangResult {
  /** The log's reports and the hang. */
  readonly result: FileResult;
  /** The hang's own lines, which stand behind those of the log; none if the log tells of it. */
  readonly lines: readonly string[];
}

const noLog: InputFacts = { bytes: 0, lines: 0, decorations: [], kernelLines: true, cutOff: false };

/** The machine's printk buffer as an input of that name. That its end is cut off is no doubt: what is wrong is told. */
export function logOf({ log }: Pick<LiveDocument, 'log'>, path: string): FileResult {
  const found = log?.result;
  if (found === undefined) return { path, reports: [], incidents: [], boots: [], notices: [], input: noLog };
  return { ...found, path, input: { ...found.input, kernelLines: true, cutOff: false } };
}

/** What is known of a hang beside the machine. */
export interface HangOptions {
  /** The log is the machine's console, and nothing is put behind it: the hang stands at its last line. */
  readonly isBeside?: boolean;
  /** The test that ran. */
  readonly running?: RunContext | undefined;
}

/**
 * What was found in a machine put to its log: a report of the hang leads, and what the log says of the same trouble
 * follows from it. Of a kernel that panicked by a report of its log, that report is the one.
 */
export function withHang(log: FileResult, document: LiveDocument, options: HangOptions = {}): HangResult {
  const { isBeside = false, running } = options;
  const hang = hangReport(document, log);
  if (hang === undefined) return { result: log, lines: [] };
  const printed =
    document.verdict.rule === 'panicked' && hang.report.fault === undefined ? rootOfPanic(log) : undefined;
  if (printed !== undefined) return { result: withVerdict(log, printed, document.verdict), lines: [] };
  const last = Math.max(log.input.lines ?? 0, 1);
  const { range } = hang.report;
  const report: CrashReport = {
    ...hang.report,
    ...(isBeside && { startLine: last, endLine: last, range: { ...range, firstLine: last, lastLine: last } }),
    ...(running !== undefined && { running }),
  };
  const nth = log.reports.length;
  const boot = report.boot ?? 0;
  const { follow, others } = sortedIncidents(log, report);
  const incidents: readonly Incident[] = [{ root: nth, follow, ending: [], boot }, ...others];
  return {
    lines: hang.lines,
    result: {
      ...log,
      reports: numbered([...log.reports, report], incidents),
      incidents,
      ...(!isBeside && { input: { ...log.input, bytes: range.endByte, lines: range.lastLine } }),
    },
  };
}

/** The report that the kernel's panic began with. */
function rootOfPanic({ reports, incidents }: FileResult): number | undefined {
  const panic = reports.findLastIndex(({ panicked, panic: words }) => panicked || words !== undefined);
  if (panic === -1) return undefined;
  const incident = incidents.findLast(
    ({ root, follow }) => root === panic || follow.some(({ report }) => report === panic),
  );
  return incident?.root ?? panic;
}

function withVerdict(log: FileResult, nth: number, verdict: Verdict): FileResult {
  const reports = log.reports.map(
    (report, index): CrashReport =>
      index === nth
        ? { ...report, severity: 'fatal', panicked: true, findings: [findingOf(verdict), ...(report.findings ?? [])] }
        : report,
  );
  return { ...log, reports };
}

/** Why an incident of the log is part of a hang; undefined if it is not. */
function consequenceOf(root: CrashReport, hang: CrashReport): Consequence | undefined {
  if (root.signature === hang.signature) return 'repeat';
  if (/^(?:hang\/|rcu\/(?:\w+-)?stall$|rcu\/kthread-starved$)/.test(root.kind)) return 'stuck-behind';
  // What the kernel was about to say of the same.
  const isSame = root.kind === hang.kind && (root.title === hang.title || root.frames.length === 0);
  return isSame ? 'reporting-trouble' : undefined;
}

/** The incidents of the log that are part of a hang, as what follows from it, and the others. */
function sortedIncidents(
  log: FileResult,
  hang: CrashReport,
): { readonly follow: Incident['follow']; readonly others: readonly Incident[] } {
  const follow: Incident['follow'][number][] = [];
  const others: Incident[] = [];
  for (const incident of log.incidents) {
    const root = log.reports[incident.root];
    const why = incident.boot === hang.boot && root !== undefined ? consequenceOf(root, hang) : undefined;
    if (why === undefined) others.push(incident);
    else follow.push({ report: incident.root, why }, ...incident.follow);
  }
  return { follow, others };
}

/** Reports with the incidents that they are part of now. */
function numbered(reports: readonly CrashReport[], incidents: readonly Incident[]): CrashReport[] {
  const numbers = new Map(
    incidents.flatMap(({ root, follow }, nth) => [root, ...follow.map(({ report }) => report)].map((of) => [of, nth])),
  );
  return reports.map((report, index) => {
    const incident = numbers.get(index);
    return incident === undefined ? report : { ...report, incident };
  });
}
