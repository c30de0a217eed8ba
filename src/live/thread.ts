import type { LiveFrame } from '../model/live.ts';
import type { RawStack } from '../unwind/frame.ts';

/** Something that executes: what runs on a CPU, or a task that does not run. */
export interface Thread {
  /** The CPU that it runs on; missing for a task that does not run. */
  readonly cpu?: number;
  readonly pid?: number;
  readonly comm?: string;
  /** Address of the `task_struct`. */
  readonly task?: bigint;
  /** As `ps` has it. */
  readonly state?: string;
  /** When it came to a CPU last, in nanoseconds of that CPU's clock: who sleeps has done so for no longer. */
  readonly lastArrival?: bigint;
  /** When it began, in nanoseconds since the boot: CLOCK_MONOTONIC. */
  readonly startTime?: bigint;
  /** How deep it is in RCU read-side critical sections, where kernels count these. */
  readonly rcuDepth?: number;
  readonly raw: RawStack;
  /** The same frames, named; as many as `raw.frames`. */
  readonly frames: readonly LiveFrame[];
}

/** Whom it is about, for people: `CPU 1`, `init (pid 1)`, `CPU 1 (kworker/1:0, pid 22)`. */
export function threadWords({ cpu, pid, comm }: Pick<Thread, 'cpu' | 'pid' | 'comm'>): string {
  const task = pid === undefined ? undefined : `${comm ?? 'a task'} (pid ${pid})`;
  if (cpu === undefined) return task ?? 'a task';
  return `CPU ${cpu}`;
}
