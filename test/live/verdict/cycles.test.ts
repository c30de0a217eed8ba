import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findCycles } from '../../../src/live/verdict/cycles.ts';
import { madeContention, madeThread, madeWait } from '../made-threads.ts';

test('cycles are closed, and there is an end to any tangle', () => {
  const edge = fc.tuple(fc.nat(9), fc.nat(9));
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 40 }), (edges) => {
      const threads = Array.from({ length: 10 }, (_, pid) => madeThread({ pid, frames: ['f'] }));
      const contentions = edges.flatMap(([from, to]) => {
        const [waiter, holder] = [threads[from], threads[to]];
        if (waiter === undefined || holder === undefined) return [];
        return [madeContention({ waits: [madeWait(waiter, 0)], holders: [{ thread: holder, how: 'x' }] })];
      });
      const cycles = findCycles(contentions);
      expect(cycles.length).toBeLessThanOrEqual(16);
      for (const cycle of cycles)
        for (const [nth, { holder }] of cycle.entries())
          expect(holder.thread).toBe(cycle[(nth + 1) % cycle.length]?.wait.site.thread);
      // A thread that waits for itself is always told of.
      if (edges.some(([from, to]) => from === to)) expect(cycles.length).toBeGreaterThan(0);
    }),
  );
});
