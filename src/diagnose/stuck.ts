import type { Evidence } from '../model/explanation.ts';
import { call } from './phrases.ts';
import type { Subject } from './subject.ts';
import { spinOf } from './waits.ts';
import { lockWordsOf } from './wanted-lock.ts';

/** Entry code of idle CPUs: such a CPU does nothing. */
const idle =
  /^(?:default_idle\w*|do_idle|cpu_startup_entry|cpu_do_idle|arch_cpu_idle|intel_idle\w*|acpi_idle\w*|cpuidle_enter\w*|pv_native_safe_halt|native_safe_halt|mwait_idle\w*)$/;

/** What a CPU does that is stuck: a clause, its evidence, and what speaks against it. */
export interface Stuck {
  readonly words: string;
  readonly evidence: readonly Evidence[];
  readonly against?: string | undefined;
  readonly known: boolean;
  /** Said where the words are more than likely. */
  readonly confidence?: 'certain';
  /** What was running, where no more than that is known. */
  readonly running?: string;
}

/**
 * Waiting for other CPUs to do as an interrupt tells them (kernel/smp.c, kernel/stop_machine.c): a CPU with interrupts
 * off, or one that the host does not run, keeps all others waiting.
 */
const crossCall = /^(?:csd_lock_wait|__csd_lock_wait|smp_call_function\w*|generic_exec_single|multi_cpu_stop)$/;

/** Functions through which the report itself was made, or RCU's own thread: they tell nothing of who is stuck. */
const telling =
  /^(?!rcu_\w*kthread|rcu_exp_\w+|wait_rcu_exp_gp|_*preempt_schedule|smp_apic_timer|asm_|sysvec_|kthread$|__switch_to)/;

/** Interrupts are off: EFLAGS.IF of x86, PSTATE.I of arm64, where the report is of the CPU itself. */
function interruptsOff(subject: Subject): boolean {
  const { eflags, rflags, pstate } = subject.registers?.values ?? {};
  const flags = eflags ?? rflags;
  if (flags !== undefined) return (flags & 0x200n) === 0n;
  return subject.report.architecture === 'arm64' && pstate !== undefined && (pstate & 0x80n) !== 0n;
}

const hang = /^(?:rcu\/|hang\/(?:soft|hard)-lockup)/;

/** How often it was found there, by the other reports of the same hang. */
function timesWords({ report, context }: Subject): string {
  const { others = [] } = context;
  const { cpu } = report.task ?? {};
  const its = others.filter(({ kind, task }) => hang.test(kind) && cpu !== undefined && task?.cpu === cpu);
  const name = report.culprit?.function;
  const isAlways = name !== undefined && its.every(({ culprit }) => culprit?.function === name);
  if (its.length === 0 || !isAlways) return 'when that was noticed';
  return its.length === 1 ? 'both times that was noticed' : `each of the ${its.length + 1} times that was noticed`;
}

/** How sure a rule is of what a CPU does. */
export const stuckConfidence = ({ known, confidence }: Stuck): 'certain' | 'likely' =>
  confidence ?? (known ? 'likely' : 'certain');

/** What the CPU of the report's stack does: it spins for a lock, loops, idles, or nobody knows. */
export function stuckIn(subject: Subject): Stuck {
  const { frames } = subject.report;
  const spin = spinOf(subject);
  const off = interruptsOff(subject) ? ', with interrupts off' : '';
  const isTelling = telling.test(subject.report.culprit?.function ?? subject.report.frame ?? '');
  const blamed = isTelling ? subject.blamedCall : undefined;
  const [top] = frames;
  if (top?.function === '__switch_to' || (top === undefined && subject.blamedCall === undefined)) {
    return {
      words: 'what it does there was not printed',
      // Another CPU can print of a running task only what its stack was when it was switched out, unless it has an NMI.
      evidence:
        top === undefined
          ? []
          : [
              {
                words: 'the stack is from when the task last slept: it does not tell what the task is doing',
                firstLine: top.range.firstLine,
              },
            ],
      known: false,
    };
  }
  if (spin !== undefined) {
    const { which, twice, confidence, evidence, against } = lockWordsOf(subject, 'spinlock');
    return {
      words: `${subject.blamedCall ?? 'it'} spins for ${which}${twice === undefined ? ' that does not come free' : twice}${off}`,
      evidence: [
        ...(twice === undefined
          ? [
              {
                words: `the CPU is in ${call(spin.function ?? '')}; who holds the lock was not printed`,
                firstLine: spin.range.firstLine,
              },
            ]
          : []),
        ...evidence,
      ],
      against:
        twice === undefined ? 'A lock that is wanted by very many CPUs at once looks the same for a while.' : against,
      known: true,
      ...(confidence === 'certain' && { confidence }),
    };
  }
  const waited = subject
    .functions()
    .slice(0, 6)
    .find((name) => crossCall.test(name));
  if (waited !== undefined) {
    return {
      words: `${subject.blamedCall ?? 'it'} waits in ${call(waited)} for other CPUs to answer${off}: one of those is stuck`,
      evidence: [],
      against: 'Which CPU does not answer is not in this report.',
      known: true,
    };
  }
  const isIdle =
    idle.test(subject.report.culprit?.function ?? '') ||
    frames.slice(0, 4).some((frame) => frame.function !== undefined && idle.test(frame.function));
  if (isIdle) {
    return {
      words: 'that CPU was idle when its stack was taken',
      evidence: [],
      against: 'An idle CPU is not stuck: its timer or its interrupts may be, or a virtual machine was not run.',
      known: false,
    };
  }
  return {
    words:
      blamed === undefined ? 'what it does there is not known' : `${blamed} was running ${timesWords(subject)}${off}`,
    evidence:
      top?.function === undefined
        ? []
        : [{ words: `the CPU is in ${call(top.function)}`, firstLine: top.range.firstLine }],
    against:
      'A virtual machine whose host did not run the CPU looks the same; see whether other reports show the same place.',
    known: blamed !== undefined,
    ...(blamed !== undefined && { running: blamed }),
  };
}
