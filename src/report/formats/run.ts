import type { FileResult, InputFacts } from '../../model/document.ts';
import type { Boot, Consequence, Incident } from '../../model/incident.ts';
import type { CrashReport } from '../../model/report.ts';
import { type Severity, severities } from '../../model/severity.ts';
import { aftermathOf } from '../text/aftermath.ts';

/** Different problems that are kept with their reports; what is beyond is counted. SARIF's readers show 5000 at most. */
const mostProblems = 1000;
/** Inputs named for one problem. */
const mostOccurrences = 1000;
/** Reports that followed from a problem, named one by one. */
const mostFollowers = 50;

/** Where a problem was met, and how often in that input. */
export interface Occurrence {
  readonly path: string;
  /** Of the headline. */
  readonly line: number;
  readonly times: number;
}

/** A report that followed from another, in short. */
export interface Follower {
  readonly why: Consequence;
  readonly title: string;
  readonly kind: string;
  readonly line: number;
  readonly lastLine: number;
  readonly severity: Severity;
  readonly seconds?: number;
}

/** All incidents whose root reports have one signature, told by the first of them. */
export interface Problem {
  /** The first root. */
  readonly report: CrashReport;
  /** The input of that one. */
  readonly path: string;
  readonly panicked: boolean;
  readonly followers: readonly Follower[];
  /** Followers beyond those. */
  readonly moreFollowers: number;
  /** In the order they were met. */
  readonly occurrences: readonly Occurrence[];
  /** Reports of it, in all inputs. */
  readonly times: number;
  /** Inputs that have it. */
  readonly inputs: number;
}

/** One input of a run. */
export interface RunInput {
  readonly path: string;
  /** Absent if it could not be read. */
  readonly facts?: InputFacts;
  readonly boots: readonly Boot[];
  /** Signatures of its incidents, each once. */
  readonly signatures: readonly string[];
  /** Why nobody can say that it holds no crash; absent where somebody can. */
  readonly unclear?: string;
}

/** What the outputs for CIs are made of. */
export interface Run {
  /** The most severe first, then in the order they were met. */
  readonly problems: readonly Problem[];
  /** Problems beyond the number that is kept. */
  readonly omitted: number;
  readonly inputs: readonly RunInput[];
}

interface Growing {
  report: CrashReport;
  path: string;
  panicked: boolean;
  followers: Follower[];
  moreFollowers: number;
  occurrences: Occurrence[];
  times: number;
  inputs: number;
}

function unclearWords({ kernelLines, cutOff, damaged, omittedReports }: InputFacts): string | undefined {
  if (damaged !== undefined) return `not all of it could be read: ${damaged}`;
  if (!kernelLines) return 'nothing in it was printed by a kernel';
  if (cutOff) return 'it ends in the middle of a report';
  return omittedReports === undefined ? undefined : `${omittedReports} reports more than can be described`;
}

function follower(report: CrashReport, why: Consequence): Follower {
  const { title, kind, severity, seconds } = report;
  const { firstLine, lastLine } = report.range;
  return { why, title, kind, line: firstLine, lastLine, severity, ...(seconds !== undefined && { seconds }) };
}

/** Takes results as they come and keeps what outputs need: memory grows with the number of different problems. */
export class RunCollector {
  readonly #problems = new Map<string, Growing>();
  readonly #inputs: RunInput[] = [];
  readonly #omitted = new Set<string>();

  /** An input that was analysed. */
  add(file: FileResult): void {
    const here = new Map<string, Occurrence>();
    for (const incident of file.incidents) this.#incident(file, incident, here);
    for (const [signature, occurrence] of here) {
      const problem = this.#problems.get(signature);
      if (problem === undefined) continue;
      problem.inputs += 1;
      problem.times += occurrence.times;
      if (problem.occurrences.length < mostOccurrences) problem.occurrences.push(occurrence);
    }
    const unclear = unclearWords(file.input);
    this.#inputs.push({
      path: file.path,
      facts: file.input,
      boots: file.boots,
      signatures: [...here.keys()],
      ...(unclear !== undefined && { unclear }),
    });
  }

  /** An input that could not be read; `why` in words. */
  failed(path: string, why: string): void {
    this.#inputs.push({ path, boots: [], signatures: [], unclear: why });
  }

  #incident(file: FileResult, incident: Incident, here: Map<string, Occurrence>): void {
    const root = file.reports[incident.root];
    if (root === undefined) return;
    const { signature } = root;
    const repeats = incident.follow.filter(({ why }) => why === 'repeat');
    const times = repeats.reduce(
      (sum, { report }) => {
        const repeat = file.reports[report];
        return repeat?.signature === signature ? sum + 1 + (repeat.repeats ?? 0) : sum;
      },
      1 + (root.repeats ?? 0),
    );
    const before = here.get(signature);
    here.set(signature, {
      path: file.path,
      line: before?.line ?? root.startLine,
      times: (before?.times ?? 0) + times,
    });
    const panicked = aftermathOf(file, incident) === 'panicked';
    const known = this.#problems.get(signature);
    if (known !== undefined) {
      if (panicked) known.panicked = true;
      return;
    }
    if (!this.#hasRoom(root)) return;
    const others = incident.follow.flatMap(({ report, why }) => {
      const other = file.reports[report];
      return other === undefined || (why === 'repeat' && other.signature === signature) ? [] : [follower(other, why)];
    });
    this.#problems.set(signature, {
      report: root,
      path: file.path,
      panicked,
      followers: others.slice(0, mostFollowers),
      moreFollowers: Math.max(others.length - mostFollowers, 0),
      occurrences: [],
      times: 0,
      inputs: 0,
    });
  }

  /** Makes room for a report by dropping a less severe problem; false if it is itself what has to be dropped. */
  #hasRoom(report: CrashReport): boolean {
    if (this.#omitted.has(report.signature)) return false;
    if (this.#problems.size < mostProblems) return true;
    const rank = severities.indexOf(report.severity);
    let dropped: [string, number] | undefined;
    for (const [signature, problem] of this.#problems) {
      const other = severities.indexOf(problem.report.severity);
      if (other >= (dropped?.[1] ?? rank + 1)) dropped = [signature, other];
    }
    this.#omitted.add(dropped?.[0] ?? report.signature);
    if (dropped === undefined) return false;
    this.#problems.delete(dropped[0]);
    return true;
  }

  /** What was collected so far. */
  run(): Run {
    const problems = [...this.#problems.values()].sort(
      (a, b) => severities.indexOf(a.report.severity) - severities.indexOf(b.report.severity),
    );
    return { problems, omitted: this.#omitted.size, inputs: this.#inputs };
  }
}

/** Inputs of which nobody can say whether they hold a crash, with why. */
export function unclearInputs(run: Run): { readonly path: string; readonly why: string }[] {
  return run.inputs.flatMap(({ path, unclear }) => (unclear === undefined ? [] : [{ path, why: unclear }]));
}
