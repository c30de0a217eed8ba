import { realpathSync } from 'node:fs';
import { KtriageError } from '../util/errors.ts';
import { Git, type GitAnswer, type GitSettings } from './git.ts';
import { factsOf } from './git-objects.ts';
import type { RangeNames } from './range-names.ts';
import type { Place } from './range-paths.ts';

/** A range of commits in a checkout. */
export interface OpenRange {
  readonly git: Git;
  readonly place: Place;
  readonly names: RangeNames;
  /** Full names of the commits. */
  readonly good: string;
  readonly bad: string;
  /** Commits without merges; absent if it took too long to count them. */
  readonly commitCount?: number;
  /** Why some of it cannot be seen; absent if all can be. */
  readonly doubt?: string;
}

const notFound = 'KT-RANGE-REVISION';

async function openCheckout(folder: string, settings: GitSettings): Promise<{ git: Git; place: Place } | KtriageError> {
  const what = `cannot look for commits in ${folder}`;
  let real: string;
  try {
    real = realpathSync(folder);
  } catch {
    return new KtriageError('KT-RANGE-CHECKOUT', what, 'there is no such folder', 'check the path of --source');
  }
  const answer = await new Git(real, settings).ask(['rev-parse', '--show-toplevel', '--show-prefix']);
  const [top = '', prefix = ''] = answer.stdout.split('\n');
  if (answer.outcome === 'ok' && top.startsWith('/'))
    return { git: new Git(utf8Path(top), settings), place: { top: utf8Path(top), prefix: utf8Path(prefix) } };
  return checkoutError(what, real, answer);
}

/** What git prints is a char per byte here; paths are UTF-8 elsewhere. */
const utf8Path = (path: string): string => Buffer.from(path, 'latin1').toString('utf8');

function checkoutError(what: string, folder: string, { outcome, words }: GitAnswer): KtriageError {
  if (outcome === 'no-git')
    return new KtriageError(
      'KT-RANGE-GIT',
      'cannot run git, which --range needs',
      words === 'ENOENT' ? 'there is no git in PATH' : words,
      'install git, or leave --range out',
    );
  const hint = /dubious ownership/.test(words)
    ? `if you trust it: git config --global --add safe.directory ${folder}`
    : 'name a git checkout of the kernel with --source';
  return new KtriageError('KT-RANGE-CHECKOUT', what, words === '' ? 'it is no git checkout' : words, hint);
}

async function isShallow(git: Git): Promise<boolean> {
  return (await git.ask(['rev-parse', '--is-shallow-repository'])).stdout.trim() === 'true';
}

const deepen = 'git fetch --unshallow, or a checkout with its history (actions/checkout: fetch-depth: 0)';

async function unknownRevision(git: Git, name: string): Promise<KtriageError> {
  const shallow = await isShallow(git);
  return new KtriageError(
    notFound,
    `cannot find the commit ${name}`,
    shallow ? 'the checkout is a shallow clone, which lacks it or its name' : 'the checkout has no such revision',
    shallow ? deepen : `git fetch, or check the name: git log -1 ${name}`,
  );
}

/** @throws KtriageError KT-RANGE-ORDER if the good end is not before the bad one. Returns false if it took too long. */
async function checkOrder(git: Git, names: RangeNames, good: string, bad: string): Promise<boolean> {
  const what = `cannot look for commits from ${names.good} to ${names.bad}`;
  if (good === bad)
    throw new KtriageError(
      'KT-RANGE-ORDER',
      what,
      'both are the same commit',
      'name the last good and the first bad one',
    );
  const before = await git.ask(['merge-base', '--is-ancestor', good, bad]);
  if (before.outcome === 'ok') return true;
  if (before.exitCode !== 1) return false;
  const turned = await git.ask(['merge-base', '--is-ancestor', bad, good]);
  if (turned.outcome === 'ok')
    throw new KtriageError(
      'KT-RANGE-ORDER',
      what,
      `${names.good} comes after ${names.bad}`,
      `the good one comes first: --range ${names.bad}..${names.good}`,
    );
  if (await isShallow(git))
    throw new KtriageError(
      'KT-RANGE-ORDER',
      what,
      `${names.good} is no ancestor of ${names.bad} in what there is: the checkout is a shallow clone`,
      deepen,
    );
  throw new KtriageError(
    'KT-RANGE-ORDER',
    what,
    `${names.good} is no ancestor of ${names.bad}`,
    `begin where they part: git merge-base ${names.good} ${names.bad}`,
  );
}

async function countCommits(git: Git, range: string): Promise<number | undefined> {
  const { outcome, stdout } = await git.ask(['rev-list', '--count', '--no-merges', range]);
  const text = stdout.trim();
  return outcome === 'ok' && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Why a range in a shallow clone is not whole: where the clone was cut, commits have no parents. */
async function cutOff(git: Git, range: string): Promise<string | undefined> {
  if (!(await isShallow(git))) return undefined;
  const { stdout } = await git.ask(['rev-list', '--max-count=1', '--max-parents=0', range]);
  return stdout.trim() === '' ? undefined : 'the checkout is a shallow clone, which lacks some of the commits';
}

/**
 * Opens a range in the first of the folders that is a checkout which has it.
 * @throws KtriageError KT-RANGE-GIT without git, KT-RANGE-CHECKOUT if no folder is a checkout, KT-RANGE-REVISION for
 * what git does not know, KT-RANGE-ORDER if the one end is not before the other.
 */
export async function openRange(
  folders: readonly string[],
  names: RangeNames,
  settings: GitSettings,
): Promise<OpenRange> {
  let refused: KtriageError | undefined;
  for (const folder of folders) {
    const checkout = await openCheckout(folder, settings);
    if (checkout instanceof KtriageError) {
      refused ??= checkout;
      continue;
    }
    const { git, place } = checkout;
    const [good, bad] = await factsOf(git, [`${names.good}^{commit}`, `${names.bad}^{commit}`]);
    if (good?.type !== 'commit' || bad?.type !== 'commit') {
      refused = await unknownRevision(git, good?.type === 'commit' ? names.bad : names.good);
      continue;
    }
    const isOrdered = await checkOrder(git, names, good.name, bad.name);
    const range = `${good.name}..${bad.name}`;
    const commitCount = await countCommits(git, range);
    const doubt = isOrdered
      ? await cutOff(git, range)
      : `whether ${names.good} is an ancestor of ${names.bad} could not be told in time`;
    return {
      git,
      place,
      names,
      good: good.name,
      bad: bad.name,
      ...(commitCount !== undefined && { commitCount }),
      ...(doubt !== undefined && { doubt }),
    };
  }
  throw refused ?? new KtriageError('KT-RANGE-CHECKOUT', 'cannot look for commits', 'no folder was named', '--source');
}
