import type { ComparedRun, CrashRecord } from '../model/comparison.ts';
import type { InputFacts } from '../model/document.ts';
import type { Consequence, Incident } from '../model/incident.ts';
import type { CrashReport } from '../model/report.ts';
import { severities } from '../model/severity.ts';
import { type ComparableFrame, stackNames } from './names.ts';

/** What of a report is compared. */
export type ComparableReport = Pick<CrashReport, 'signature' | 'kind' | 'title' | 'altTitles' | 'severity'> &
  Partial<Pick<CrashReport, 'frame' | 'corrupted' | 'repeats' | 'startLine'>> & {
    readonly culprit?: { readonly function: string } | undefined;
    readonly frames: readonly ComparableFrame[];
    readonly kernel?: { readonly release?: string } | undefined;
  };

/** What of an input is compared. */
export interface ComparableFile {
  readonly path: string;
  readonly reports: readonly ComparableReport[];
  readonly incidents: readonly Pick<Incident, 'root' | 'follow'>[];
  readonly input: Pick<InputFacts, 'kernelLines' | 'cutOff' | 'damaged' | 'omittedReports' | 'endMark'>;
}

/** Consequences that say nothing of their own: `tainted-after` may be a bug of its own, and is held to be one. */
export function isMereConsequence(why: Consequence): boolean {
  return why !== 'tainted-after';
}

/** What is compared of a report that stands in `path`. */
export function recordOf(report: ComparableReport, path: string, follows = false): CrashRecord {
  const { signature, kind, title, altTitles, severity, culprit, kernel, frame } = report;
  return {
    signature,
    kind,
    title,
    altTitles,
    severity,
    // The title rules write `corrupted` where they find no function.
    isSpecific: frame !== undefined && frame !== 'corrupted' && frame !== '' && report.corrupted !== true,
    ...(culprit && { culprit: culprit.function }),
    names: stackNames(report.frames, culprit),
    ...(kernel?.release !== undefined && { release: kernel.release }),
    path,
    line: report.startLine ?? 0,
    count: 1 + (report.repeats ?? 0),
    ...(follows && { follows: true }),
  };
}

/** Indexes of reports that merely follow from another one, with the index of that one. */
export function consequences(incidents: readonly Pick<Incident, 'root' | 'follow'>[]): Map<number, number> {
  const roots = new Map<number, number>();
  for (const { root, follow } of incidents) {
    for (const { report, why } of follow) if (isMereConsequence(why)) roots.set(report, root);
  }
  return roots;
}

/** Gathers a run from its inputs. */
export class RunBuilder {
  readonly #name: string;
  readonly #crashes = new Map<string, CrashRecord>();
  readonly #doubts: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  add(file: ComparableFile): void {
    const { path, input } = file;
    if (!input.kernelLines) this.doubt(`nothing in ${path} was printed by a kernel`);
    else if (input.damaged !== undefined) this.doubt(`not all of ${path} could be read`);
    else if (input.cutOff) this.doubt(`${path} ends in the middle of a report`);
    if (input.endMark === 'missing') this.doubt(`${path} ends before the line that was said to end it`);
    if (input.omittedReports) this.doubt(`${input.omittedReports} reports of ${path} were counted only`);
    const roots = consequences(file.incidents);
    for (const [index, report] of file.reports.entries()) this.#report(recordOf(report, path, roots.has(index)));
  }

  /** Notes why the run may have had more than is known. */
  doubt(why: string): void {
    this.#doubts.push(why);
  }

  #report(record: CrashRecord): void {
    const before = this.#crashes.get(record.signature);
    if (before === undefined) {
      this.#crashes.set(record.signature, record);
      return;
    }
    // What was met as an event of its own tells more than what followed from another one.
    const { follows, ...better } = before.follows && !record.follows ? record : before;
    this.#crashes.set(record.signature, {
      ...better,
      altTitles: [
        ...new Set([...before.altTitles, ...titlesBeside(better.title, before, record), ...record.altTitles]),
      ].slice(0, maxTitles),
      severity:
        severities[Math.min(severities.indexOf(before.severity), severities.indexOf(record.severity))] ??
        before.severity,
      count: before.count + record.count,
      ...(follows && { follows }),
    });
  }

  build(): ComparedRun {
    return { name: this.#name, crashes: [...this.#crashes.values()], doubts: this.#doubts };
  }
}

/** More titles of one signature than that are no help. */
const maxTitles = 20;

function titlesBeside(title: string, ...records: readonly CrashRecord[]): string[] {
  return records.map((record) => record.title).filter((other) => other !== title);
}
