import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFree, ownerOf } from '../../../src/live/waits/owners.ts';
import { waitersOf } from '../../../src/live/waits/waiter-lists.ts';
import { StructureKernel, type Structures } from '../../kernel/structure-kernel.ts';

const list: Structures[string] = [['next', 'u64'], ['prev', 'u64']]; // biome-ignore format: one line
const old: Structures = {
  list_head: list,
  mutex: [['owner', 'u64'], ['wait_list', 'list_head']],
  mutex_waiter: [['list', 'list_head'], ['task', 'u64']],
  rw_semaphore: [['count', 'u64'], ['owner', 'u64'], ['wait_list', 'list_head']],
  rwsem_waiter: [['list', 'list_head'], ['task', 'u64']],
  semaphore: [['count', 'u32'], ['wait_list', 'list_head']],
  semaphore_waiter: [['list', 'list_head'], ['task', 'u64']],
  swait_queue_head: [['task_list', 'list_head']],
  completion: [['done', 'u32'], ['wait', 'swait_queue_head']],
  swait_queue: [['task', 'u64'], ['task_list', 'list_head']],
}; // biome-ignore format: structures
/** Since 7.0. */
const young: Structures = { ...old, mutex: [['owner', 'u64'], ['first_waiter', 'u64']] }; // biome-ignore format: one line

const at = (nth: number): bigint => 0xffff_8880_0000_0000n + BigInt(nth) * 0x100n;

describe('who waits for a lock, by its list', () => {
  test('a list with a head', async () => {
    const made = new StructureKernel(old);
    made.put('mutex', at(1), { owner: at(9) | 1n, 'wait_list.next': at(2), 'wait_list.prev': at(3) });
    made.put('mutex_waiter', at(2), { 'list.next': at(3), task: at(20) });
    made.put('mutex_waiter', at(3), { 'list.next': made.at('mutex', 'wait_list', at(1)), task: at(30) });
    expect(await waitersOf(made.kernel, 'mutex', at(1))).toEqual([at(20), at(30)]);
    expect(await waitersOf(made.kernel, 'mutex', at(1), at(20))).toEqual([at(20)]);
    expect(await ownerOf(made.kernel, 'mutex', at(1))).toEqual({ task: at(9), isReader: false });
  });

  test('a ring that begins at the first waiter', async () => {
    const made = new StructureKernel(young);
    made.put('mutex', at(1), { first_waiter: at(2) });
    made.put('mutex_waiter', at(2), { 'list.next': at(3), task: at(20) });
    made.put('mutex_waiter', at(3), { 'list.next': at(2), task: at(30) });
    expect(await waitersOf(made.kernel, 'mutex', at(1))).toEqual([at(20), at(30)]);
  });

  test('a completion', async () => {
    const made = new StructureKernel(old);
    const node = made.at('swait_queue', 'task_list', at(2));
    made.put('completion', at(1), { 'wait.task_list.next': node });
    made.put('swait_queue', at(2), { task: at(20), 'task_list.next': made.at('completion', 'wait.task_list', at(1)) });
    expect(await waitersOf(made.kernel, 'completion', at(1))).toEqual([at(20)]);
  });

  test('always comes to an end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(12), { minLength: 12, maxLength: 12 }), async (links) => {
        const made = new StructureKernel(old);
        for (const [nth, link] of links.entries())
          made.put('mutex_waiter', at(nth), { 'list.next': at(link), task: at(100 + nth) });
        expect((await waitersOf(made.kernel, 'mutex', at(0))).length).toBeLessThan(14);
      }),
    );
  });

  test('nothing is there where nothing can be read', async () => {
    const { kernel } = new StructureKernel(old);
    expect(await waitersOf(kernel, 'mutex', at(1))).toEqual([]);
    expect(await waitersOf(kernel, 'mutex', 0x10n)).toEqual([]);
    expect(await ownerOf(kernel, 'mutex', at(1))).toBeUndefined();
    expect(await isFree(kernel, 'mutex', at(1))).toBeUndefined();
  });
});

test.each([
  ['mutex', { owner: 1n }, true],
  ['mutex', { owner: at(3) }, false],
  ['rwsem', { count: 2n }, true],
  ['rwsem', { count: 3n }, false],
  ['rwsem', { count: 0x102n }, false],
  ['semaphore', { count: 1n }, true],
  ['semaphore', { count: 0n }, false],
  ['completion', { done: 1n }, true],
  ['completion', { done: 0n }, false],
] as const)('whether a %s with %o is free', async (kind, values, expected) => {
  const made = new StructureKernel(old);
  made.put(kind === 'rwsem' ? 'rw_semaphore' : kind, at(1), values);
  expect(await isFree(made.kernel, kind, at(1))).toBe(expected);
});
