import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Kernel } from '../../../src/kernel/kernel.ts';
import { sleepSite, waitQueueOf } from '../../../src/live/waits/wait-queues.ts';
import { isWaiterOf } from '../../../src/live/waits/waiter-lists.ts';
import { StructureKernel, type Structures } from '../../kernel/structure-kernel.ts';
import { madeThread, stackStart } from '../made-threads.ts';

const structures: Structures = {
  list_head: [['next', 'u64'], ['prev', 'u64']],
  wait_queue_entry: [['flags', 'u64'], ['private', 'u64'], ['func', 'u64'], ['entry', 'list_head']],
  wait_queue_head: [['lock', 'u64'], ['head', 'list_head']],
  rcuwait: [['task', 'u64']],
  percpu_rw_semaphore: [['rss', 'u64[4]'], ['writer', 'rcuwait'], ['waiters', 'wait_queue_head'], ['block', 'int']],
}; // biome-ignore format: structures

const text = 0xffff_ffff_8100_0000n;
const wake = text + 0x500n;
const task = 0xffff_8880_0000_1000n;
const queue = 0xffff_8880_0000_2000n;

/** The kernel's code is one page. */
function withText({ kernel }: StructureKernel): Kernel {
  Object.assign(kernel.symbols, { isText: (address: bigint) => address >> 12n === text >> 12n });
  return kernel;
}

/** A queue in which tasks wait whose entries are at these addresses. */
function made(entries: readonly bigint[], type = 'wait_queue_head', path = 'head'): StructureKernel {
  const kernel = new StructureKernel(structures);
  const head = kernel.at(type, path, queue);
  const nodes = [head, ...entries.map((entry) => kernel.at('wait_queue_entry', 'entry', entry))];
  const next = (nth: number): bigint => nodes[(nth + 1) % nodes.length] ?? head;
  const before = (nth: number): bigint => nodes[(nth + nodes.length - 1) % nodes.length] ?? head;
  kernel.put(type, queue, { [`${path}.next`]: next(0), [`${path}.prev`]: before(0) });
  for (const [nth, entry] of entries.entries())
    kernel.put('wait_queue_entry', entry, {
      ...{ private: task + BigInt(nth) * 0x100n, func: wake },
      ...{ 'entry.next': next(nth + 1), 'entry.prev': before(nth + 1) },
    });
  return kernel;
}

/** A task that sleeps, with its entry behind two words of its stack. */
const sleeper = (more: readonly bigint[] = [0n, 7n]) =>
  madeThread({ task, frames: ['__schedule', 'schedule', 'frob_get f.c:3'], stack: [...more, 0n, task, wake] });
const ownEntry = stackStart + 16n;

describe('the queue that a task sleeps in', () => {
  test('is found by its entry, whoever else is in it', async () => {
    const others = [0xffff_c900_0000_8000n, 0xffff_c900_0000_9000n];
    for (const entries of [[ownEntry], [ownEntry, ...others], [ownEntry, others[0] ?? 0n]])
      expect(await waitQueueOf(withText(made(entries)), sleeper())).toEqual({
        ...{ address: queue, how: 'its entry on the stack' },
      });
  });

  test('is none where the links lead elsewhere, or nobody wakes', async () => {
    const broken = made([ownEntry]).word(queue + 16n, 0x1234n);
    expect(await waitQueueOf(withText(broken), sleeper())).toBeUndefined();
    const asleep = made([ownEntry]).put('wait_queue_entry', ownEntry, { private: task });
    expect(await waitQueueOf(withText(asleep), sleeper())).toBeUndefined();
    expect(await waitQueueOf(new StructureKernel({}).kernel, sleeper())).toBeUndefined();
  });

  test('never keeps who looks for it', async () => {
    const nodes = [0n, 1n, 2n, 3n].map((nth) => 0xffff_c900_0000_8000n + nth * 64n);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 4, maxLength: 4 }), async (links) => {
        const kernel = made([ownEntry]);
        const entry = (nth: number): bigint => kernel.at('wait_queue_entry', 'entry', nodes[nth] ?? ownEntry);
        for (const [nth, [next, prev]] of links.entries())
          kernel.put('wait_queue_entry', nodes[nth] ?? 0n, {
            ...{ func: wake, 'entry.next': entry(next), 'entry.prev': entry(prev) },
          });
        kernel.put('wait_queue_entry', ownEntry, { private: task, func: wake, 'entry.next': entry(0) });
        await waitQueueOf(withText(kernel), sleeper());
      }),
      { numRuns: 50 },
    );
  });

  test('is waited in where the scheduler was called', () => {
    expect(sleepSite(sleeper())).toMatchObject({ nth: 2, at: { function: 'frob_get' } });
    expect(sleepSite(madeThread({ frames: ['frob_get'] }))).toBeUndefined();
    expect(sleepSite(madeThread({ frames: [] }))).toBeUndefined();
  });
});

test('who waits for a per-CPU semaphore: readers in its queue, the writer for them', async () => {
  const kernel = made([ownEntry], 'percpu_rw_semaphore', 'waiters.head');
  expect(await isWaiterOf(kernel.kernel, 'percpu-rwsem', queue, task)).toBe(true);
  const writer = 0xffff_8880_0000_5000n;
  expect(await isWaiterOf(kernel.kernel, 'percpu-rwsem', queue, writer)).toBe(false);
  kernel.word(kernel.at('percpu_rw_semaphore', 'writer.task', queue), writer);
  expect(await isWaiterOf(kernel.kernel, 'percpu-rwsem', queue, writer)).toBe(true);
});
