import { confidences } from '../../model/explanation.ts';
import type { LiveOutcome, Verdict } from '../../model/live.ts';
import type { HangFacts, HangRule } from './facts.ts';
import { blocked } from './rules/blocked.ts';
import { busyCpu } from './rules/busy-cpu.ts';
import { deadHolder } from './rules/dead-holder.ts';
import { fatalFault } from './rules/fatal-fault.ts';
import { lockCycle } from './rules/lock-cycle.ts';
import { lostWakeup } from './rules/lost-wakeup.ts';
import { notRunning } from './rules/not-running.ts';
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
  notRunning,
  busyCpu,
  lostWakeup,
  blocked,
  slowFault,
  stuckTasks,
  nothingWrong,
];

/** All that can be said of why it hangs; the best first, and something always. */
export function verdicts(facts: HangFacts): readonly [Verdict, ...Verdict[]] {
  const all = rules.flatMap((rule) => rule.find(facts).map((each) => ({ rule: rule.name, ...each })));
  // That nothing is wrong is only said where nothing is.
  const isWrong = all.some(({ circumstance, confidence }) => circumstance !== true && confidence !== 'possible');
  const found = isWrong ? all.filter(({ circumstance }) => circumstance !== true) : all;
  const rank = ({ confidence }: Verdict): number => confidences.indexOf(confidence);
  const [best, ...others] = found.sort((a, b) => rank(a) - rank(b));
  if (best === undefined) return [unclear(facts)];
  return [withReports(facts, best), ...others.filter((other) => !isPartOf(other, best))];
}

/** Whether a fault is told already, as evidence of the verdict that leads. */
function isPartOf({ rule, evidence }: Verdict, best: Verdict): boolean {
  if (rule !== fatalFault.name) return false;
  const told = new Set(best.evidence.flatMap(({ address }) => address ?? []));
  return evidence.some(({ address }) => address !== undefined && told.has(address));
}

/** Whether something is wrong with the guest, by the verdict that leads. */
export function outcomeOf({ rule, confidence, circumstance }: Verdict): LiveOutcome {
  if (circumstance === true) return rule === 'unclear' || rule === 'not-running' ? 'unclear' : 'healthy';
  // A healthy kernel does so as well, for a moment: nothing told for how long.
  return rule === 'busy-cpu' && confidence === 'possible' ? 'unclear' : 'broken';
}

/** Reports of the log that are told with a verdict, at most. */
const mostReports = 3;

/** What the log tells of the same trouble: lockups, stalls, hung tasks. */
function withReports({ log }: HangFacts, verdict: Verdict): Verdict {
  if (verdict.circumstance === true) return verdict;
  const told = (log?.reports ?? [])
    .filter(
      ({ kind, range }) =>
        kind.startsWith('hang/') && !verdict.evidence.some((each) => each.firstLine === range.firstLine),
    )
    .slice(0, mostReports)
    .map(({ title, range }) => ({ words: `The log says: ${title}`, firstLine: range.firstLine }));
  const isNew = ({ words }: { readonly words: string }): boolean =>
    !verdict.evidence.some((each) => each.words === words);
  return { ...verdict, evidence: [...verdict.evidence, ...told.filter(isNew)] };
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
