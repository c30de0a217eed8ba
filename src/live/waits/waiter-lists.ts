import type { Kernel } from '../../kernel/kernel.ts';
import type { LockKind } from '../../model/live.ts';

/** How a lock knows who waits for it: a list of waiters, each on the stack of a task that sleeps. */
interface WaiterList {
  readonly lock: string;
  /** Members of the lock that lead to the first waiter, of the one or the other version. */
  readonly heads: readonly { readonly path: string; readonly isList: boolean }[];
  readonly waiter: string;
  /** The node of the list in the waiter. */
  readonly node: string;
  /** The task in the waiter. */
  readonly task: string;
}

/**
 * kernel/locking/{mutex,rwsem,semaphore}.c, kernel/sched/{swait,wait}.c. Lists until 7.0; since then some locks point to
 * their first waiter (`first_waiter`).
 */
const waiterLists: Partial<Readonly<Record<LockKind, WaiterList>>> = {
  mutex: {
    lock: 'mutex',
    heads: [
      { path: 'wait_list', isList: true },
      { path: 'first_waiter', isList: false },
    ],
    waiter: 'mutex_waiter',
    node: 'list',
    task: 'task',
  },
  rwsem: {
    lock: 'rw_semaphore',
    heads: [
      { path: 'wait_list', isList: true },
      { path: 'first_waiter', isList: false },
    ],
    waiter: 'rwsem_waiter',
    node: 'list',
    task: 'task',
  },
  semaphore: {
    lock: 'semaphore',
    heads: [
      { path: 'wait_list', isList: true },
      { path: 'first_waiter', isList: false },
    ],
    waiter: 'semaphore_waiter',
    node: 'list',
    task: 'task',
  },
  completion: {
    lock: 'completion',
    heads: [{ path: 'wait.task_list', isList: true }],
    waiter: 'swait_queue',
    node: 'task_list',
    task: 'task',
  },
  'percpu-rwsem': {
    lock: 'percpu_rw_semaphore',
    heads: [{ path: 'waiters.head', isList: true }],
    waiter: 'wait_queue_entry',
    node: 'entry',
    task: 'private',
  },
  'wait-queue': {
    lock: 'wait_queue_head',
    heads: [{ path: 'head', isList: true }],
    waiter: 'wait_queue_entry',
    node: 'entry',
    task: 'private',
  },
};

const mostWaiters = 256;

/** Whether a task waits for a lock, by the lock's own list. */
export async function isWaiterOf(kernel: Kernel, kind: LockKind, lock: bigint, task: bigint): Promise<boolean> {
  if (kind === 'percpu-rwsem' && (await isWriterOf(kernel, lock, task))) return true;
  return (await waitersOf(kernel, kind, lock, task)).includes(task) && (await isHead(kernel, kind, lock));
}

/** Whether a task waits for the readers of a percpu_rw_semaphore, in `struct rcuwait writer`. */
async function isWriterOf({ types, memory }: Kernel, lock: bigint, task: bigint): Promise<boolean> {
  const place = types.member('percpu_rw_semaphore', 'writer.task');
  return place !== undefined && (await memory.u64(lock + BigInt(place.offset))) === task;
}

/** What leads into a list is its head only if the first element leads back to it: of addresses within a lock none does. */
async function isHead({ types, memory }: Kernel, kind: LockKind, lock: bigint): Promise<boolean> {
  const list = waiterLists[kind];
  const place = list?.heads.map(({ path, isList }) => (isList ? types.member(list.lock, path) : undefined))[0];
  if (place === undefined) return true;
  const start = lock + BigInt(place.offset);
  const first = await memory.u64(start);
  // `struct list_head`: the pointer to the element before is the second.
  return first !== undefined && (await memory.u64(first + 8n)) === start;
}

/**
 * Addresses of the `task_struct`s of those who wait for a lock, in their order.
 * @param until the list is read up to this one.
 */
export async function waitersOf(kernel: Kernel, kind: LockKind, lock: bigint, until?: bigint): Promise<bigint[]> {
  const list = waiterLists[kind];
  const { types, memory } = kernel;
  if (list === undefined || !memory.isKernelAddress(lock)) return [];
  const node = types.member(list.waiter, list.node);
  const task = types.member(list.waiter, list.task);
  const head = list.heads
    .map((each) => ({ ...each, place: types.member(list.lock, each.path) }))
    .find(({ place }) => place);
  if (node === undefined || task === undefined || head?.place === undefined) return [];
  const start = lock + BigInt(head.place.offset);
  const tasks: bigint[] = [];
  let next = await memory.u64(start);
  // The list is entered by its head, or at the first waiter; it is closed in both cases.
  const first = next !== undefined && !head.isList ? next + BigInt(node.offset) : next;
  next = first;
  const seen = new Set<bigint>();
  while (next !== undefined && next !== start && !seen.has(next) && seen.size < mostWaiters) {
    if (!memory.isKernelAddress(next)) break;
    seen.add(next);
    const waiting = await memory.u64(next - BigInt(node.offset) + BigInt(task.offset));
    if (waiting === undefined) break;
    tasks.push(waiting);
    if (waiting === until) break;
    next = await memory.u64(next);
  }
  return tasks;
}

/** Kinds of locks that have such a list. */
export const hasWaiterList = (kind: LockKind): boolean => waiterLists[kind] !== undefined;
