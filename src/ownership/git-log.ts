import { utf8 } from '../util/text.ts';

/** A file that a commit changed. */
export interface ChangedFile {
  readonly path: string;
  /** Names of its contents before and after; absent where it was not there, or is no file. */
  readonly before?: string;
  readonly after?: string;
}

/** A commit with the files that it changed. */
export interface LoggedCommit {
  readonly commit: string;
  readonly author: string;
  readonly date: string;
  readonly subject: string;
  readonly files: readonly ChangedFile[];
}

/**
 * The arguments of a log that {@link parseLog} reads. With `-z` there is a NUL behind everything, and none in anything:
 * what a subject or file name holds cannot be taken for something else.
 */
export const logArguments: readonly string[] = [
  'log',
  '-z',
  '--format=%H%x00%an%x00%aI%x00%s',
  '--encoding=UTF-8',
  ...['--raw', '--no-abbrev', '--no-renames', '--no-merges', '--no-ext-diff', '--no-textconv', '--no-color'],
  ...['--no-decorate', '--no-mailmap', '--ignore-submodules'],
];

const objectName = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** `:100644 100755 <before> <after> M`; git-diff(1), "raw output format". */
const changeWords = /^\n?:(\d{6}) (\d{6}) ([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) [A-Z]\d{0,3}$/;

/** Plain and executable files; not symbolic links (120000) nor submodules (160000). */
const isFile = (mode: string | undefined): boolean => mode === '100644' || mode === '100755';
const isNothing = (name: string): boolean => /^0+$/.test(name);

function contentsOf(mode: string | undefined, name: string | undefined): string | undefined {
  return name === undefined || !isFile(mode) || isNothing(name) ? undefined : name;
}

/**
 * Reads the output of a log, a char per byte, newest commit first. What breaks off is left out, and so is what is no
 * log. A commit that changed several files is told with all of them.
 */
export function parseLog(output: string): LoggedCommit[] {
  const words = output.split('\0');
  // What is behind the last NUL was not written to its end.
  words.pop();
  const commits: LoggedCommit[] = [];
  let files: ChangedFile[] = [];
  for (let at = 0; at < words.length; ) {
    const word = words[at] ?? '';
    const change = changeWords.exec(word);
    if (change !== null) {
      const path = words[at + 1];
      if (path === undefined) break;
      const [, modeBefore, modeAfter, nameBefore, nameAfter] = change;
      const before = contentsOf(modeBefore, nameBefore);
      const after = contentsOf(modeAfter, nameAfter);
      if (commits.length > 0)
        files.push({
          path: utf8(path),
          ...(before !== undefined && { before }),
          ...(after !== undefined && { after }),
        });
      at += 2;
      continue;
    }
    const commit = word.replace(/^\n/, '');
    if (!objectName.test(commit)) {
      at += 1;
      continue;
    }
    const [author, date, subject] = words.slice(at + 1, at + 4);
    if (author === undefined || date === undefined || subject === undefined) break;
    files = [];
    commits.push({ commit, author: utf8(author), date, subject: utf8(subject), files });
    at += 4;
  }
  return commits;
}
