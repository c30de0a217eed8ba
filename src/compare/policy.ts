import { type CrashHistory, isKnown, type KnownIssue } from '../model/comparison.ts';
import type { DeniedLines, FileResult } from '../model/document.ts';
import type { CrashReport } from '../model/report.ts';
import type { Matcher } from '../util/pattern/matcher.ts';
import { utf8 } from '../util/text.ts';
import type { History, OldCrash } from './history.ts';
import type { KnownIssues } from './known-issues.ts';
import { LineScan } from './line-scan.ts';
import { consequences, recordOf } from './run.ts';

/** What a user knows and expects of logs. */
export interface PolicyOptions {
  readonly history?: History;
  readonly known?: KnownIssues;
  readonly deny?: Matcher;
  /** What a log must hold to be whole. */
  readonly end?: Matcher;
}

/** Says of reports whether they are news, and of logs what a user asked about them. */
export class Policy {
  readonly #options: PolicyOptions;
  /** Signatures of earlier runs' crashes that were met. */
  readonly #met = new Set<string>();

  constructor(options: PolicyOptions) {
    this.#options = options;
  }

  /** What the bytes of an input are to be handed to; undefined if nobody asks about them. */
  scan(): LineScan | undefined {
    const { deny, end, known } = this.#options;
    if (deny === undefined && end === undefined) return undefined;
    return new LineScan({
      ...(deny && { deny }),
      ...(end && { end }),
      allows: (line) => known?.allowsLine(line) === true,
    });
  }

  /** A report by itself, before it is known what it follows from. */
  report(report: CrashReport, path: string, taken?: ReadonlySet<string>): CrashReport {
    const { history, known } = this.#options;
    const issue = known?.find(report);
    return {
      ...report,
      ...(history && { history: this.#recognize(history, report, path, taken) }),
      ...(issue && { knownIssue: issue }),
    };
  }

  #recognize(
    history: History,
    report: CrashReport,
    path: string,
    taken: ReadonlySet<string> | undefined,
  ): CrashHistory {
    const { old, ...known } = history.recognize(recordOf(report, path), taken);
    if (old !== undefined) this.#met.add(old.crash.signature);
    return known;
  }

  /** What earlier runs had and no input so far. */
  gone(): OldCrash[] {
    const all = [...(this.#options.history?.crashes() ?? [])];
    return all.filter(({ crash }) => crash.follows !== true && !this.#met.has(crash.signature));
  }

  /** All that was found in an input, with what its bytes were looked at for. */
  file(file: FileResult, scan?: LineScan): FileResult {
    scan?.end();
    const taken = this.#options.history?.taken(file.reports.map((report) => recordOf(report, file.path)));
    const judged = file.reports.map((report) => this.report(report, file.path, taken));
    // What merely follows from something known is known with it: the panic after an oops.
    for (const [index, rootIndex] of consequences(file.incidents)) {
      const report = judged[index];
      const root = judged[rootIndex];
      if (report !== undefined && root !== undefined) judged[index] = withRoot(report, root);
    }
    const denied = scan === undefined || this.#options.deny === undefined ? undefined : deniedLines(judged, scan);
    return {
      ...file,
      reports: judged,
      input: {
        ...file.input,
        ...(this.#options.end && scan && { endMark: scan.endLine === undefined ? 'missing' : 'seen' }),
        ...(denied && { denied }),
      },
    };
  }
}

function withRoot(report: CrashReport, root: CrashReport): CrashReport {
  const issue: KnownIssue | undefined = report.knownIssue ?? root.knownIssue;
  const { history } = report;
  const knownByRoot = history !== undefined && !isKnown(history) && root.history !== undefined && isKnown(root.history);
  return {
    ...report,
    ...(issue && { knownIssue: issue }),
    ...(knownByRoot && { history: { ...history, follows: true } }),
  };
}

/** Lines of reports that are known issues are accepted with these. */
function deniedLines(reports: readonly CrashReport[], scan: LineScan): DeniedLines | undefined {
  const { lines, omitted } = scan.denied;
  const kept: DeniedLines['lines'][number][] = [];
  for (const { line, text } of lines) {
    const report = reports.findIndex(({ range }) => range.firstLine <= line && line <= range.lastLine);
    if (reports[report]?.knownIssue !== undefined) continue;
    kept.push({ line, text: utf8(text), ...(report !== -1 && { report }) });
  }
  return kept.length === 0 && omitted === 0 ? undefined : { lines: kept, omitted };
}
