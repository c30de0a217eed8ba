import type { RegisterValues } from '../machine/machine.ts';
import type { Kernel } from './kernel.ts';
import { type KernelCpu, perCpuAddress, perCpuWord } from './per-cpu.ts';
import { readSpan, spanOf } from './view.ts';

/** What a CPU schedules. */
export interface RunQueue {
  /** Of `struct rq`. */
  readonly address: bigint;
  /** `task_struct` of what runs, and of its idle task. */
  readonly current?: bigint;
  readonly idle?: bigint;
  readonly running?: number;
  readonly switches?: bigint;
  /** Nanoseconds, as of its last update. */
  readonly clock?: bigint;
}

const runQueueMembers = ['curr', 'idle', 'nr_running', 'nr_switches', 'clock'];

/** The run queue of a CPU. */
export async function readRunQueue(kernel: Kernel, cpu: KernelCpu): Promise<RunQueue | undefined> {
  const address = perCpuAddress(kernel, 'runqueues', cpu);
  const span = spanOf(kernel.types, 'rq', runQueueMembers);
  const view = address === undefined || span === undefined ? undefined : await readSpan(kernel, span, address);
  if (view === undefined || address === undefined) return undefined;
  const current = view.pointer('curr');
  const idle = view.pointer('idle');
  const running = view.number('nr_running');
  const switches = view.big('nr_switches');
  const clock = view.big('clock');
  return {
    address,
    ...(current !== undefined && { current }),
    ...(idle !== undefined && { idle }),
    ...(running !== undefined && { running }),
    ...(switches !== undefined && { switches }),
    ...(clock !== undefined && { clock }),
  };
}

/**
 * The `task_struct` that a CPU runs. x86 has it in a per-CPU variable: `current_task`, of 6.2 to 6.14 in `pcpu_hot`.
 * arm64 has it in SP_EL0 while in the kernel; in user space that is the program's, and `__entry_task` says what the
 * kernel will take at its next entry (arch/arm64/kernel/process.c, since 4.10).
 * @param registers of the CPU, where they are at hand
 */
export async function readCurrent(
  kernel: Kernel,
  cpu: KernelCpu,
  queue: RunQueue | undefined,
  registers?: RegisterValues,
): Promise<bigint | undefined> {
  const isKernel = (address: bigint | undefined): address is bigint =>
    address !== undefined && kernel.memory.isKernelAddress(address);
  const scheduled = queue?.current;
  switch (kernel.architecture) {
    case 'x86_64': {
      const current = await perCpuWord(kernel, cpu, 'pcpu_hot.current_task', 'current_task');
      return isKernel(current) ? current : scheduled;
    }
    case 'arm64': {
      const entry = await perCpuWord(kernel, cpu, '__entry_task');
      const mode = registers?.pstate ?? registers?.cpsr;
      const stack = registers?.SP_EL0;
      const level = mode === undefined ? 0n : (mode >> 2n) & 3n;
      // At the first instructions of an entry it is still the program's, which is no kernel address.
      if (level > 0n && level < 3n && isKernel(stack)) return stack;
      return isKernel(entry) ? entry : scheduled;
    }
  }
}
