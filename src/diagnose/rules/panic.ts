import { quoted, unended } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** Panics that follow from something that was reported before. */
const policies: readonly { readonly says: RegExp; readonly words: string }[] = [
  { says: /^Fatal exception in interrupt/, words: 'an oops in an interrupt is always fatal' },
  { says: /^Attempted to kill the idle task/, words: 'the idle task cannot be killed' },
  { says: /panic_on_warn set/, words: 'panic_on_warn is set' },
  { says: /^(?:oops|Fatal exception)/, words: 'panic_on_oops is set' },
  { says: /^hung_task: blocked tasks/, words: 'hung_task_panic is set' },
  { says: /^softlockup: hung tasks/, words: 'softlockup_panic is set' },
  { says: /^RCU Stall/, words: 'panic_on_rcu_stall is set' },
  { says: /^Hard LOCKUP|hard LOCKUP/, words: 'a CPU takes no interrupts, and hardlockup_panic is set' },
  { says: /[Ww]atchdog/, words: 'a watchdog was not served in time' },
  { says: /^Out of memory.*panic_on_oom|panic_on_oom/, words: 'panic_on_oom is set' },
  { says: /^NMI: Not continuing/, words: 'the board raised an NMI for an error' },
];

/** Panics: the message, and which rule made it one. */
export const panic: Rule = {
  name: 'panic',
  tier: 'general',
  find(subject) {
    if (!subject.isKind('panic/')) return undefined;
    const message = subject.report.panic?.message ?? subject.details('panic')?.message;
    if (message === undefined) return undefined;
    const policy = policies.find(({ says }) => says.test(unended(message)));
    return {
      confidence: 'certain',
      sentence: `${subject.blamedCall === undefined || policy !== undefined ? 'The kernel' : subject.blamedCall} panicked: ${quoted(message)}${policy === undefined ? '' : ` (${policy.words})`}.`,
      evidence: [subject.headline()],
    };
  },
};
