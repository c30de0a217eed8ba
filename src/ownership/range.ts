import { dirname } from 'node:path';
import type { FileResult } from '../model/document.ts';
import type { CrashReport } from '../model/report.ts';
import type { Suspects } from '../model/suspects.ts';
import { nameInSource } from '../source/definitions.ts';
import type { GitSettings } from './git.ts';
import { blameArguments, parseBlame } from './git-blame.ts';
import { type LoggedCommit, logArguments, parseLog } from './git-log.ts';
import { eachContents } from './git-objects.ts';
import { type FileFunctions, functionsOf, misfit } from './range-functions.ts';
import type { RangeNames } from './range-names.ts';
import { type OpenRange, openRange } from './range-open.ts';
import { findFiles, type RepositoryFile } from './range-paths.ts';
import { type PlacedTarget, rankCommits } from './range-rank.ts';
import { followRenames } from './range-renames.ts';
import { type Target, targetsOfReport } from './range-targets.ts';

/** For everything that git is asked in a run. */
export const rangeTimeLimit = 20_000;

/** Commits told of a report. */
const mostSuspects = 20;
/** Commits that are looked at closely: the latest ones that touch a file of the stack. */
const mostCommits = 500;
/** Versions of files that are read. */
const mostContents = 1000;
/** Lines that are blamed. */
const mostLines = 4;
const mostNotes = 8;
/** How much of the time the log may take: without a look at functions and lines it says little. */
const logShare = 0.6;

export interface RangeOptions {
  /** Folders of checkouts; the first that has the range is used. */
  readonly folders: readonly string[];
  readonly range: RangeNames;
  readonly signal?: AbortSignal;
  /** The git to run; that of PATH by default. */
  readonly program?: string;
  /** Milliseconds for everything that git is asked; {@link rangeTimeLimit} by default. */
  readonly timeLimitMilliseconds?: number;
}

/** Time that runs only while git is asked. */
class Budget {
  readonly #limit: number;
  #spent = 0;
  #since: number | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  readonly left = (): number =>
    this.#limit - this.#spent - (this.#since === undefined ? 0 : performance.now() - this.#since);

  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#since = performance.now();
    try {
      return await work();
    } finally {
      this.#spent += performance.now() - this.#since;
      this.#since = undefined;
    }
  }
}

/** Looks for the commits of a range that touch what is on a report's stacks. */
export class RangeSearch {
  readonly #range: OpenRange;
  readonly #budget: Budget;
  readonly #limit: number;
  readonly #known = new Map<string, Suspects>();

  /** @throws KtriageError KT-RANGE-* if there is no such range. */
  static async open(options: RangeOptions): Promise<RangeSearch> {
    const { folders, range, signal, program, timeLimitMilliseconds = rangeTimeLimit } = options;
    const budget = new Budget(timeLimitMilliseconds);
    const settings: GitSettings = { signal, program, left: budget.left };
    const open = await budget.during(() => openRange(folders, range, settings));
    return new RangeSearch(open, budget, timeLimitMilliseconds);
  }

  private constructor(range: OpenRange, budget: Budget, limit: number) {
    this.#range = range;
    this.#budget = budget;
    this.#limit = limit;
  }

  /** The result with suspects of each incident. Throws the signal's reason if it is aborted. */
  async withSuspects(result: FileResult): Promise<FileResult> {
    const incidents: FileResult['incidents'][number][] = [];
    for (const incident of result.incidents) {
      const root = result.reports[incident.root];
      incidents.push(root === undefined ? incident : { ...incident, suspects: await this.suspectsOf(root) });
    }
    return { ...result, incidents };
  }

  /** The commits that touch what is on a report's stacks, the most suspicious first. */
  async suspectsOf(report: CrashReport): Promise<Suspects> {
    const targets = targetsOfReport(report);
    const key = JSON.stringify(targets);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const suspects = await this.#budget.during(() => new Search(this.#range, this.#limit).of(targets));
    this.#known.set(key, suspects);
    return suspects;
  }
}

/** The search for one stack. */
class Search {
  readonly #range: OpenRange;
  readonly #limit: number;
  readonly #notes: string[] = [];
  #isComplete = true;

  constructor(range: OpenRange, limit: number) {
    this.#range = range;
    this.#limit = limit;
  }

  async of(targets: readonly Target[]): Promise<Suspects> {
    const { doubt, names, good, bad, commitCount } = this.#range;
    if (doubt !== undefined) this.#missing(doubt);
    const ranked =
      targets.length === 0 ? this.#without('no frame has a source line (--vmlinux)') : await this.#rank(targets);
    return {
      range: `${names.good}..${names.bad}`,
      good,
      bad,
      ...(commitCount !== undefined && { commitCount }),
      commits: ranked.slice(0, mostSuspects),
      omitted: Math.max(ranked.length - mostSuspects, 0),
      complete: this.#isComplete,
      notes: this.#notes.slice(0, mostNotes),
    };
  }

