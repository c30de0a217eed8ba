import type { Kernel } from '../../kernel/kernel.ts';
import type { LockKind } from '../../model/live.ts';
import { rtMutexOwner } from './rt-mutexes.ts';

/** Where a lock keeps its owner: a `task_struct`'s address with flags in its low bits. */
interface OwnerField {
  readonly lock: string;
  readonly paths: readonly string[];
  readonly flags: bigint;
  /** With this bit the field only tells who was the last to read. */
  readonly readerBit?: bigint;
}

/**
 * kernel/locking/mutex.c (MUTEX_FLAGS), rwsem.c (RWSEM_READER_OWNED, RWSEM_NONSPINNABLE), semaphore.c
 * (`last_holder`, 6.16, where the hung task detector wants to know).
 */
const owners: Partial<Readonly<Record<LockKind, OwnerField>>> = {
  mutex: { lock: 'mutex', paths: ['owner.counter', 'owner', 'rtmutex.owner'], flags: 7n },
  rwsem: { lock: 'rw_semaphore', paths: ['owner.counter', 'owner', 'rwbase.rtmutex.owner'], flags: 7n, readerBit: 1n },
  semaphore: { lock: 'semaphore', paths: ['last_holder'], flags: 0n },
};

/** Who owns a lock by its own word. */
export interface Owner {
  readonly task: bigint;
  /** It is only known that this one read it last. */
  readonly isReader: boolean;
}

export async function ownerOf(kernel: Kernel, kind: LockKind, lock: bigint): Promise<Owner | undefined> {
  if (kind === 'rt-mutex') {
    const task = await rtMutexOwner(kernel, lock);
    return task === undefined ? undefined : { task, isReader: false };
  }
  const field = owners[kind];
  if (field === undefined) return undefined;
  for (const path of field.paths) {
    const place = kernel.types.member(field.lock, path);
    if (place === undefined || place.size !== 8) continue;
    const value = await kernel.memory.u64(lock + BigInt(place.offset));
    if (value === undefined) return undefined;
    const task = value & ~field.flags;
    if (task === 0n || !kernel.memory.isKernelAddress(task)) return undefined;
    return { task, isReader: field.readerBit !== undefined && (value & field.readerBit) !== 0n };
  }
  return undefined;
}

/** Low bits of a rw_semaphore's count that say nothing of who has it: waiters, hand-off (kernel/locking/rwsem.c, 5.2). */
const rwsemNotes = 6n;

/**
 * Whether nobody has a lock by its own words, or what is waited for has happened already. Who sleeps for it then was not
 * woken, unless somebody is about to. Undefined where that cannot be told.
 */
export async function isFree(kernel: Kernel, kind: LockKind, lock: bigint): Promise<boolean | undefined> {
  switch (kind) {
    case 'mutex': {
      const owner = await numberAt(kernel, lock, 'mutex', ['owner.counter', 'owner']);
      return owner === undefined ? undefined : (owner & ~7n) === 0n;
    }
    case 'rwsem': {
      const count = await numberAt(kernel, lock, 'rw_semaphore', ['count.counter', 'count']);
      return count === undefined ? undefined : (count & ~rwsemNotes) === 0n;
    }
    case 'semaphore': {
      const count = await numberAt(kernel, lock, 'semaphore', ['count']);
      return count === undefined ? undefined : count > 0n;
    }
    case 'completion': {
      const done = await numberAt(kernel, lock, 'completion', ['done']);
      return done === undefined ? undefined : done > 0n;
    }
    default:
      return undefined;
  }
}

async function numberAt(
  { types, memory }: Kernel,
  address: bigint,
  type: string,
  paths: readonly string[],
): Promise<bigint | undefined> {
  for (const path of paths) {
    const place = types.member(type, path);
    if (place === undefined) continue;
    if (place.size === 8) return memory.u64(address + BigInt(place.offset));
    if (place.size !== 4) continue;
    const value = await memory.u32(address + BigInt(place.offset));
    return value === undefined ? undefined : BigInt(value);
  }
  return undefined;
}
