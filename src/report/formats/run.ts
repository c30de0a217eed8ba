import type { FileResult, InputFacts } from '../../model/document.ts';
import type { Boot, Consequence, Incident } from '../../model/incident.ts';
import type { CrashReport } from '../../model/report.ts';
import { type Severity, severities } from '../../model/severity.ts';
import type { Suspects } from '../../model/suspects.ts';
import { aftermathOf } from '../text/aftermath.ts';

/** Different problems that are kept with their reports; what is beyond is counted. SARIF's readers show 5000 at most. */
const mostProblems = 1000;
/** Inputs named for one problem. */
const mostOccurrences = 1000;
/** Reports of one input that are put in the order of time. */
const mostEvents = 500;
/** Tests that one problem was met in, named one by one. */
const mostTests = 1000;
/** Reports that followed from a problem, named one by one. */
const mostFollowers = 50;

/** Where a problem was met, and how often in that input. */
export interface Occurrence {
  readonly path: string;
  /** Of the headline. */
  readonly line: number;
  readonly times: number;
  /** It makes the run fail, here: a known issue may be known of some kernels only. */
  readonly fails: boolean;
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

/** A test that a log says to have run. */
export interface RunningTest {
  readonly name: string;
  readonly harness?: string;
}

/**
 * All incidents whose root reports have one signature, told by one of them: by one that makes the run fail before one
 * that does not, then by the most severe, then by the first.
 */
export interface Problem {
  readonly report: CrashReport;
  /** Something of it makes the run fail: a root, or what followed. */
  readonly fails: boolean;
  /** The input of that report. */
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
  /** Tests that ran when it was met, each once. */
  readonly tests: readonly RunningTest[];
  /** The commits that may have done it, if they were looked for. */
  readonly suspects?: Suspects;
}

/** Something that a kernel reported, at its time. */
export interface RunEvent {
  readonly title: string;
  readonly severity: Severity;
  readonly signature: string;
  readonly line: number;
  readonly lastLine: number;
  /** Seconds since boot. */
  readonly seconds?: number;
  /** Index into `boots`. */
  readonly boot: number;
  /** Absent for the root of an incident. */
  readonly why?: Consequence;
}

/** One input of a run. */
export interface RunInput {
  readonly path: string;
  /** Absent if it could not be read. */
  readonly facts?: InputFacts;
  readonly boots: readonly Boot[];
  /** Signatures of its incidents, each once. */
  readonly signatures: readonly string[];
  /** Its reports in the order of the log, as far as there are not too many. */
  readonly events: readonly RunEvent[];
  /** Reports beyond those. */
  readonly moreEvents: number;
  /** Why nobody can say that it holds no crash; absent where somebody can. */
  readonly unclear?: string;
}

/** What the outputs for CIs are made of. */
export interface Run {
  /** What makes the run fail first, the most severe first of these, then in the order they were met. */
  readonly problems: readonly Problem[];
  /** Problems beyond the number that is kept. */
  readonly omitted: number;
  /** One of these makes the run fail. */
  readonly omittedFails: boolean;
  readonly inputs: readonly RunInput[];
}

interface Growing {
  report: CrashReport;
  fails: boolean;
  path: string;
  panicked: boolean;
  followers: Follower[];
  moreFollowers: number;
  occurrences: Occurrence[];
  times: number;
  inputs: number;
  tests: RunningTest[];
  suspects?: Suspects;
}

function unclearWords({ kernelLines, cutOff, damaged, omittedReports, endMark }: InputFacts): string | undefined {
  if (damaged !== undefined) return `not all of it could be read: ${damaged}`;
  if (!kernelLines) return 'nothing in it was printed by a kernel';
  if (cutOff) return 'it ends in the middle of a report';
  if (endMark === 'missing') return 'it ends before the line that was said to end it';
  return omittedReports ? `it has ${omittedReports} reports more than can be described` : undefined;
}

function follower(report: CrashReport, why: Consequence): Follower {
  const { title, kind, severity, seconds } = report;
  const { firstLine, lastLine } = report.range;
  return { why, title, kind, line: firstLine, lastLine, severity, ...(seconds !== undefined && { seconds }) };
}

function testsOf(reports: readonly CrashReport[]): RunningTest[] {
  return reports.flatMap(({ running }) => {
    if (running?.test === undefined) return [];
    return [{ name: running.test, ...(running.harness !== undefined && { harness: running.harness }) }];
  });
}

function oncePerName(tests: readonly RunningTest[]): RunningTest[] {
  return [...new Map(tests.map((test) => [test.name, test])).values()].slice(0, mostTests);
}

function eventsOf({ incidents, reports }: FileResult): RunEvent[] {
  const events = incidents.flatMap(({ root, follow, boot }) =>
    [{ report: root, why: undefined }, ...follow].flatMap(({ report: index, why }): RunEvent[] => {
      const report = reports[index];
      if (report === undefined) return [];
      const { title, severity, signature, startLine, range, seconds } = report;
      return [
        {
          title,
          severity,
          signature,
          line: startLine,
          lastLine: range.lastLine,
          boot: report.boot ?? boot,
          ...(seconds !== undefined && { seconds }),
          ...(why !== undefined && { why }),
        },
      ];
    }),
  );
  return events.sort((a, b) => a.line - b.line);
}

/** The order of problems: what makes the run fail is below `severities.length`. */
const rankOf = (fails: boolean, { severity }: CrashReport): number =>
  severities.indexOf(severity) + (fails ? 0 : severities.length);

/** The parts of a problem that are of the incident by which it is told. */
function toldBy(
  file: FileResult,
  { follow, suspects }: Incident,
  root: CrashReport,
): Pick<Growing, 'report' | 'path' | 'followers' | 'moreFollowers' | 'suspects'> {
  const others = follow.flatMap(({ report, why }) => {
    const other = file.reports[report];
    return other === undefined || (why === 'repeat' && other.signature === root.signature)
      ? []
      : [follower(other, why)];
  });
  return {
    report: root,
    path: file.path,
    followers: others.slice(0, mostFollowers),
    moreFollowers: Math.max(others.length - mostFollowers, 0),
    ...(suspects && { suspects }),
  };
}

/** Takes results as they come and keeps what outputs need: memory grows with the number of different problems. */
export class RunCollector {
  readonly #problems = new Map<string, Growing>();
  readonly #inputs: RunInput[] = [];
  readonly #omitted = new Set<string>();
  #omittedFails = false;
  readonly #isFailure: (report: CrashReport) => boolean;

