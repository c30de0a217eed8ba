import type { Kernel } from '../kernel/kernel.ts';
import type { KernelCpu } from '../kernel/per-cpu.ts';
import { stackOfTask, stacksOfCpu } from '../kernel/stacks.ts';
import type { Task } from '../kernel/task.ts';
import type { CpuTasks, TaskList } from '../kernel/tasks.ts';
import type { RegisterValues } from '../machine/machine.ts';
import { handlerRegisters } from '../unwind/debugger-stop.ts';
import type { RawStack } from '../unwind/frame.ts';
import { unwind } from '../unwind/unwind.ts';

/** A CPU with its registers and its stack. */
export interface ReadCpu {
  readonly cpu: KernelCpu;
  readonly current?: Task;
  readonly idle?: Task;
  readonly registers: RegisterValues;
  readonly raw: RawStack;
}

/** A task that does not run, with its stack. */
export interface ReadTask {
  readonly task: Task;
  readonly raw: RawStack;
}

/** Sleeping tasks whose stacks are read, unless all are wanted. */
const usualTasks = 512;
const mostTasks = 65_536;

const nothing: RawStack = { frames: [], memory: () => undefined };

/** Reads the stacks of all CPUs. `precise`: with what debug information tells of registers. */
export function readCpuStacks(kernel: Kernel, { cpus }: TaskList, precise: boolean): Promise<readonly ReadCpu[]> {
  return Promise.all(cpus.map((each) => readCpu(kernel, each, precise)));
}

async function readCpu(kernel: Kernel, { cpu, current, idle }: CpuTasks, precise: boolean): Promise<ReadCpu> {
  const known = { cpu, ...(current !== undefined && { current }), ...(idle !== undefined && { idle }) };
  if (cpu.machineCpu === undefined) return { ...known, registers: {}, raw: nothing };
  const [registers, stacks, own] = await Promise.all([
    kernel.machine.registers(cpu.machineCpu),
    stacksOfCpu(kernel, cpu),
    current === undefined ? undefined : stackOfTask(kernel, current),
  ]);
  const all = own === undefined ? stacks : [...stacks, own];
  // Only a stub that is the kernel itself can say where a CPU was before it, and reads no physical memory.
  const inHandler = kernel.machine.canReadPhysical ? undefined : await handlerRegisters(kernel, registers);
  const raw = await unwind(kernel, { registers: inHandler ?? registers, stacks: all, precise });
  return { ...known, registers, raw };
}

/** Those who matter most come first: in uninterruptible sleep, then who can run, then the rest. */
const order = ['D', 'R', 'T', 't', 'S', 'P', 'I', 'Z', 'X'];

/**
 * Reads the stacks of the tasks that do not run.
 * @param known those of an earlier time, when less was known of modules; what cannot have changed is taken over.
 */
export async function readTaskStacks(
  kernel: Kernel,
  { tasks }: TaskList,
  isEverything: boolean,
  known: readonly ReadTask[] = [],
): Promise<readonly ReadTask[]> {
  const settled = new Map(known.flatMap((each) => (isSettled(kernel, each.raw) ? [[each.task, each]] : [])));
  const asleep = tasks
    .filter(({ onCpu, isIdle, stack }) => !onCpu && !isIdle && stack !== undefined)
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))
    .slice(0, isEverything ? mostTasks : usualTasks);
  return Promise.all(
    asleep.map(async (task) => {
      const before = settled.get(task);
      if (before !== undefined) return before;
      const stack = await stackOfTask(kernel, task);
      const stacks = stack === undefined ? [] : [stack];
      return { task, raw: await unwind(kernel, { saved: task.saved, stacks }) };
    }),
  );
}

/** Whether a stack was unwound without a doubt, and nothing but the kernel itself was asked: modules' files change nothing. */
function isSettled({ symbols }: Kernel, { frames, endsBecause, omitted }: RawStack): boolean {
  if (endsBecause !== undefined || omitted !== undefined) return false;
  return frames.every(
    ({ pc, stack, reliable }) => reliable && (stack === 'user' || symbols.place(pc)?.image === symbols.vmlinux),
  );
}
