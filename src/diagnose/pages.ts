import { type HangRuleName, hangRuleNames } from './hang-rule-names.ts';
import { checkPages } from './pages/checks.ts';
import { circumstancePages } from './pages/circumstances.ts';
import { hangPages } from './pages/hangs.ts';
import { livePages } from './pages/live.ts';
import { lockingPages } from './pages/locking.ts';
import { memoryPages } from './pages/memory.ts';
import type { RulePage } from './pages/page.ts';
import { pointerPages } from './pages/pointers.ts';
import { stackPages } from './pages/stack.ts';
import { type RuleName, ruleNames } from './rule-names.ts';

/** The page of every rule. */
export const rulePages: Readonly<Record<RuleName, RulePage>> = {
  ...pointerPages,
  ...memoryPages,
  ...stackPages,
  ...lockingPages,
  ...hangPages,
  ...checkPages,
  ...circumstancePages,
};

/** A rule's name, if it is one. */
export function ruleNamed(name: string): RuleName | undefined {
  return ruleNames.find((each) => each === name);
}

/** All rules in alphabetical order, with their pages. */
export function listRules(): readonly (RulePage & { readonly name: RuleName })[] {
  return [...ruleNames].sort().map((name) => ({ name, ...rulePages[name] }));
}

/** The name of a rule of `ktriage live`, if it is one; `live/` may be before it. */
export function hangRuleNamed(name: string): HangRuleName | undefined {
  return hangRuleNames.find((each) => each === name.replace(/^live\//, ''));
}

/** The rules of `ktriage live` in the order in which they lead, with their pages. */
export function listHangRules(): readonly (RulePage & { readonly name: HangRuleName })[] {
  return hangRuleNames.map((name) => ({ name, ...livePages[name] }));
}
