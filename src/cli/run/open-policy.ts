import { History } from '../../compare/history.ts';
import { type EntryOutcome, KnownIssues } from '../../compare/known-issues.ts';
import { userMatcher } from '../../compare/pattern-error.ts';
import { Policy } from '../../compare/policy.ts';
import { patternLines, readKnownIssues } from '../../compare/read-known-issues.ts';
import { count } from '../../report/text/words.ts';
import { KtriageError } from '../../util/errors.ts';
import type { Matcher } from '../../util/pattern/matcher.ts';
import type { Engine } from '../engine.ts';
import { noteText } from '../errors.ts';
import { isEmptyPolicy, type PolicyFlags } from '../policy-flags.ts';
import type { Session } from '../session.ts';
import { loadRuns } from './load-runs.ts';
import { readWhole } from './read-whole.ts';

const maxList = 4 * 1024 * 1024;
/** More entries are counted only. */
const maxTold = 10;

/** What is known and expected, for a run. */
export interface OpenPolicy {
  readonly policy: Policy;
  readonly history?: History;
  /** Tells what became of known issues and, of whole logs, what is gone, once all inputs were read. */
  tell(logs?: 'whole' | 'growing'): void;
}

/**
 * Reads what the flags name; undefined if they name nothing.
 * @throws KtriageError KT-INPUT-*, KT-BASELINE, KT-KNOWN-ISSUES, KT-PATTERN.
 */
export async function openPolicy(
  flags: PolicyFlags,
  engine: Engine,
  session: Session,
  options: { readonly signal?: AbortSignal; readonly verbose: boolean; readonly now?: Date },
): Promise<OpenPolicy | undefined> {
  if (isEmptyPolicy(flags)) return undefined;
  const { signal, now = new Date() } = options;
  const note = (text: string): void => void session.stderr.write(noteText(text));
  const known = await readKnown(flags.knownIssues, now, signal);
  const deny = await readDenied(flags.deny, signal);
  const end = flags.expectEnd === undefined ? undefined : userMatcher([flags.expectEnd], '--expect-end');
  const history =
    flags.baseline === undefined
      ? undefined
      : new History(
          await loadRuns(flags.baseline, {
            engine,
            ...(signal && { signal }),
            note,
            verbose: options.verbose,
          }),
        );
  for (const { name, doubts } of history?.runs ?? [])
    if (doubts.length > 0) note(`${name} may lack crashes: ${doubts.slice(0, 3).join('; ')}`);
  const policy = new Policy({
    ...(history && { history }),
    ...(known && { known }),
    ...(deny && { deny }),
    ...(end && { end }),
  });
  return {
    policy,
    ...(history && { history }),
    tell: (logs = 'whole') => {
      tellOutcomes(known?.outcomes() ?? [], note);
      if (history !== undefined && logs === 'whole') tellGone(policy, history, note);
    },
  };
}

async function readKnown(
  paths: readonly string[] | undefined,
  now: Date,
  signal: AbortSignal | undefined,
): Promise<KnownIssues | undefined> {
  if (paths === undefined) return undefined;
  const entries = [];
  for (const path of paths) entries.push(...readKnownIssues(await readWhole(path, maxList, signal), path));
  return new KnownIssues(entries, now.toISOString().slice(0, 10));
}

async function readDenied(
  paths: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): Promise<Matcher | undefined> {
  if (paths === undefined) return undefined;
  const patterns: string[] = [];
  for (const path of paths) {
    const lines = patternLines(await readWhole(path, maxList, signal));
    // An empty list would let everything pass in silence.
    if (lines.length === 0)
      throw new KtriageError(
        'KT-PATTERN',
        `cannot use ${path}`,
        'there is no pattern in it',
        'write one pattern a line',
      );
    // One by one first, so that an error names its line.
    for (const { pattern, line } of lines) userMatcher([pattern], `${path}, line ${line},`);
    patterns.push(...lines.map(({ pattern }) => pattern));
  }
  return userMatcher(patterns, paths.join(', '));
}

function tellOutcomes(outcomes: readonly EntryOutcome[], note: (text: string) => void): void {
  const where = (of: readonly EntryOutcome[]): string => {
    const shown = of.slice(0, maxTold).map(({ entry }) => `${entry.issue.entry} (${entry.words})`);
    return [...shown, ...(of.length > maxTold ? [`${of.length - maxTold} more`] : [])].join('; ');
  };
  const expired = outcomes.filter((outcome) => outcome.expired);
  for (const { entry, matches } of expired.slice(0, maxTold)) {
    const hits = matches === 0 ? 'nothing fits it' : 'what it fits counts again';
    note(`${entry.issue.entry} (${entry.words}) expired after ${entry.issue.expires ?? ''}: ${hits}`);
  }
  if (expired.length > maxTold) note(`${expired.length - maxTold} more known issues have expired`);
  const idle = outcomes.filter((outcome) => !outcome.expired && outcome.matches === 0);
  if (idle.length > 0)
    note(`known issues that fit nothing here (${idle.length} of ${outcomes.length}): ${where(idle)}`);
}

/** What earlier runs had and this one has not. */
function tellGone(policy: Policy, history: History, note: (text: string) => void): void {
  const gone = policy.gone();
  const runs = count(history.runs.length, 'earlier run');
  if (gone.length === 0) return;
  const titles = gone.slice(0, maxTold).map(({ crash }) => crash.title);
  const more = gone.length > maxTold ? `; ${gone.length - maxTold} more` : '';
  note(
    `${count(gone.length, 'crash', 'crashes')} of ${runs} ${gone.length === 1 ? 'is' : 'are'} not here: ${titles.join('; ')}${more}`,
  );
}
