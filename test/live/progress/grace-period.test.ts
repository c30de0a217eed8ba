import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCalls } from '../../../src/live/progress/calls.ts';
import { readGracePeriod } from '../../../src/live/progress/grace-period.ts';
import { StructureKernel, type Structures } from '../../kernel/structure-kernel.ts';

const structures: Structures = {
  list_head: [['next', 'u64'], ['prev', 'u64']],
  rcu_state: [['gp_seq', 'u64'], ['gp_start', 'u64']],
  rcu_data: [['mynode', 'u64'], ['grpmask', 'u64']],
  rcu_node: [['qsmask', 'u64'], ['gp_tasks', 'u64'], ['blkd_tasks', 'list_head']],
  task_struct: [['pid', 'u64'], ['rcu_node_entry', 'list_head']],
  call_function_data: [['csd', 'u64']],
  __call_single_node: [['llist', 'u64'], ['u_flags', 'u32']],
  __call_single_data: [['node', '__call_single_node']],
}; // biome-ignore format: structures

const at = (nth: number): bigint => 0xffff_8880_0000_0000n + BigInt(nth) * 0x1000n;
const cpus = [0, 1].map((id) => ({ id, offset: BigInt(id) * 0x10_0000n, isPresent: true, isOnline: true }));
const clock = { now: 0n, jiffies: 5000n, rate: 250 };

/** A grace period that waits for CPU 1, and for a task that was switched away from. */
function made(): StructureKernel {
  const kernel = new StructureKernel(structures);
  kernel.symbol('rcu_state', at(1)).symbol('rcu_data', at(2));
  kernel.put('rcu_state', at(1), { gp_seq: 9n, gp_start: 4000n });
  for (const { id, offset } of cpus)
    kernel.put('rcu_data', at(2) + offset, { mynode: at(3), grpmask: 1n << BigInt(id) });
  const [first, second] = [4, 5].map((nth) => kernel.at('task_struct', 'rcu_node_entry', at(nth)));
  kernel.put('rcu_node', at(3), { qsmask: 2n, gp_tasks: second ?? 0n, 'blkd_tasks.next': first ?? 0n });
  kernel.put('task_struct', at(4), { 'rcu_node_entry.next': second ?? 0n });
  kernel.put('task_struct', at(5), { 'rcu_node_entry.next': kernel.at('rcu_node', 'blkd_tasks', at(3)) });
  return kernel;
}

describe('a grace period', () => {
  test('says since when, and for whom it waits', async () => {
    expect(await readGracePeriod(made().kernel, cpus, clock)).toEqual({
      ...{ address: at(1), age: 4_000_000_000n, cpus: [1] },
      // The one before `gp_tasks` is of the next.
      readers: [at(5)],
    });
  });

  test('that is over is none', async () => {
    const kernel = made().put('rcu_state', at(1), { gp_seq: 8n });
    expect(await readGracePeriod(kernel.kernel, cpus, clock)).toBeUndefined();
    expect(await readGracePeriod(new StructureKernel({}).kernel, cpus, clock)).toBeUndefined();
  });

  test('of garbage ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.bigInt({ min: 0n, max: 8n }), { minLength: 6, maxLength: 6 }), async (links) => {
        const kernel = made();
        for (const [nth, link] of links.entries()) kernel.word(at(3) + BigInt(nth * 8), at(Number(link)));
        const found = await readGracePeriod(kernel.kernel, cpus, clock);
        expect(found?.readers.length ?? 0).toBeLessThanOrEqual(64);
      }),
      { numRuns: 50 },
    );
  });
});

describe('calls of other CPUs', () => {
  test('those that have not answered', async () => {
    const kernel = new StructureKernel(structures).symbol('cfd_data', at(20));
    for (const { offset } of cpus) {
      kernel.put('call_function_data', at(20) + offset, { csd: at(21) });
      kernel.put('__call_single_data', at(21) + offset, { 'node.u_flags': offset === 0n ? 1n : 0x11n });
    }
    expect(await readCalls(kernel.kernel, cpus, [0])).toEqual([{ from: 0, to: [1] }]);
    expect(await readCalls(kernel.kernel, cpus, [])).toEqual([]);
    expect(await readCalls(new StructureKernel({}).kernel, cpus, [0])).toEqual([]);
  });
});
