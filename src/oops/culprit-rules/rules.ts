import { dispatchRules } from './dispatch.ts';
import { detectorRule, interruptEntryRule } from './interrupts.ts';
import { lockingRules } from './locking.ts';
import { memoryRules } from './memory.ts';
import { primitiveRules } from './primitives.ts';
import { reportingRules } from './reporting.ts';
import { appliesTo, type PassRule, ruleMatches } from './rule.ts';
import { trapRules } from './traps.ts';
import { waitRules } from './waiting.ts';

/** All rules in the order in which they are tried. */
const passRules: readonly PassRule[] = [
  ...reportingRules.map((rule): PassRule => ({ ...rule, fallback: 'never' })),
  ...trapRules,
  detectorRule,
  interruptEntryRule,
  ...memoryRules,
  ...lockingRules,
  ...primitiveRules,
  ...waitRules,
  ...dispatchRules,
];

/** Names seen before with the rules that match them: a log of many reports has few functions. */
const known = new Map<string, readonly PassRule[]>();
const maxKnown = 4096;

function matchingRules(functionName: string): readonly PassRule[] {
  const before = known.get(functionName);
  if (before !== undefined) {
    return before;
  }
  if (known.size >= maxKnown) {
    known.clear();
  }
  const matching = passRules.filter((rule) => ruleMatches(rule, functionName));
  known.set(functionName, matching);
  return matching;
}

/** The rule that says why the function is not to blame for a report of this kind; undefined if none does. */
export function passRuleFor(functionName: string, kind: string): PassRule | undefined {
  return matchingRules(functionName).find((rule) => appliesTo(rule, kind));
}
