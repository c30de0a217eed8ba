import { confidences } from '../../model/explanation.ts';
import type { Verdict } from '../../model/live.ts';
import type { HangFacts, HangRule } from './facts.ts';
import { blocked } from './rules/blocked.ts';
import { busyCpu } from './rules/busy-cpu.ts';
import { deadHolder } from './rules/dead-holder.ts';
import { fatalFault } from './rules/fatal-fault.ts';
import { lockCycle } from './rules/lock-cycle.ts';
import { nothingWrong } from './rules/nothing-wrong.ts';
import { panicked } from './rules/panicked.ts';
import { slowFault } from './rules/slow-fault.ts';
import { stuckTasks } from './rules/stuck-tasks.ts';

/** The nearer to a cause, the earlier: of equally sure ones the first leads. */
const rules: readonly HangRule[] = [
  lockCycle,
  deadHolder,
  fatalFault,
  panicked,
  busyCpu,
  blocked,
  slowFault,
  stuckTasks,
  nothingWrong,
];

/** Names of the rules. */
export const hangRuleNames: readonly string[] = [...rules.map(({ name }) => name), 'unclear'];

/** All that can be said of why it hangs; the best first, and something always. */
export function verdicts(facts: HangFacts): readonly [Verdict, ...Verdict[]] {
  const found = rules.flatMap((rule) => rule.find(facts).map((each) => ({ rule: rule.name, ...each })));
  const rank = ({ confidence }: Verdict): number => confidences.indexOf(confidence);
  const [best, ...others] = found.sort((a, b) => rank(a) - rank(b));
  return best === undefined ? [unclear(facts)] : [best, ...others];
}

function unclear({ cpus }: HangFacts): Verdict {
  return {
    rule: 'unclear',
    confidence: 'possible',
    sentence: 'Nothing was found that explains a hang.',
    evidence: cpus.map(({ id, state, frames }) => ({
      words: `CPU ${id} is ${state === 'kernel' ? `in ${frames[0]?.function ?? 'the kernel'}` : state}`,
    })),
    circumstance: true,
  };
}
