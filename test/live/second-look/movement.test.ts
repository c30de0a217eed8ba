import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CpuMark, MarkFrame } from '../../../src/live/second-look/mark.ts';
import { movementOf } from '../../../src/live/second-look/movement.ts';

/** `function offset depth`: depth counts stack words from the outermost. */
const frame = (fn: number, offset: number, depth: number, isEntry = false): MarkFrame => ({
  ...{ function: BigInt(fn), pc: BigInt(fn + offset), sp: 0x8000n - BigInt(depth) * 8n, isEntry },
});

const thread = [frame(0x2000, 9, 1), frame(0x1000, 5, 0)];
const loop = (offset: number): readonly MarkFrame[] => [frame(0x3000, offset, 2), ...thread];

const mark = (more: Partial<CpuMark> = {}): CpuMark => ({
  ...{ id: 0, task: 7n, lastArrival: 100n, switches: 3n, due: 500n, interruptsOff: true, frames: loop(1) },
  ...more,
});

describe('a CPU between two looks', () => {
  test('that took no tick, with interrupts off, is stuck', () => {
    expect(movementOf(mark(), mark({ frames: loop(8) }))).toEqual({
      ...{ kind: 'stuck', tookNoTick: true, isSamePlace: true },
    });
  });

  test('is stuck in whatever it runs meanwhile', () => {
    const elsewhere = [frame(0x7000, 1, 4), frame(0x6000, 1, 3), frame(0x5000, 1, 2), frame(0x4000, 1, 0)];
    expect(movementOf(mark(), mark({ frames: elsewhere }))).toEqual({
      ...{ kind: 'stuck', tookNoTick: true, isSamePlace: false },
    });
  });

  test.each<[string, Partial<CpuMark>]>([
    ['took a tick', { due: 504n }],
    ['runs another task', { task: 8n }],
    ['ran another one in between', { lastArrival: 101n }],
    ['switched', { switches: 5n }],
    ['is in user space', { frames: [] }],
  ])('that %s has moved', (_what, after) => {
    expect(movementOf(mark(), mark(after))).toEqual({ kind: 'moved' });
  });

  test('spins with interrupts on, and takes its ticks', () => {
    const on = { interruptsOff: false };
    const after = mark({ ...on, due: 900n, frames: [frame(0x9000, 3, 3), ...loop(4)] });
    expect(movementOf(mark(on), after)).toEqual({ kind: 'stuck', tookNoTick: false, isSamePlace: true });
    const elsewhere = mark({ ...on, due: 900n, frames: [frame(0x9000, 3, 2), ...thread] });
    expect(movementOf(mark(on), elsewhere)).toEqual({ kind: 'moved' });
  });

  test('is found below an interrupt too', () => {
    const on = { interruptsOff: false };
    const tick = [frame(0xb000, 1, 9), frame(0xa000, 1, 8, true)];
    const after = mark({ ...on, due: 900n, frames: [...tick, ...loop(4)] });
    expect(movementOf(mark(on), after)).toMatchObject({ kind: 'stuck', isSamePlace: true });
  });

  test('cannot be told where nothing is counted', () => {
    const { lastArrival: _, switches: __, due: ___, ...bare } = mark();
    expect(movementOf(bare, bare)).toBeUndefined();
  });

  test('never stays where it was and moves as well', () => {
    const frames = fc.array(
      fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.boolean()).map(([a, b, c, d]) => frame(a * 16, b, c, d)),
    );
    fc.assert(
      fc.property(frames, frames, fc.bigInt({ min: 0n, max: 2n }), (one, other, due) => {
        const found = movementOf(mark({ frames: one }), mark({ frames: other, due }));
        if (one.length === 0 || other.length === 0 || due !== 500n) expect(found).toEqual({ kind: 'moved' });
      }),
    );
  });
});
