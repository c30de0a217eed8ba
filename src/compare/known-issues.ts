import { blamedFrame } from '../model/blame.ts';
import type { KnownIssue } from '../model/comparison.ts';
import type { CrashReport } from '../model/report.ts';
import { asBytes, type Matcher } from '../util/pattern/matcher.ts';

/** What a report is held against. */
const conditionKeys = ['title', 'culprit', 'file', 'release', 'signature', 'kind', 'line'] as const;
export type ConditionKey = (typeof conditionKeys)[number];

/** One entry of a known-issues file. */
export interface IssueEntry {
  readonly issue: KnownIssue;
  /** All of these must hold. `line` is of an allow file: a pattern of the headline's line. */
  readonly conditions: readonly { readonly key: ConditionKey; readonly matcher: Matcher }[];
  /** How to call it in a message. */
  readonly words: string;
}

/** What came of an entry in a run. */
export interface EntryOutcome {
  readonly entry: IssueEntry;
  readonly expired: boolean;
  readonly matches: number;
}

/** Known issues of any number of files, and what they were good for. */
export class KnownIssues {
  readonly #entries: readonly IssueEntry[];
  readonly #today: string;
  readonly #matches = new Map<IssueEntry, number>();

  /** @param today as `2026-11-20`. */
  constructor(entries: readonly IssueEntry[], today: string) {
    this.#entries = entries;
    this.#today = today;
  }

  #isExpired({ issue }: IssueEntry): boolean {
    return issue.expires !== undefined && issue.expires < this.#today;
  }

  /** The first entry that fits and has not expired. Those that have are counted, and do nothing. */
  find(report: CrashReport): KnownIssue | undefined {
    let found: KnownIssue | undefined;
    for (const entry of this.#entries) {
      if (!entry.conditions.every(({ key, matcher }) => fits(matcher, valuesOf(report, key)))) continue;
      this.#matches.set(entry, (this.#matches.get(entry) ?? 0) + 1);
      if (!this.#isExpired(entry)) found ??= entry.issue;
    }
    return found;
  }

  /** True if a line of a log is allowed: by an entry of an allow file. */
  allowsLine(line: string): boolean {
    return this.#entries.some((entry) => {
      const allows = entry.conditions.every(({ key, matcher }) => key === 'line' && matcher.test(line));
      if (allows) this.#matches.set(entry, (this.#matches.get(entry) ?? 0) + 1);
      return allows;
    });
  }

  /** What became of each entry so far. */
  outcomes(): EntryOutcome[] {
    return this.#entries.map((entry) => ({
      entry,
      expired: this.#isExpired(entry),
      matches: this.#matches.get(entry) ?? 0,
    }));
  }
}

function fits(matcher: Matcher, values: readonly (string | undefined)[]): boolean {
  return values.some((value) => value !== undefined && matcher.test(asBytes(value)));
}

function valuesOf(report: CrashReport, key: ConditionKey): readonly (string | undefined)[] {
  switch (key) {
    case 'title':
      return [report.title, ...report.altTitles];
    case 'culprit':
      return [report.culprit?.function];
    case 'file':
      return [report.guiltyFile, blamedFrame(report)?.source?.file];
    case 'release':
      return [report.kernel?.release];
    case 'signature':
      return [report.signature];
    case 'kind':
      return [report.kind];
    case 'line':
      return [report.headline, asDmesg(report)];
  }
}

/** The headline as dmesg prints it, for patterns that begin with the stamp. */
function asDmesg({ seconds, headline }: CrashReport): string | undefined {
  return seconds === undefined ? undefined : `[${seconds.toFixed(6).padStart(12)}] ${headline}`;
}
