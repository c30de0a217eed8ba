import type { Evidence } from '../model/explanation.ts';
import { call } from './phrases.ts';
import type { Subject } from './subject.ts';
import { spinOf } from './waits.ts';

/** Entry code of idle CPUs: such a CPU does nothing. */
const idle =
  /^(?:default_idle\w*|do_idle|cpu_startup_entry|cpu_do_idle|arch_cpu_idle|intel_idle\w*|acpi_idle\w*|cpuidle_enter\w*|pv_native_safe_halt|native_safe_halt|mwait_idle\w*)$/;

/** What a CPU does that is stuck: a clause, its evidence, and what speaks against it. */
export interface Stuck {
  readonly words: string;
  readonly evidence: readonly Evidence[];
  readonly against?: string;
  readonly known: boolean;
}

/** What the CPU of the report's stack does: it spins for a lock, loops, idles, or nobody knows. */
export function stuckIn(subject: Subject): Stuck {
  const { frames } = subject.report;
  const spin = spinOf(subject);
  const [top] = frames;
  if (top?.function === '__switch_to' || (top === undefined && subject.blamedCall === undefined)) {
    return {
      words: 'what it does there was not printed',
      evidence: [],
      // Another CPU can print of a running task only what its stack was when it was switched out, unless it has an NMI.
      ...(top !== undefined && {
        against: 'The stack is from when the task last slept: it does not tell what the task is doing.',
      }),
      known: false,
    };
  }
  if (spin !== undefined) {
    return {
      words: `${subject.blamedCall ?? 'it'} spins for a spinlock that does not come free`,
      evidence: [
        {
          words: `the CPU is in ${call(spin.function ?? '')}; who holds the lock was not printed`,
          firstLine: spin.range.firstLine,
        },
      ],
      against: 'A lock that is wanted by very many CPUs at once looks the same for a while.',
      known: true,
    };
  }
  const isIdle = frames.slice(0, 4).some((frame) => frame.function !== undefined && idle.test(frame.function));
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
      subject.blamedCall === undefined
        ? 'what it does there is not known'
        : `${subject.blamedCall} runs there without giving way`,
    evidence:
      top?.function === undefined
        ? []
        : [{ words: `the CPU is in ${call(top.function)}`, firstLine: top.range.firstLine }],
    against:
      'A virtual machine whose host did not run the CPU looks the same; see whether other reports show the same place.',
    known: subject.blamedCall !== undefined,
  };
}