  #without(why: string): [] {
    this.#missing(why);
    return [];
  }

  #missing(why: string): void {
    this.#isComplete = false;
    if (!this.#notes.includes(why)) this.#notes.push(why);
  }

  #outOfTime(what: string): void {
    this.#missing(`the ${this.#limit / 1000} seconds for git were not enough: ${what}`);
  }

  async #rank(targets: readonly Target[]) {
    const { git, place, bad, names } = this.#range;
    const files = await findFiles(git, bad, [...new Set(targets.map(({ file }) => file))], place);
    const placed = targets.flatMap((target): PlacedTarget[] => {
      const path = files.get(target.file)?.path;
      return path === undefined ? [] : [{ ...target, path }];
    });
    const culprit = targets.find(({ role }) => role === 'culprit');
    if (culprit !== undefined && !files.has(culprit.file)) this.#missing(`${culprit.file} is not in ${names.bad}`);
    if (placed.length === 0) return this.#without(`no file of the stack is in ${names.bad}`);
    const folder = folderOf(placed);
    const commits = await this.#log(placed, folder);
    const functions = await this.#functions(commits, placed, [...files.values()]);
    const blamed = await this.#blame(commits, placed, files, functions);
    return rankCommits(commits, {
      targets: placed,
      ...(folder !== undefined && { folder }),
      blamed,
      changedFunction: (commit, target) => isChanged(commit, target, functions),
    });
  }

  async #log(placed: readonly PlacedTarget[], folder: string | undefined): Promise<readonly LoggedCommit[]> {
    const { git, good, bad } = this.#range;
    const paths = [...new Set([...placed.map(({ path }) => path), ...(folder === undefined ? [] : [folder])])];
    const { outcome, stdout, words } = await git.ask([...logArguments, `${good}..${bad}`, '--', ...paths], {
      share: logShare,
    });
    if (outcome === 'timeout') this.#outOfTime('not all commits were looked at');
    else if (outcome !== 'ok') this.#missing(`git log broke off: ${words}`);
    return followRenames(git, good, parseLog(stdout), new Set(placed.map(({ path }) => path)));
  }

  /** The functions of the stack in all versions of their files that commits made or replaced, by the contents' names. */
  async #functions(
    commits: readonly LoggedCommit[],
    placed: readonly PlacedTarget[],
    now: readonly RepositoryFile[],
  ): Promise<ReadonlyMap<string, FileFunctions>> {
    const wanted = new Map<string, Set<string>>();
    for (const { path, function: name } of placed) {
      const names = wanted.get(path) ?? new Set();
      if (name !== undefined) names.add(nameInSource(name));
      wanted.set(path, names);
    }
    const touching = commits.filter(({ files }) => files.some(({ path }) => wanted.has(path)));
    if (touching.length > mostCommits)
      this.#missing(
        `${touching.length - mostCommits} commits that touch files of the stack were not looked at closely`,
      );
    const versions = new Map(now.map(({ path, contents }) => [contents, path]));
    const changes = touching.slice(0, mostCommits).flatMap(({ files }) => files);
    // The paths are in the order of how much they tell, should the time not be enough.
    for (const path of wanted.keys())
      for (const { path: changed, before, after } of changes)
        if (changed === path)
          for (const name of [after, before]) if (name !== undefined && !versions.has(name)) versions.set(name, path);
    if (versions.size > mostContents) this.#missing('not all versions of the files were looked at');
    const found = new Map<string, FileFunctions>();
    const isWhole = await eachContents(this.#range.git, [...versions.keys()].slice(0, mostContents), (name, text) => {
      const path = versions.get(name) ?? '';
      found.set(name, functionsOf(text, wanted.get(path) ?? new Set(), path));
    });
    if (!isWhole) this.#outOfTime('not all versions of the files were looked at');
    return found;
  }

  /** The commits of the lines in which it broke, as far as they are of the range. */
  async #blame(
    commits: readonly LoggedCommit[],
    placed: readonly PlacedTarget[],
    files: ReadonlyMap<string, RepositoryFile>,
    functions: ReadonlyMap<string, FileFunctions>,
  ): Promise<ReadonlyMap<PlacedTarget, string>> {
    const { git, good, bad, names } = this.#range;
    const touched = new Set(commits.flatMap((commit) => commit.files.map(({ path }) => path)));
    const where = placed.filter(({ role }) => role === 'culprit' || role === 'trap');
    const blamed = new Map<PlacedTarget, string>();
    for (const target of where.slice(0, mostLines)) {
      const { line, path, function: name } = target;
      const file = functions.get(files.get(target.file)?.contents ?? '');
      if (line === undefined || file === undefined) continue;
      const why = misfit(file, line, name);
      if (why !== undefined) {
        this.#notes.push(
          `line ${line} of ${path} does not fit ${names.bad}: ${why}; the kernel was built from another state`,
        );
        continue;
      }
      if (!touched.has(path)) continue;
      const answer = await git.ask([...blameArguments(line), `${good}..${bad}`, '--', path], {
        maxOutputBytes: 1_048_576,
      });
      if (answer.outcome === 'timeout') this.#outOfTime(`line ${line} of ${path} was not looked at`);
      else if (answer.outcome !== 'ok') this.#missing(`git blame of line ${line} of ${path} failed: ${answer.words}`);
      const of = parseBlame(answer.stdout);
      if (of !== undefined && !of.isOlder) blamed.set(target, of.commit);
    }
    return blamed;
  }
}

/** The folder whose other files count: not that of headers, which are of everything. */
function folderOf(placed: readonly PlacedTarget[]): string | undefined {
  const culprit = placed.find(({ role, path }) => role === 'culprit' && !path.endsWith('.h'));
  const folder = culprit === undefined ? '.' : dirname(culprit.path);
  return folder === '.' ? undefined : `${folder}/`;
}

/** A function was changed if its text is another one: added, removed, moved out of the file as well. */
function isChanged(commit: LoggedCommit, target: PlacedTarget, functions: ReadonlyMap<string, FileFunctions>): boolean {
  const name = target.function === undefined ? undefined : nameInSource(target.function);
  if (name === undefined) return false;
  return commit.files.some(({ path, before, after }) => {
    if (path !== target.path) return false;
    const old = before === undefined ? undefined : functions.get(before);
    const now = after === undefined ? undefined : functions.get(after);
    // What could not be read says nothing.
    if ((before !== undefined && old === undefined) || (after !== undefined && now === undefined)) return false;
    return old?.texts.get(name) !== now?.texts.get(name);
  });
}
