import { isKnown } from '../model/comparison.ts';
import type { CrashReport } from '../model/report.ts';
import { atLeast, type Severity, severities } from '../model/severity.ts';

/** What `--fail-on` takes: words apart by commas, any of which is enough. */
export type FailOn = string;

/** One word of it. */
export type FailCondition =
  | { readonly type: 'severity'; readonly severity: Severity }
  | { readonly type: 'kind'; readonly family: string; readonly variant?: string }
  | { readonly type: 'new' };

/** What of a report says whether it counts. */
export type Judged = Pick<CrashReport, 'severity' | 'kind' | 'history' | 'knownIssue'>;

/** The words that there are beside kinds. */
export const failOnWords: readonly string[] = [...severities, 'new', 'none'];

/** Reads what `--fail-on` takes; undefined for anything else. No condition at all: nothing counts. */
export function parseFailOn(text: string): readonly FailCondition[] | undefined {
  const words = text.split(',').map((word) => word.trim());
  if (words.length === 1 && words[0] === 'none') return [];
  const conditions: FailCondition[] = [];
  for (const word of words) {
    const condition = conditionOf(word);
    if (condition === undefined) return undefined;
    conditions.push(condition);
  }
  return conditions;
}

function conditionOf(word: string): FailCondition | undefined {
  if (word === 'new') return { type: 'new' };
  const severity = severities.find((name) => name === word);
  if (severity !== undefined) return { type: 'severity', severity };
  const [, family, variant] = /^([a-z0-9-]{1,40})\/([a-z0-9-]{1,60}|\*)$/.exec(word) ?? [];
  if (family === undefined || variant === undefined) return undefined;
  return { type: 'kind', family, ...(variant !== '*' && { variant }) };
}

/** True if a report is what a run is to fail on. Known issues never are. */
export function countsFor(conditions: readonly FailCondition[], report: Judged): boolean {
  return report.knownIssue === undefined && conditions.some((condition) => holds(condition, report));
}

function holds(condition: FailCondition, { severity, kind, history }: Judged): boolean {
  switch (condition.type) {
    case 'severity':
      return atLeast(severity, condition.severity);
    case 'kind':
      return kind === `${condition.family}/${condition.variant ?? kind.slice(condition.family.length + 1)}`;
    case 'new':
      // With nothing to hold it against, everything is new; and no crash passes for a guess.
      return history === undefined || (history.follows !== true && !isKnown(history));
  }
}
