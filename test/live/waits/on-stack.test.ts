import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitOf, folioOf, futexOf } from '../../../src/live/waits/on-stack.ts';
import { StructureKernel, type Structures } from '../../kernel/structure-kernel.ts';
import { madeThread } from '../made-threads.ts';

const structures: Structures = {
  wait_queue_entry: [['flags', 'u64'], ['private', 'u64']],
  futex_both: [['ptr', 'u64'], ['word', 'u64'], ['offset', 'u32']],
  futex_key: [['both', 'futex_both']],
  futex_q: [['list', 'u64'], ['task', 'u64'], ['key', 'futex_key']],
  wait_page_queue: [['folio', 'u64'], ['bit_nr', 'u32'], ['wait', 'wait_queue_entry']],
  wait_bit_key: [['flags', 'u64'], ['bit_nr', 'u32']],
  wait_bit_queue_entry: [['key', 'wait_bit_key'], ['wq_entry', 'wait_queue_entry']],
}; // biome-ignore format: structures

const { kernel } = new StructureKernel(structures);
const task = 0xffff_8880_0000_1000n;
const thread = (...stack: readonly bigint[]) => madeThread({ task, frames: ['__schedule'], stack });

describe('what is waited for, by what is on the stack', () => {
  test('a futex: the address in the program, and whose', () => {
    const found = futexOf(kernel, thread(0n, 1n, task, 0xffff_8880_0000_2000n, 0x7f00_0000_1000n, 0x234n));
    expect(found).toMatchObject({ address: 0x7f00_0000_1234n, space: 0xffff_8880_0000_2000n });
  });

  test('a futex in a file has no address', () => {
    expect(futexOf(kernel, thread(0n, task, 0xffff_8880_0000_2000n, 7n, 0x235n))).toBeUndefined();
  });

  test('a folio and its bit', () => {
    expect(folioOf(kernel, thread(0xffff_ea00_0000_1000n, 0n, 1n, task))).toMatchObject({
      address: 0xffff_ea00_0000_1000n,
      name: 'bit 0 of the folio at 0xffffea0000001000',
    });
    expect(folioOf(kernel, thread(0x1000n, 0n, 1n, task))).toBeUndefined();
  });

  test('a bit', () => {
    expect(bitOf(kernel, thread(0xffff_8880_0000_3000n, 3n, 1n, task))).toMatchObject({
      address: 0xffff_8880_0000_3000n,
    });
    expect(bitOf(kernel, thread(0xffff_8880_0000_3000n, 300n, 1n, task))).toBeUndefined();
  });

  test('garbage is nothing, or something that fits', () => {
    const word = fc.oneof(fc.constant(task), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (stack) => {
        for (const find of [futexOf, folioOf, bitOf]) {
          const found = find(kernel, thread(...stack));
          if (found !== undefined) expect(stack).toContain(task);
        }
      }),
    );
  });
});
