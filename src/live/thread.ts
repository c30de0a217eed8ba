import type { LiveFrame } from '../model/live.ts';
import type { RawStack } from '../unwind/frame.ts';

/** Bytes of a stack as they were read while the machine stood still. */
export interface StackBytes {
  readonly start: bigint;
  readonly bytes: Uint8Array;
}

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
  readonly raw: RawStack;
  /** The same frames, named; as many as `raw.frames`. */
  readonly frames: readonly LiveFrame[];
  /** What its frames stand on. */
  readonly stacks: readonly StackBytes[];
}

/** A number in little endian on one of the stacks; undefined if it is not there. */
export function stackWord({ stacks }: Pick<Thread, 'stacks'>, address: bigint, size: number): bigint | undefined {
  for (const { start, bytes } of stacks) {
    const offset = address - start;
    if (offset < 0n || offset + BigInt(size) > BigInt(bytes.length) || size < 1 || size > 8) continue;
    const at = Number(offset);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i] ?? 0);
    return value;
  }
  return undefined;
}

/** Whom it is about, for people: `CPU 1`, `init (pid 1)`, `CPU 1 (kworker/1:0, pid 22)`. */
export function threadWords({ cpu, pid, comm }: Pick<Thread, 'cpu' | 'pid' | 'comm'>): string {
  const task = pid === undefined ? undefined : `${comm ?? 'a task'} (pid ${pid})`;
  if (cpu === undefined) return task ?? 'a task';
  return `CPU ${cpu}`;
}