  /** `isFailure`: false for reports that do not make the run fail: less severe than `--fail-on` says, or known. */
  constructor(isFailure: (report: CrashReport) => boolean = () => true) {
    this.#isFailure = isFailure;
  }

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
    const events = eventsOf(file);
    this.#inputs.push({
      path: file.path,
      facts: file.input,
      boots: file.boots,
      signatures: [...here.keys()],
      events: events.slice(0, mostEvents),
      moreEvents: Math.max(events.length - mostEvents, 0),
      ...(unclear !== undefined && { unclear }),
    });
  }

  /** An input that could not be read, or not to its end; `why` in words. */
  failed(path: string, why: string): void {
    const known = this.#inputs.findIndex((input) => input.path === path);
    const input = this.#inputs[known];
    if (input !== undefined) this.#inputs[known] = { ...input, unclear: why };
    else this.#inputs.push({ path, boots: [], signatures: [], events: [], moreEvents: 0, unclear: why });
  }

  #incident(file: FileResult, incident: Incident, here: Map<string, Occurrence>): void {
    const root = file.reports[incident.root];
    if (root === undefined) return;
    const { signature } = root;
    const repeats = incident.follow.filter(({ why }) => why === 'repeat');
    const isPrintedToo =
      root.unprinted === true && repeats.some(({ report }) => file.reports[report]?.signature === signature);
    const times = repeats.reduce(
      (sum, { report }) => {
        const repeat = file.reports[report];
        return repeat?.signature === signature ? sum + 1 + (repeat.repeats ?? 0) : sum;
      },
      // What was found in a machine, and its kernel printed too, is told twice and happened once.
      (isPrintedToo ? 0 : 1) + (root.repeats ?? 0),
    );
    const before = here.get(signature);
    // As the exit status has it: any report may be the one to fail on, the panic after an oops too.
    const fails = [root, ...incident.follow.flatMap(({ report }) => file.reports[report] ?? [])].some(this.#isFailure);
    here.set(signature, {
      path: file.path,
      line: before?.line ?? root.startLine,
      times: (before?.times ?? 0) + times,
      fails: fails || before?.fails === true,
    });
    const panicked = aftermathOf(file, incident) === 'panicked';
    const known = this.#problems.get(signature);
    const tests = testsOf([root, ...repeats.flatMap(({ report }) => file.reports[report] ?? [])]);
    if (known !== undefined) {
      if (panicked) known.panicked = true;
      // Mostly it is the test that ran before.
      if (tests.some(({ name }) => name !== known.tests.at(-1)?.name))
        known.tests = oncePerName([...known.tests, ...tests]);
      if (rankOf(fails, root) >= rankOf(known.fails, known.report)) return;
      const { suspects: _ofAnother, ...kept } = known;
      this.#problems.set(signature, { ...kept, ...toldBy(file, incident, root), fails });
      return;
    }
    if (!this.#hasRoom(root, fails)) return;
    this.#problems.set(signature, {
      ...toldBy(file, incident, root),
      fails,
      panicked,
      occurrences: [],
      times: 0,
      inputs: 0,
      tests: oncePerName(tests),
    });
  }

  /** Makes room for a report by dropping a problem that matters less; false if it is itself what has to be dropped. */
  #hasRoom(report: CrashReport, fails: boolean): boolean {
    if (this.#omitted.has(report.signature)) {
      this.#omittedFails ||= fails;
      return false;
    }
    if (this.#problems.size < mostProblems) return true;
    const rank = rankOf(fails, report);
    let dropped: [string, number] | undefined;
    for (const [signature, problem] of this.#problems) {
      const other = rankOf(problem.fails, problem.report);
      if (other >= (dropped?.[1] ?? rank + 1)) dropped = [signature, other];
    }
    const [signature, least] = dropped ?? [report.signature, rank];
    this.#omitted.add(signature);
    this.#omittedFails ||= least < severities.length;
    this.#problems.delete(signature);
    return dropped !== undefined;
  }

  /** What was collected so far. */
  run(): Run {
    const problems = [...this.#problems.values()].sort((a, b) => rankOf(a.fails, a.report) - rankOf(b.fails, b.report));
    return { problems, omitted: this.#omitted.size, omittedFails: this.#omittedFails, inputs: this.#inputs };
  }
}
