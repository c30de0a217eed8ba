import type { TitleRule } from './rule.ts';
import { bugRules } from './rules-bug.ts';
import { infoRules } from './rules-info.ts';
import { otherRules } from './rules-other.ts';
import { ownRules } from './rules-own.ts';
import { warningRules } from './rules-warning.ts';

/** All rules, in the order in which they are tried. */
export const titleRules: readonly TitleRule[] = [
  ...bugRules,
  ...warningRules,
  ...infoRules,
  ...otherRules,
  ...ownRules,
];

const byHeader = new Map<string, TitleRule[]>();
for (const rule of titleRules) {
  const rules = byHeader.get(rule.header);
  if (rules === undefined) byHeader.set(rule.header, [rule]);
  else rules.push(rule);
}

/** The rules of one header. */
export function rulesOf(header: string): readonly TitleRule[] {
  return byHeader.get(header) ?? [];
}

/** True if a line with this header holds the text of one of its kinds: more than the header's word alone. */
export function isKnownHeadline(header: string, line: string): boolean {
  return rulesOf(header).some((rule) => rule.find.test(line));
}
