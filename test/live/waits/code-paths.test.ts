import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { functionCode, type PlacedInstruction } from '../../../src/code/function-code.ts';
import type { DecodedInstruction } from '../../../src/code/instruction.ts';
import { goBack, unchangedBefore } from '../../../src/live/waits/code-paths.ts';

type Made = Partial<DecodedInstruction>;

const place = (made: readonly Made[]): PlacedInstruction[] =>
  made.map((each, nth) => ({
    address: BigInt(nth),
    instruction: {
      length: 1,
      text: '',
      mnemonic: 'mov',
      valid: true,
      memory: [],
      reads: [],
      writes: [],
      flow: 'next',
      ...each,
    },
  }));

/** Instructions of one byte each, so that addresses are indexes. */
const code = (made: readonly Made[], patched: readonly number[] = []) =>
  functionCode('x86_64', place(made), { fromEntry: true, isWhole: true, isPatched: (nth) => patched.includes(nth) });

const jump = (target: number): Made => ({ flow: 'jump', target: BigInt(target) });
const branch = (target: number): Made => ({ flow: 'branch', target: BigInt(target) });

async function visited(from: number, made: readonly Made[], patched?: readonly number[]): Promise<number[]> {
  const seen: number[] = [];
  await goBack(code(made, patched), from, (nth) => seen.push(nth) > 0);
  return seen.sort((a, b) => a - b);
}

describe('ways back', () => {
  test('lead over jumps, and not through code that goes elsewhere', async () => {
    // 0: branch 3; 1: ; 2: return; 3: here
    expect(await visited(3, [branch(3), {}, { flow: 'return' }, {}])).toEqual([0]);
    expect(await visited(3, [{}, jump(3), {}, {}])).toEqual([0, 1, 2]);
  });

  test('lead behind a jump that the kernel may have taken out', async () => {
    expect(await visited(1, [jump(2), {}, { flow: 'return' }])).toEqual([]);
    expect(await visited(1, [jump(2), {}, { flow: 'return' }], [0])).toEqual([0]);
  });

  test('end where they are told to', async () => {
    const seen: number[] = [];
    await goBack(code([{}, {}, {}, {}]), 3, (nth) => {
      seen.push(nth);
      return nth > 2;
    });
    expect(seen).toEqual([2]);
  });

  test('a register has the same value back to where it is written, whatever is elsewhere in the code', () => {
    // 0: writes; 1: branch 4; 2: writes, as at an end; 3: return; 4: ; 5: here
    const made = [{ writes: ['rbx'] }, branch(4), { writes: ['rbx'] }, { flow: 'return' as const }, {}, {}];
    expect([...unchangedBefore(code(made), 'rbx', 5)].sort()).toEqual([1, 4, 5]);
  });

  test('always come to an end', async () => {
    const step = fc.oneof(fc.constant<Made>({}), fc.nat(19).map(jump), fc.nat(19).map(branch));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), fc.nat(19), async (made, from) => {
        const seen = await visited(Math.min(from, made.length - 1), made);
        expect(new Set(seen).size).toBe(seen.length);
      }),
    );
  });
});
