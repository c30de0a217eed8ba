import { interruptsOff } from '../cpu-state.ts';
import type { Thread } from '../thread.ts';
import type { HangFacts } from './facts.ts';

const second = 1_000_000_000n;

/** Nanoseconds below which waiting is what kernels do all the time. */
export const shortWait = second;

/**
 * How long a thread can have waited, in nanoseconds, as far as that is known: a task since it came to a CPU last, a CPU
 * since its task came to it, and with interrupts off since it took its last tick.
 */
export function waitedFor({ progress }: HangFacts, thread: Thread): bigint | undefined {
  if (progress === undefined) return undefined;
  const { cpu, lastArrival } = thread;
  if (cpu === undefined) {
    const { now } = progress.clock;
    return lastArrival === undefined || lastArrival > now ? undefined : now - lastArrival;
  }
  const { quietFor, ranFor } = progress.cpus.get(cpu) ?? {};
  return isOff(thread) ? (quietFor ?? ranFor) : ranFor;
}

/** Whether it is known that none of these has waited for long. */
export function isBrief(facts: HangFacts, threads: readonly Thread[]): boolean {
  return threads.every((thread) => {
    const waited = waitedFor(facts, thread);
    return waited !== undefined && waited < shortWait;
  });
}

/**
 * Whether one of these is known to have waited for long. A CPU that spins with interrupts on may have run user space just
 * before: RCU would know, and threads of the kernel have none.
 */
export function isLong(facts: HangFacts, threads: readonly Thread[]): boolean {
  const { progress } = facts;
  if (progress === undefined) return true;
  return threads.some((thread) => {
    if ((waitedFor(facts, thread) ?? 0n) < shortWait) return false;
    if (thread.cpu === undefined || isOff(thread)) return true;
    const grace = progress.gracePeriod;
    if (grace?.cpus.includes(thread.cpu) === true && (grace.age ?? 0n) >= shortWait) return true;
    return facts.tasks.some(({ address, isKernelThread }) => address === thread.task && isKernelThread === true);
  });
}

const isOff = ({ raw }: Thread): boolean => interruptsOff(raw.frames[0]?.registers ?? {}) === true;
