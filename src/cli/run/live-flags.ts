import { defaultTarget } from '../../live/targets/target.ts';
import type { RangeNames } from '../../ownership/range-names.ts';
import { type LiveView, liveViews } from '../commands/live-views.ts';
import { usageError } from '../errors.ts';
import { nearest } from '../near.ts';
import type { PolicyFlags } from '../policy-flags.ts';
import type { ReportFlags } from '../report-flags.ts';
import { type Format, isRunFormat } from '../settings.ts';

/** What was given to `ktriage live` beside the target. */
export interface LiveFlags {
  readonly qmp?: string;
  readonly from?: string;
  readonly save?: string;
  readonly output?: string;
  /** Outputs beside the one on standard output. */
  readonly reports?: ReportFlags;
  /** What is known. */
  readonly policy?: PolicyFlags;
  readonly range?: RangeNames | undefined;
  /** `--format`, if it was given. */
  readonly format?: Format;
  readonly watchConsole?: string;
  readonly timeoutSeconds?: number;
  readonly isHeld: boolean;
  readonly isLeftRunning: boolean;
  readonly isWaiting: boolean;
  readonly goesOn: boolean;
  readonly breaks: readonly string[];
}

/** The words of a call, sorted. */
export interface LiveWords {
  readonly target: string;
  /** Whether a target was named. */
  readonly isNamed: boolean;
  readonly view?: LiveView;
  readonly args: readonly string[];
}

/** Words that can be nothing but a target. */
const isTarget = (word: string): boolean => /[:/]/.test(word) || word === 'vng';

/**
 * Which word is the target, which the view, and which the view's: the target may stand first or last.
 * @throws KtriageError KT-USAGE.
 */
export function sortWords(words: readonly string[]): LiveWords {
  const rest = [...words];
  let target: string | undefined;
  const named = (word: string | undefined): LiveView | undefined => liveViews.find(({ name }) => name === word);
  if (named(rest[0]) === undefined) target = rest.shift();
  const view = named(rest[0]);
  if (view !== undefined) rest.shift();
  else if (target !== undefined && !isTarget(target) && !/^\d+$/.test(target)) throw unknownWord(target);
  const last = rest.at(-1);
  if (target === undefined && view !== undefined && last !== undefined && (isTarget(last) || rest.length > view.most))
    target = rest.pop();
  const extra = rest[view?.most ?? 0];
  if (extra !== undefined)
    throw usageError(
      `${extra} is one word too many`,
      view === undefined ? 'a call has one target' : `it is ktriage live ${view.usage}`,
      view === undefined ? hintOf(extra) : 'see ktriage live --help',
    );
  if (view !== undefined && rest.length < view.least)
    throw usageError(
      `ktriage live ${view.name} needs more`,
      `it is ktriage live ${view.usage}`,
      'see ktriage live --help',
    );
  return {
    target: target ?? defaultTarget,
    isNamed: target !== undefined,
    ...(view !== undefined && { view }),
    args: rest,
  };
}

function hintOf(word: string): string {
  const meant = nearest(
    word,
    liveViews.map(({ name }) => name),
  );
  return meant === undefined ? 'see ktriage live --help' : `did you mean ktriage live ${meant}?`;
}

function unknownWord(word: string): Error {
  const names = liveViews.map(({ name }) => name).join(', ');
  return usageError(`${word} is neither a target nor a view`, `the views are ${names}`, hintOf(word));
}

type Refuse = (what: string, why: string, hint: string) => never;

/** A view shows one thing, and judges nothing. */
function checkView({ reports, policy, range, format }: LiveFlags, { name }: LiveView, wrong: Refuse): void {
  const leave = 'take --output FILE, or leave the view out';
  if ((reports?.reports.length ?? 0) > 0) wrong(`--report and ${name}`, 'a view shows one thing', leave);
  if (reports?.isAnnotated === true) wrong(`--annotate and ${name}`, 'a view finds nothing', 'leave one of them out');
  if (range !== undefined || Object.keys(policy ?? {}).length > 0)
    wrong(`${name} with what judges a hang`, 'a view finds nothing', 'leave the view out, or the other options');
  if (format !== undefined && isRunFormat(format))
    wrong(`--format ${format} and ${name}`, 'a view is shown as text, json or jsonl', 'take json');
}

/** @throws KtriageError KT-USAGE for flags that do not go together. */
export function checkFlags(flags: LiveFlags, words: LiveWords): void {
  const wrong: Refuse = (what, why, hint) => {
    throw usageError(what, why, hint);
  };
  const { from, watchConsole, timeoutSeconds, isWaiting, goesOn, isHeld, isLeftRunning } = flags;
  if (from !== undefined && words.isNamed)
    wrong(`--from ${from} and ${words.target}`, 'a file is looked at in place of a machine', 'leave one of them out');
  if (from !== undefined && (isWaiting || isHeld || isLeftRunning || watchConsole !== undefined))
    wrong('--from takes nothing about a machine that runs', 'there is none', 'leave the other option out');
  if (words.view !== undefined) checkView(flags, words.view, wrong);
  if (goesOn && !isWaiting) wrong('--continue is for --wait', 'nothing is waited for', 'add --wait');
  if (isWaiting && words.view !== undefined)
    wrong(`--wait and ${words.view.name}`, 'a view shows one thing now', 'leave one of them out');
  if (isWaiting && isLeftRunning) wrong('--wait and --no-stop', 'what it stops at stops it', 'leave one of them out');
  if (timeoutSeconds !== undefined && watchConsole === undefined && !isWaiting)
    wrong('--timeout is for --wait and --watch-console', 'nothing is waited for', 'add one of them');
  if (watchConsole !== undefined && timeoutSeconds === undefined)
    wrong('--watch-console needs --timeout', 'it does not say how long the console is to be quiet', 'add --timeout 30');
  if (watchConsole !== undefined && isWaiting)
    wrong('--watch-console and --wait', 'each waits for something else', 'leave one of them out');
}
