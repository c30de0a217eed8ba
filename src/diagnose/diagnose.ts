import type { Evidence, Finding } from '../model/explanation.ts';
import type { CrashReport } from '../model/report.ts';
import type { Conclusion, DiagnoseContext, Rule } from './rule.ts';
import { ruleNames } from './rule-names.ts';
import { rules } from './rules.ts';
import { Subject } from './subject.ts';

const isThere = <T>(value: T | undefined): value is T => value !== undefined;

function findingOf(
  { name, tier }: Rule,
  { confidence, sentence, evidence = [], drawing, against = [] }: Conclusion,
): Finding {
  const doubts = against.filter(isThere);
  return {
    rule: name,
    confidence,
    sentence,
    evidence: evidence.filter((each): each is Evidence => each !== undefined),
    ...(drawing !== undefined && { drawing }),
    ...(tier === 'circumstance' && ({ circumstance: true } as const)),
    ...(doubts.length > 0 && { against: doubts }),
  };
}

/**
 * What rules conclude of a report, the best first: causes that are at least likely in the order of the rules, then what
 * is only possible, then circumstances. What only repeats the kernel's words is said where no cause is likely. Pure, and
 * never throws for what a log can hold.
 */
export function diagnose(report: CrashReport, context: DiagnoseContext = {}): Finding[] {
  const subject = new Subject(report, context);
  const of = (tier: Rule['tier']): Finding[] =>
    ruleNames.flatMap((name) => {
      const rule = rules[name];
      const conclusion = rule.tier === tier ? rule.find(subject) : undefined;
      return conclusion === undefined ? [] : [findingOf(rule, conclusion)];
    });
  const causes = of('cause');
  const likely = causes.filter(({ confidence }) => confidence !== 'possible');
  const possible = causes.filter(({ confidence }) => confidence === 'possible');
  const general = likely.length > 0 ? [] : of('general');
  return [...likely, ...general, ...possible, ...of('circumstance')];
}
