import type { Suspect, SuspectReason, SuspectRole, SuspectStrength, SuspectTouch } from '../model/suspects.ts';
import type { LoggedCommit } from './git-log.ts';
import type { Target } from './range-targets.ts';

/** A target that is in the repository. */
export interface PlacedTarget extends Target {
  readonly path: string;
}

/** What is known beside the log of a range. */
export interface Evidence {
  readonly targets: readonly PlacedTarget[];
  /** The folder of the culprit's file, with a `/` behind it; its other files count a little. */
  readonly folder?: string;
  /** Whether the text of a target's function is another one since the commit. */
  readonly changedFunction: (commit: LoggedCommit, target: PlacedTarget) => boolean;
  /** The commits that lines in which it broke are of. */
  readonly blamed: ReadonlyMap<PlacedTarget, string>;
}

/** Told of each commit. */
const mostReasons = 8;

/** What a touch says when it is of the culprit. */
const telling: Readonly<Record<SuspectReason, number>> = { line: 1, function: 0.75, file: 0.3, folder: 0.1 };
/** Everybody includes a header: that something in it changed says little. */
const perHeader = 0.4;
/** What the further touches of a commit add. */
const perFurther = 0.05;

const roleWords: Readonly<Record<SuspectRole, string>> = {
  culprit: 'the function to blame',
  trap: 'where it broke',
  caller: 'on the stack',
  passed: 'called from the function to blame',
  'other-stack': 'on another stack of the report',
};

interface Weighed {
  readonly touch: SuspectTouch;
  readonly score: number;
}

function touchOf(target: PlacedTarget, what: SuspectReason): SuspectTouch {
  const { path, role, line, function: name } = target;
  const of = name === undefined ? '' : ` of ${name}`;
  const words: Readonly<Record<SuspectReason, string>> = {
    line: `line ${line ?? 0} of ${path} is its, in ${name ?? 'the code'}, ${roleWords[role]}`,
    function: `changed ${name ?? 'the function'}, ${roleWords[role]}`,
    file: `changed ${path}, the file${of}, ${roleWords[role]}`,
    folder: `changed ${path}`,
  };
  return {
    what,
    role,
    file: path,
    ...(name !== undefined && what !== 'folder' && { function: name }),
    ...(line !== undefined && what === 'line' && { line }),
    words: words[what],
  };
}

function weigh(target: PlacedTarget, what: SuspectReason): Weighed {
  const factor = what === 'file' && target.path.endsWith('.h') ? perHeader : 1;
  return { touch: touchOf(target, what), score: telling[what] * target.weight * factor };
}

function touchesOf(commit: LoggedCommit, evidence: Evidence): Weighed[] {
  const changed = new Set(commit.files.map(({ path }) => path));
  const found: Weighed[] = [];
  const told = new Set<string>();
  for (const target of evidence.targets) {
    if (!changed.has(target.path)) continue;
    const isBlamed = evidence.blamed.get(target) === commit.commit;
    if (!isBlamed && !evidence.changedFunction(commit, target)) continue;
    found.push(weigh(target, isBlamed ? 'line' : 'function'));
    told.add(target.path);
  }
  // That a file was changed goes without saying where something in it was; else it is told for its most telling function.
  for (const target of evidence.targets) {
    if (!changed.has(target.path) || told.has(target.path)) continue;
    told.add(target.path);
    found.push(weigh(target, 'file'));
  }
  const { folder } = evidence;
  const beside =
    folder === undefined || found.length > 0 ? undefined : commit.files.find(({ path }) => isIn(path, folder));
  if (folder !== undefined && beside !== undefined) {
    const words = `changed ${beside.path}, beside the file of the function to blame`;
    found.push({ touch: { what: 'folder', role: 'culprit', file: folder, words }, score: telling.folder });
  }
  return found.sort((a, b) => b.score - a.score);
}

/** True for the files of a folder itself; those of folders below are of something else. */
function isIn(path: string, folder: string): boolean {
  return path.startsWith(folder) && !path.includes('/', folder.length);
}

function strengthOf({ touch, score }: Weighed): SuspectStrength {
  const isWhere = touch.role === 'culprit' || touch.role === 'trap';
  switch (touch.what) {
    case 'line':
      return 'strong';
    case 'function':
      // Far out on the stack, it says no more than a file.
      return isWhere ? 'strong' : score >= 0.2 ? 'medium' : 'weak';
    case 'file':
      return touch.role === 'culprit' && !touch.file.endsWith('.h') ? 'medium' : 'weak';
    case 'folder':
      return 'weak';
  }
}

/** The commits that touch something of a stack, the most suspicious first; of equals the later one. */
export function rankCommits(commits: readonly LoggedCommit[], evidence: Evidence): Suspect[] {
  const ranked = commits.flatMap((commit): Suspect[] => {
    const [best, ...others] = touchesOf(commit, evidence);
    if (best === undefined) return [];
    const further = others.reduce((sum, { score }) => sum + score, 0) * perFurther;
    const score = Math.min(Math.round((best.score + further) * 1000) / 1000, 1);
    const reasons = [best, ...others].slice(0, mostReasons).map(({ touch }) => touch);
    const { commit: name, subject, author, date } = commit;
    return [{ commit: name, subject, author, date, strength: strengthOf(best), score, reasons }];
  });
  return ranked.sort((a, b) => b.score - a.score);
}
