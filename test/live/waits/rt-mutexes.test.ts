import { describe, expect, test } from 'vitest';
import { otherHolders } from '../../../src/live/waits/other-holders.ts';
import { ownerOf } from '../../../src/live/waits/owners.ts';
import { lockAround, rtMutexOf, rtMutexOwner } from '../../../src/live/waits/rt-mutexes.ts';
import { StructureKernel, type Structures } from '../../kernel/structure-kernel.ts';
import { madeThread, madeWait } from '../made-threads.ts';

const tasks: Structures = {
  task_struct: [['pid', 'int'], ['pi_blocked_on', 'u64']],
  rt_mutex_waiter: [['prio', 'u64'], ['task', 'u64'], ['lock', 'u64']],
}; // biome-ignore format: structures
const young: Structures = { ...tasks, rt_mutex_base: [['wait_lock', 'u64'], ['owner', 'u64']] }; // biome-ignore format: one line
const old: Structures = { ...tasks, rt_mutex: [['wait_lock', 'u64'], ['owner', 'u64']] }; // biome-ignore format: one line
/** With CONFIG_PREEMPT_RT. */
const realTime: Structures = {
  ...young,
  mutex: [['rtmutex', 'rt_mutex_base']],
  rwbase_rt: [['readers', 'u64'], ['rtmutex', 'rt_mutex_base']],
  rw_semaphore: [['rwbase', 'rwbase_rt']],
}; // biome-ignore format: structures

const at = (nth: number): bigint => 0xffff_8880_0000_0000n + BigInt(nth) * 0x100n;
const [task, waiter, lock, owner] = [at(1), at(2), at(3), at(4)];

function made(structures: Structures, type: string): StructureKernel {
  const kernel = new StructureKernel(structures);
  kernel.put('task_struct', task, { pi_blocked_on: waiter });
  kernel.put('rt_mutex_waiter', waiter, { lock });
  return kernel.put(type, lock, { owner: owner | 1n });
}

describe('an rt_mutex', () => {
  test.each([
    ['5.15 and later', young, 'rt_mutex_base'],
    ['before', old, 'rt_mutex'],
  ] as const)('that a task is blocked on, and who has it: %s', async (_version, structures, type) => {
    const { kernel } = made(structures, type);
    expect(await rtMutexOf(kernel, task)).toBe(lock);
    expect(await rtMutexOwner(kernel, lock)).toBe(owner);
    expect(await ownerOf(kernel, 'rt-mutex', lock)).toEqual({ task: owner, isReader: false });
    expect(lockAround(kernel, 'rt-mutex', lock)).toBe(lock);
    // Only with PREEMPT_RT is a mutex one.
    expect(lockAround(kernel, 'mutex', lock)).toBeUndefined();
  });

  test('that other locks are made of', () => {
    const { kernel } = made(realTime, 'rt_mutex_base');
    expect(lockAround(kernel, 'mutex', lock)).toBe(lock);
    expect(lockAround(kernel, 'rwsem', lock)).toBe(lock - 8n);
  });

  test('of a PI futex tells who has that', async () => {
    const { kernel } = made(young, 'rt_mutex_base');
    const thread = madeThread({ task, pid: 7, frames: ['rt_mutex_wait_proxy_lock'] });
    const has = madeThread({ task: owner, pid: 8, frames: ['do_nanosleep'] });
    const wanted = { kind: 'futex', address: 0x1000n, waits: [madeWait(thread, 0)] } as const;
    const holders = (threads: readonly (typeof thread)[]) =>
      otherHolders(
        { kernel, threads, progress: undefined },
        { ...wanted, variables: () => Promise.reject(new Error('none are needed')) },
      );
    expect(await holders([thread, has])).toMatchObject([{ thread: has, task: owner }]);
    expect(await holders([thread])).toEqual([]);
  });

  test('is none where there is garbage', async () => {
    const { kernel } = new StructureKernel(young).put('task_struct', task, { pi_blocked_on: 0x40n });
    expect(await rtMutexOf(kernel, task)).toBeUndefined();
    expect(await rtMutexOf(kernel, at(9))).toBeUndefined();
    expect(await rtMutexOf(new StructureKernel({}).kernel, task)).toBeUndefined();
    expect(await rtMutexOwner(kernel, at(9))).toBeUndefined();
  });
});
