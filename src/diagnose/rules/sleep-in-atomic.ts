import { listed } from '../../util/words.ts';
import { atPlace, callOf, quoted, taskWords } from '../phrases.ts';
import type { Conclusion, Rule } from '../rule.ts';
import type { DetailsOf, Subject } from '../subject.ts';

/** PREEMPT_MASK, SOFTIRQ_MASK, HARDIRQ_MASK and NMI_MASK (include/linux/preempt.h). */
const counters: readonly { readonly shift: number; readonly mask: number; readonly words: string }[] = [
  { shift: 0, mask: 0xff, words: 'preemption off' },
  { shift: 8, mask: 0xff, words: 'softirqs off, or in one' },
  { shift: 16, mask: 0xf, words: 'in an interrupt' },
  { shift: 20, mask: 0xf, words: 'in an NMI' },
];

function countWords(preemptCount: number): string[] {
  return counters.flatMap(({ shift, mask, words }) => {
    const depth = (preemptCount >>> shift) & mask;
    return depth === 0 ? [] : [depth === 1 ? words : `${words} (${depth} deep)`];
  });
}

function sleeping(subject: Subject, details: DetailsOf<'sleeping-in-atomic'>): Conclusion {
  const { file, line, inAtomic, irqsDisabled, nonBlock, preemptCount, preemptExpected, rcuNesting, disabledAt } =
    details;
  const reasons = [
    ...(preemptCount === undefined ? [] : countWords(preemptCount)),
    ...(irqsDisabled === true ? ['interrupts off'] : []),
    ...(nonBlock === true ? ['in a section that must not block'] : []),
    ...(rcuNesting !== undefined && rcuNesting > 0 ? ['inside of an RCU read section'] : []),
  ];
  if (reasons.length === 0 && inAtomic === true) reasons.push('in atomic context');
  const by = disabledAt === undefined ? '' : `; preemption was disabled at ${quoted(disabledAt)}`;
  const task = taskWords(details.task, details.pid);
  return {
    confidence: 'certain',
    sentence: `${subject.blamed} called something that may sleep${reasons.length === 0 ? '' : `, with ${listed(reasons)}`}${by}.`,
    evidence: [
      subject.headline(),
      subject.said(`the check is${atPlace(file, line) === '' ? ' in might_sleep()' : atPlace(file, line)}`),
      preemptCount === undefined
        ? undefined
        : subject.said(
            `the preempt count is ${preemptCount}${preemptExpected === undefined ? '' : ` where ${preemptExpected} was expected`}`,
          ),
      task === undefined ? undefined : subject.said(`the task is ${task}`),
    ],
  };
}

function scheduling(subject: Subject, details: DetailsOf<'scheduling'>): Conclusion {
  const { preemptCount, operation, caller } = details;
  const task = taskWords(details.task, details.pid);
  if (subject.isKind('atomic/preemptible-smp-id')) {
    return {
      confidence: 'certain',
      sentence: `${subject.blamedCall ?? callOf(/^[\w.$]{1,128}/.exec(caller ?? '')?.[0] ?? 'the kernel')} used ${operation ?? 'data of its CPU'} where the task can be moved to another CPU.`,
      evidence: [subject.headline(), caller === undefined ? undefined : subject.said(`the caller is ${caller}`)],
    };
  }
  // schedule() adds one of its own, without which it would not be wrong (in_atomic_preempt_off(), linux/preempt.h).
  const others = preemptCount !== undefined && (preemptCount & 0xff) > 0 ? preemptCount - 1 : preemptCount;
  const reasons = others === undefined ? [] : countWords(others & 0x7fff_ffff);
  const who = /^_*schedule\b/.test(subject.blamedCall ?? '') ? 'A task' : subject.blamed;
  return {
    confidence: 'certain',
    sentence: `${who} gave up the CPU where nothing may sleep${reasons.length === 0 ? '' : `, with ${listed(reasons)}`}.`,
    evidence: [
      subject.headline(),
      task === undefined ? undefined : subject.said(`the task is ${task}`),
      preemptCount === undefined ? undefined : subject.said(`the preempt count is 0x${preemptCount.toString(16)}`),
    ],
  };
}

/** Sleeping, or code that needs its CPU, where it is not allowed. */
export const sleepInAtomic: Rule = {
  name: 'sleep-in-atomic',
  tier: 'cause',
  find(subject) {
    const sleep = subject.details('sleeping-in-atomic');
    if (sleep !== undefined) return sleeping(subject, sleep);
    const schedule = subject.details('scheduling');
    if (schedule !== undefined && !subject.isKind('atomic/workqueue-leak')) return scheduling(subject, schedule);
    return subject.isKind('atomic/workqueue-leak')
      ? {
          confidence: 'certain',
          sentence: `A work function${subject.inBlamed === '' ? '' : `,${subject.inBlamed},`} returned with a lock held or in an atomic section.`,
          evidence: [subject.headline()],
        }
      : undefined;
  },
};
