import type { LockKind } from '../../model/live.ts';
import type { InlineFrame } from '../../model/report.ts';
import type { Thread } from '../thread.ts';

/** A place in a thread: where it wants a lock, or took it. */
export interface Site {
  readonly thread: Thread;
  /** Index of the frame. */
  readonly nth: number;
  /** The function, and the line in it; the innermost one that is not part of the lock's own code. */
  readonly at: InlineFrame;
  /** The functions that `at` is inlined into, from within. */
  readonly inlinedInto: readonly InlineFrame[];
}

/** A thread that waits for something. */
export interface Wait {
  readonly kind: LockKind;
  /** Of the lock; undefined if it could not be found out. */
  readonly address?: bigint;
  /** What is known of its name without looking into its users. */
  readonly name?: string;
  /** Of an address of user space: the `mm_struct`. */
  readonly space?: bigint;
  readonly site: Site;
  /** How the address is known, for people: `its parameter lock`, `the waiter on its stack`. */
  readonly how?: string;
}

/** Who has it. */
export interface Holder {
  /** Where it was taken; undefined if only the owner is known. */
  readonly site?: Site;
  readonly thread?: Thread;
  /** Address of the owner's `task_struct`, where a field tells. */
  readonly task?: bigint;
  /** The owner is no task any more; another may have its memory. */
  readonly isGone?: boolean;
  readonly how: string;
}

/** Something that is waited for, with all who do, and who has it. */
export interface Contention {
  readonly kind: LockKind;
  readonly address?: bigint;
  /** `ktlab_port.lock`. */
  readonly name?: string;
  /** What its words hold. */
  readonly value?: string;
  /** By its own words nobody has it, or what is waited for has happened: those who sleep should not. */
  readonly isFree?: boolean;
  readonly waits: readonly Wait[];
  readonly holders: readonly Holder[];
}
