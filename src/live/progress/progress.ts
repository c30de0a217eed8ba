import type { Kernel } from '../../kernel/kernel.ts';
import { perCpuAddress, perCpuWord } from '../../kernel/per-cpu.ts';
import type { CpuTasks, TaskList } from '../../kernel/tasks.ts';
import { memberPlace } from '../../kernel/view.ts';
import type { ReadCpu } from '../read-threads.ts';
import { readCalls, type UnansweredCalls } from './calls.ts';
import { type KernelClock, readClock } from './clock.ts';
import { type GracePeriod, readGracePeriod } from './grace-period.ts';

/** How a CPU gets on, by the kernel's own accounts. */
export interface CpuProgress {
  /** Nanoseconds since its task came to it. */
  readonly ranFor?: bigint;
  /** Nanoseconds since it should have had its next tick, or its run queue was looked at last. */
  readonly quietFor?: bigint;
  /** Tasks that want it, with the one that has it. */
  readonly runnable?: number;
  /** How often preemption was switched off and not on again; spinlocks do so too. Kernels without preemption count nothing. */
  readonly preemptDepth?: number;
}

/** How a kernel gets on. */
export interface Progress {
  readonly clock: KernelClock;
  readonly cpus: ReadonlyMap<number, CpuProgress>;
  readonly gracePeriod?: GracePeriod;
  readonly calls: readonly UnansweredCalls[];
  /** `SYSTEM_RUNNING` and the like (include/linux/kernel.h). */
  readonly systemState?: string;
}

/** Reads it; what is not there is missing. */
export async function readProgress(kernel: Kernel, list: TaskList, read: readonly ReadCpu[]): Promise<Progress> {
  const clock = await readClock(
    kernel,
    list.cpus.flatMap(({ queue }) => queue?.clock ?? []),
  );
  const known = list.cpus.map(({ cpu }) => cpu);
  const [cpus, gracePeriod, calls, systemState] = await Promise.all([
    Promise.all(list.cpus.map(async (each) => [each.cpu.id, await progressOf(kernel, each, clock)] as const)),
    readGracePeriod(
      kernel,
      known.filter(({ isOnline }) => isOnline),
      clock,
    ),
    readCalls(kernel, known, callersOf(kernel, read)),
    readSystemState(kernel),
  ]);
  return {
    ...{ clock, cpus: new Map(cpus), calls },
    ...(gracePeriod !== undefined && { gracePeriod }),
    ...(systemState !== undefined && { systemState }),
  };
}

async function readSystemState({ symbols, types, memory }: Kernel): Promise<string | undefined> {
  const address = symbols.address('system_state');
  const value = address === undefined ? undefined : await memory.u32(address);
  const [states] = types.find('system_states');
  return value === undefined || states === undefined ? undefined : types.enumName(states, BigInt(value));
}

/** Where a CPU waits for the answers to a call of many (kernel/smp.c). */
export const callsMany = /^smp_call_function_many_cond$|^smp_call_function_many$/;

function callersOf({ symbols }: Kernel, read: readonly ReadCpu[]): readonly number[] {
  return read
    .filter(({ raw }) => raw.frames.some(({ pc }) => callsMany.test(symbols.at(pc)?.name ?? '')))
    .map(({ cpu }) => cpu.id);
}

async function progressOf(kernel: Kernel, each: CpuTasks, { now, monotonic }: KernelClock): Promise<CpuProgress> {
  const { queue, current } = each;
  const [depth, due, wake] = await Promise.all([
    preemptDepth(kernel, each),
    nextTick(kernel, each),
    current?.pid === 0 ? idleWake(kernel, each) : undefined,
  ]);
  const since = (then: bigint | undefined): bigint | undefined =>
    then === undefined || then === 0n || then > now ? undefined : now - then;
  const ranFor = since(current?.lastArrival);
  const woken = wake === undefined || monotonic === undefined || wake > monotonic ? undefined : monotonic - wake;
  const looked = since(queue?.clock);
  const seen = looked !== undefined && woken !== undefined && woken < looked ? woken : looked;
  const late = due === undefined || monotonic === undefined || due > monotonic ? undefined : monotonic - due;
  const quietFor = seen !== undefined && late !== undefined ? (late > seen ? late : seen) : (late ?? seen);
  return {
    ...(ranFor !== undefined && { ranFor }),
    ...(quietFor !== undefined && { quietFor }),
    ...(queue?.running !== undefined && { runnable: queue.running }),
    ...(depth !== undefined && { preemptDepth: depth }),
  };
}

/** PREEMPT_MASK of include/linux/preempt.h; above are counts of softirqs, interrupts and NMIs. */
const preemptMask = 0xffn;

/**
 * Of x86 a per-CPU variable, `__preempt_count`, from 6.2 to 6.14 in `pcpu_hot` (asm/preempt.h); of arm64 in the
 * `thread_info` of the task.
 */
async function preemptDepth(kernel: Kernel, { cpu, current }: CpuTasks): Promise<number | undefined> {
  const { types, memory } = kernel;
  if (kernel.architecture === 'x86_64') {
    const word = await perCpuWord(kernel, cpu, 'pcpu_hot.preempt_count', '__preempt_count');
    return word === undefined ? undefined : Number(word & preemptMask);
  }
  const place =
    memberPlace(types, 'task_struct', 'thread_info.preempt.count') ??
    memberPlace(types, 'task_struct', 'thread_info.preempt_count');
  const word =
    current === undefined || place === undefined ? undefined : await memory.u64(current.address + BigInt(place.offset));
  return word === undefined ? undefined : Number(word & preemptMask);
}

/**
 * When the next timer of a CPU is to come, in nanoseconds of CLOCK_MONOTONIC. It stays in the past if the CPU takes no interrupts: the tick is one of them (kernel/time/hrtimer.c).
 */
export async function nextTick(kernel: Kernel, { cpu }: Pick<CpuTasks, 'cpu'>): Promise<bigint | undefined> {
  const place = memberPlace(kernel.types, 'hrtimer_cpu_base', 'expires_next');
  const address = perCpuAddress(kernel, 'hrtimer_bases', cpu);
  return place === undefined || address === undefined ? undefined : kernel.memory.u64(address + BigInt(place.offset));
}

/**
 * When an interrupt last woke a CPU that was idle with its tick stopped, in nanoseconds of CLOCK_MONOTONIC: nobody looks
 * at its run queue in the meantime (tick_nohz_update_jiffies(), kernel/time/tick-sched.c).
 */
async function idleWake(kernel: Kernel, { cpu }: CpuTasks): Promise<bigint | undefined> {
  const place = memberPlace(kernel.types, 'tick_sched', 'idle_waketime');
  const address = perCpuAddress(kernel, 'tick_cpu_sched', cpu);
  return place === undefined || address === undefined ? undefined : kernel.memory.u64(address + BigInt(place.offset));
}
