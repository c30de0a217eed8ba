import { bareName } from '../../model/blame.ts';
import { listed } from '../../util/words.ts';
import { atPlace, callOf, quoted, taskWords } from '../phrases.ts';
import type { Conclusion, Rule } from '../rule.ts';
import type { DetailsOf, Subject } from '../subject.ts';

/**
 * What a preempt count says (include/linux/preempt.h): 8 bits of preemption, 8 of softirqs (of which the lowest is being
 * in one, as local_bh_disable() counts by two), 4 of interrupts, 4 of NMIs.
 */
function countWords(preemptCount: number): string[] {
  const preemption = preemptCount & 0xff;
  const softirq = (preemptCount >>> 8) & 0xff;
  const words: string[] = [];
  if (preemption > 0) words.push(`with preemption off${preemption === 1 ? '' : ` (${preemption} deep)`}`);
  if (softirq > 1) words.push('with softirqs off');
  if ((softirq & 1) === 1) words.push('in a softirq');
  if (((preemptCount >>> 16) & 0xf) > 0) words.push('in an interrupt');
  if (((preemptCount >>> 20) & 0xf) > 0) words.push('in an NMI');
  return words;
}

function sleeping(subject: Subject, details: DetailsOf<'sleeping-in-atomic'>): Conclusion {
  const { file, line, inAtomic, irqsDisabled, nonBlock, preemptCount, preemptExpected, rcuNesting, disabledAt } =
    details;
  const reasons = [
    ...(preemptCount === undefined ? [] : countWords(preemptCount)),
    ...(irqsDisabled === true ? ['with interrupts off'] : []),
    ...(nonBlock === true ? ['in a section that must not block'] : []),
    ...(rcuNesting !== undefined && rcuNesting > 0 ? ['inside of an RCU read section'] : []),
  ];
  if (reasons.length === 0 && inAtomic === true) reasons.push('in atomic context');
  const by = disabledAt === undefined ? '' : `; preemption was disabled at ${quoted(disabledAt)}`;
  const task = taskWords(details.task, details.pid);
  return {
    confidence: 'certain',
    sentence: `${subject.blamed} called something that may sleep${reasons.length === 0 ? '' : `, ${listed(reasons)}`}${by}.`,
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
    // The check itself is nobody to blame (lib/smp_processor_id.c).
    const isCheck = /^(?:__this_cpu_preempt_check|check_preemption_disabled|debug_smp_processor_id)\b/.test(
      subject.blamedCall ?? '',
    );
    return {
      confidence: 'certain',
      sentence: `${(isCheck ? undefined : subject.blamedCall) ?? callOf(/^[\w.$]{1,128}/.exec(caller ?? '')?.[0] ?? 'the kernel')} used ${operation ?? 'data of its CPU'} where the task can be moved to another CPU.`,
      evidence: [subject.headline(), caller === undefined ? undefined : subject.said(`the caller is ${caller}`)],
    };
  }
  // schedule() adds one of its own, without which it would not be wrong (in_atomic_preempt_off(), linux/preempt.h).
  const others = preemptCount !== undefined && (preemptCount & 0xff) > 0 ? preemptCount - 1 : preemptCount;
  const reasons = others === undefined ? [] : countWords(others & 0x7fff_ffff);
  const who = /^_*schedule\b/.test(subject.blamedCall ?? '') ? 'A task' : subject.blamed;
  return {
    confidence: 'certain',
    sentence: `${who} gave up the CPU where nothing may sleep${reasons.length === 0 ? '' : `, ${listed(reasons)}`}.`,
    evidence: [
      subject.headline(),
      task === undefined ? undefined : subject.said(`the task is ${task}`),
      preemptCount === undefined ? undefined : subject.said(`the preempt count is 0x${preemptCount.toString(16)}`),
    ],
  };
}

/** rcu_note_context_switch() of kernels that can be preempted (kernel/rcu/tree_plugin.h, since 4.x). */
const inReadSection = /^Voluntary context switch within RCU read-side critical section/;

/** Functions through which a task gives up its CPU, or sleeps for a time: who calls them is to blame. */
const sleepers =
  /^(?:rcu_note_context_switch|_*schedule\w*|io_schedule\w*|preempt_schedule\w*|m?u?sleep\w*|usleep_range\w*|f?sleep\w*|hrtimer_nanosleep|(?:_*do_)?wait_for_com\w*|_*(?:rt_|ww_)?mutex_\w*lock\w*|rt_spin_lock\w*|rtlock_\w*|rwsem_\w*|_*down\w*|synchronize_\w*|_*flush_\w*work\w*)$/;

/** A task that gave up its CPU between rcu_read_lock() and rcu_read_unlock(). */
function switching(subject: Subject, message: string): Conclusion {
  const frame = subject.report.frames.find(
    ({ reliable, function: name }) => reliable && name !== undefined && !sleepers.test(bareName(name)),
  );
  const who = frame?.function === undefined ? 'A task' : callOf(frame.function, frame.module);
  const { comm, pid } = subject.report.task ?? {};
  const task = taskWords(comm, pid);
  return {
    confidence: 'certain',
    sentence: `${who} gave up the CPU inside of an RCU read section, where nothing may sleep.`,
    evidence: [
      subject.said(`the check says: ${quoted(message)}`),
      task === undefined ? undefined : subject.said(`the task is ${task}`),
    ],
    against: [
      'A function that was called may have begun the section and not ended it. With PREEMPT_RT a spinlock that is held is one, too (rt_spin_lock()).',
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
    const message = subject.details('warning')?.message;
    if (message !== undefined && inReadSection.test(message)) return switching(subject, message);
    return subject.isKind('atomic/workqueue-leak')
      ? {
          confidence: 'certain',
          sentence: `A work function${subject.inBlamed === '' ? '' : `,${subject.inBlamed},`} returned with a lock held or in an atomic section.`,
          evidence: [subject.headline()],
        }
      : undefined;
  },
};
