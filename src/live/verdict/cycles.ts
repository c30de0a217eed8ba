import type { Thread } from '../thread.ts';
import type { Contention, Holder, Wait } from '../waits/wait.ts';

/** One step of a cycle: a thread waits for something that the next one has. */
export interface CycleStep {
  readonly wait: Wait;
  readonly contention: Contention;
  readonly holder: Holder;
}

const mostCycles = 16;
const longest = 32;

/** Threads that wait for each other in a circle; of one that waits for itself a circle of one step. Each circle once. */
export function findCycles(contentions: readonly Contention[]): readonly (readonly CycleStep[])[] {
  const steps = new Map<Thread, CycleStep[]>();
  for (const contention of contentions) {
    for (const wait of contention.waits) {
      for (const holder of contention.holders) {
        if (holder.thread === undefined) continue;
        const from = wait.site.thread;
        steps.set(from, [...(steps.get(from) ?? []), { wait, contention, holder }]);
      }
    }
  }
  const cycles: CycleStep[][] = [];
  const inCycle = new Set<Thread>();
  const visit = (thread: Thread, path: readonly CycleStep[], on: readonly Thread[]): void => {
    for (const step of steps.get(thread) ?? []) {
      const next = step.holder.thread;
      if (next === undefined || cycles.length >= mostCycles || path.length >= longest) return;
      const start = on.indexOf(next);
      if (start >= 0) {
        const cycle = [...path, step].slice(start);
        if (cycle.some(({ wait }) => !inCycle.has(wait.site.thread))) {
          cycles.push(cycle);
          for (const { wait } of cycle) inCycle.add(wait.site.thread);
        }
      } else if (!done.has(next)) visit(next, [...path, step], [...on, next]);
    }
    done.add(thread);
  };
  const done = new Set<Thread>();
  for (const thread of steps.keys()) if (!done.has(thread)) visit(thread, [], [thread]);
  return cycles;
}
