import type { Thread } from '../thread.ts';

/** Clocks that count from the boot, in different ways, may be so far apart: nanoseconds. */
const clockSlack = 500_000_000n;

/**
 * Whether a task began when others had waited for long: then it is not the one that they wait for, but has got the memory
 * of one that is gone. If it had come by the lock since, they would have been woken.
 */
export function beganSince(
  { startTime }: Pick<Thread, 'startTime'>,
  waits: readonly { readonly site: { readonly thread: Pick<Thread, 'cpu' | 'lastArrival'> } }[],
): boolean {
  if (startTime === undefined) return false;
  return waits.some(({ site: { thread } }) => {
    const { cpu, lastArrival } = thread;
    return cpu === undefined && lastArrival !== undefined && startTime > lastArrival + clockSlack;
  });
}
