import { readCurrent, readRunQueue } from '../../kernel/current.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { KernelCpu } from '../../kernel/per-cpu.ts';
import { readTask, taskSpan } from '../../kernel/task.ts';
import type { CpuTasks } from '../../kernel/tasks.ts';
import type { RawFrame } from '../../unwind/frame.ts';
import { interruptsOff } from '../cpu-state.ts';
import { nextTick } from '../progress/progress.ts';
import type { ReadCpu } from '../read-threads.ts';

/** A frame, as far as it is compared with that of another look. */
export interface MarkFrame {
  readonly pc: bigint;
  readonly sp: bigint;
  /** Where its function begins; of code without a name `pc` itself. */
  readonly function: bigint;
  /** Below this frame lies what something else interrupted. */
  readonly isEntry: boolean;
}

/** What a CPU is at, to be compared with what it is at later. */
export interface CpuMark {
  readonly id: number;
  /** `task_struct` of what it runs. */
  readonly task?: bigint;
  /** When that came to it, in nanoseconds of its clock. */
  readonly lastArrival?: bigint;
  /** Switches from one task to another that it has done. */
  readonly switches?: bigint;
  /** When its next timer is due, in nanoseconds: a CPU that takes its ticks moves that on. */
  readonly due?: bigint;
  readonly interruptsOff?: boolean;
  /** From within; none if it is not in the kernel. */
  readonly frames: readonly MarkFrame[];
}

/** What a CPU runs, read anew. Of what is known of the CPU itself nothing changes. */
export async function readCpuTasks(kernel: Kernel, cpu: KernelCpu): Promise<CpuTasks> {
  const span = taskSpan(kernel.types);
  const [queue, registers] = await Promise.all([
    readRunQueue(kernel, cpu),
    cpu.machineCpu === undefined ? undefined : kernel.machine.registers(cpu.machineCpu),
  ]);
  const address = await readCurrent(kernel, cpu, queue, registers);
  const read = span === undefined || address === undefined ? undefined : await readTask(kernel, span, address);
  return { cpu, ...(queue !== undefined && { queue }), ...(read !== undefined && { current: read.task }) };
}

/** What a CPU is at. Its run queue and its timers are read if they were not before. */
export async function markOf(kernel: Kernel, tasks: CpuTasks, { registers, raw }: ReadCpu): Promise<CpuMark> {
  const { cpu, queue, current } = tasks;
  const due = await nextTick(kernel, tasks);
  const off = interruptsOff(registers);
  return {
    id: cpu.id,
    ...(current !== undefined && { task: current.address }),
    ...(current?.lastArrival !== undefined && { lastArrival: current.lastArrival }),
    ...(queue?.switches !== undefined && { switches: queue.switches }),
    ...(due !== undefined && { due }),
    ...(off !== undefined && { interruptsOff: off }),
    frames: raw.frames.filter(({ stack }) => stack !== 'user').map((frame) => markFrame(kernel, frame)),
  };
}

function markFrame({ symbols }: Kernel, { pc, sp, isReturn, entry }: RawFrame): MarkFrame {
  const start = symbols.at(isReturn ? pc - 1n : pc)?.start ?? pc;
  return { pc, sp, function: start, isEntry: entry !== undefined };
}
