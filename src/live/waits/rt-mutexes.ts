import type { Kernel } from '../../kernel/kernel.ts';
import { memberPlace } from '../../kernel/view.ts';
import type { LockKind } from '../../model/live.ts';

/** `struct rt_mutex_base` since 5.15; before, all that matters is in `struct rt_mutex`. */
const bases = ['rt_mutex_base', 'rt_mutex'];
/** RT_MUTEX_HAS_WAITERS (kernel/locking/rtmutex_common.h). */
const ownerFlags = 1n;

/** What of a lock is an rt_mutex, with CONFIG_PREEMPT_RT (include/linux/{mutex,rwbase_rt,spinlock_types}.h). */
const within: Partial<Readonly<Record<LockKind, readonly (readonly [type: string, path: string])[]>>> = {
  mutex: [['mutex', 'rtmutex']],
  rwsem: [['rw_semaphore', 'rwbase.rtmutex']],
};

/**
 * The rt_mutex that a task is blocked on, by `task_struct.pi_blocked_on` (kernel/locking/rtmutex.c): a mutex of its own,
 * that of a PI futex, or with PREEMPT_RT what most locks are made of. Address of the `rt_mutex_base`.
 */
export async function rtMutexOf({ types, memory }: Kernel, task: bigint): Promise<bigint | undefined> {
  const blocked = memberPlace(types, 'task_struct', 'pi_blocked_on');
  const place = memberPlace(types, 'rt_mutex_waiter', 'lock');
  const waiter = blocked && (await memory.u64(task + BigInt(blocked.offset)));
  if (place === undefined || waiter === undefined || !memory.isKernelAddress(waiter)) return undefined;
  const lock = await memory.u64(waiter + BigInt(place.offset));
  return lock === undefined || !memory.isKernelAddress(lock) ? undefined : lock;
}

/** The lock of a kind that an rt_mutex is part of; of other kinds they are the same. */
export function lockAround({ types }: Kernel, kind: LockKind, base: bigint): bigint | undefined {
  const places = within[kind];
  if (places === undefined) return base;
  for (const [type, path] of places) {
    const place = memberPlace(types, type, path);
    if (place !== undefined) return base - BigInt(place.offset);
  }
  return undefined;
}

/** Address of the `task_struct` that owns an rt_mutex. */
export async function rtMutexOwner({ types, memory }: Kernel, base: bigint): Promise<bigint | undefined> {
  for (const type of bases) {
    const place = memberPlace(types, type, 'owner');
    if (place === undefined) continue;
    const value = await memory.u64(base + BigInt(place.offset));
    const task = value === undefined ? undefined : value & ~ownerFlags;
    return task !== undefined && memory.isKernelAddress(task) ? task : undefined;
  }
  return undefined;
}
