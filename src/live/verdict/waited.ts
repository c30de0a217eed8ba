import type { Thread } from '../thread.ts';
import type { HangFacts } from './facts.ts';

const second = 1_000_000_000n;

/** Nanoseconds below which waiting is what kernels do all the time. */
export const shortWait = second;

/**
 * How long a thread has waited at least, in nanoseconds, as far as that is known: a task since it came to a CPU last, a
 * CPU since it took its last tick, or since RCU began to wait for it.
 */
export function waitedFor({ progress }: HangFacts, { cpu, lastArrival }: Thread): bigint | undefined {
  if (progress === undefined) return undefined;
  if (cpu === undefined) {
    const { now } = progress.clock;
    return lastArrival === undefined || lastArrival > now ? undefined : now - lastArrival;
  }
  const { quietFor } = progress.cpus.get(cpu) ?? {};
  const { gracePeriod: grace } = progress;
  const age = grace?.cpus.includes(cpu) === true ? grace.age : undefined;
  return quietFor === undefined || (age !== undefined && age > quietFor) ? age : quietFor;
}

/** Whether it is known that none of these has waited for long. */
export function isBrief(facts: HangFacts, threads: readonly Thread[]): boolean {
  return threads.every((thread) => {
    const waited = waitedFor(facts, thread);
    return waited !== undefined && waited < shortWait;
  });
}
