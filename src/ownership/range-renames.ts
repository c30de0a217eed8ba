import { utf8 } from '../util/text.ts';
import type { Git } from './git.ts';
import { type ChangedFile, type LoggedCommit, logArguments, parseLog } from './git-log.ts';

/** Files that came from somewhere within a range, that are followed there. */
const mostRenames = 4;

/** A file that a commit moved. */
export interface Rename {
  readonly from: string;
  readonly to: string;
  /** The name of its contents before. */
  readonly before: string;
}

const renameWords = /^\n?:100(?:644|755) 100(?:644|755) ([0-9a-f]{40}|[0-9a-f]{64}) [0-9a-f]{40,64} R\d{1,3}$/;

/** Reads what `diff-tree -z -M --diff-filter=R` writes, a char per byte. What breaks off is left out. */
export function parseRenames(output: string): Rename[] {
  const words = output.split('\0');
  words.pop();
  const renames: Rename[] = [];
  for (let at = 0; at < words.length; ) {
    const before = renameWords.exec(words[at] ?? '')?.[1];
    const [from, to] = words.slice(at + 1, at + 3);
    if (before === undefined || from === undefined || to === undefined) at += 1;
    else {
      renames.push({ from: utf8(from), to: utf8(to), before });
      at += 3;
    }
  }
  return renames;
}

/** A commit that brought a file which was not there before. */
interface Arrival {
  readonly commit: string;
  readonly path: string;
}

function arrivalsOf(commits: readonly LoggedCommit[], paths: ReadonlySet<string>): Arrival[] {
  const all = commits.flatMap(({ commit, files }) =>
    files.flatMap(({ path, before, after }) =>
      before === undefined && after !== undefined && paths.has(path) ? [{ commit, path }] : [],
    ),
  );
  // The first of a file is the one by which it has its name now.
  return [...new Map(all.reverse().map((arrival) => [arrival.path, arrival])).values()].slice(0, mostRenames);
}

function withFiles(
  commits: readonly LoggedCommit[],
  change: (commit: LoggedCommit) => readonly ChangedFile[],
): LoggedCommit[] {
  return commits.map((commit) => ({ ...commit, files: change(commit) }));
}

/** Both logs as one, each commit once. */
function joined(commits: readonly LoggedCommit[], older: readonly LoggedCommit[]): LoggedCommit[] {
  const added = new Map(older.map((commit) => [commit.commit, commit]));
  const known = new Set(commits.map(({ commit }) => commit));
  return [
    ...withFiles(commits, ({ commit, files }) => [...files, ...(added.get(commit)?.files ?? [])]),
    ...older.filter(({ commit }) => !known.has(commit)),
  ];
}

/**
 * Follows files that were moved within the range, by one step each: what they were called before counts as the same
 * file, so that a move by itself changes no function. Returns the log with that.
 */
export async function followRenames(
  git: Git,
  good: string,
  commits: readonly LoggedCommit[],
  paths: ReadonlySet<string>,
): Promise<readonly LoggedCommit[]> {
  let all = commits;
  for (const { commit, path } of arrivalsOf(commits, paths)) {
    const tree = ['diff-tree', '-z', '-r', '--raw', '--no-abbrev', '--no-commit-id', '-M', '-l2000', '--diff-filter=R'];
    const rename = parseRenames((await git.ask([...tree, '--no-ext-diff', '--no-textconv', commit])).stdout).find(
      ({ to }) => to === path,
    );
    if (rename === undefined) continue;
    const { before, from } = rename;
    const moved = withFiles(all, (each) =>
      each.commit === commit ? each.files.map((file) => (file.path === path ? { ...file, before } : file)) : each.files,
    );
    const older = parseLog((await git.ask([...logArguments, `${good}..${commit}^`, '--', from])).stdout);
    const renamed = withFiles(older, ({ files }) => files.map((file) => ({ ...file, path })));
    all = joined(moved, renamed);
  }
  return all;
}
