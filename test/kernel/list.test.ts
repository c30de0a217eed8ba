import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { walkChain, walkList, walkTree } from '../../src/kernel/list.ts';

const base = 0xffff_8880_0000_0000n;
const node = (index: number): bigint => base + BigInt(index * 16);

/** Words at the nodes: the next, or the left and right children. */
function memory(words: ReadonlyMap<bigint, bigint>) {
  return {
    u64: async (address: bigint) => words.get(address),
    isKernelAddress: (address: bigint) => address >= 0xffff_8000_0000_0000n,
  };
}

function ring(order: readonly number[]): Map<bigint, bigint> {
  return new Map(order.map((each, index) => [node(each), node(order[(index + 1) % order.length] ?? 0)]));
}

describe('a list', () => {
  test('ends at its head', async () => {
    expect(await walkList(memory(ring([0, 3, 1, 2])), node(0))).toEqual({ links: [node(3), node(1), node(2)] });
    expect(await walkList(memory(ring([0])), node(0))).toEqual({ links: [] });
  });

  test('that is broken is read as far as it goes', async () => {
    const circle = ring([0, 1, 2]).set(node(2), node(1));
    expect(await walkList(memory(circle), node(0))).toEqual({
      links: [node(1), node(2)],
      endsBecause: 'it leads in a circle',
    });
    const user = ring([0, 1]).set(node(1), 0x1000n);
    expect((await walkList(memory(user), node(0))).endsBecause).toBe('an element points at what is no kernel address');
    expect((await walkList(memory(ring([0, 1]).set(node(1), node(9))), node(0))).endsBecause).toBe(
      'an element cannot be read',
    );
    expect((await walkList(memory(ring([0, 1, 2, 3])), node(0), 2)).endsBecause).toBe('it is too long');
  });

  test('with a NULL at its end', async () => {
    const words = new Map([
      [node(0), node(1)],
      [node(1) + 8n, node(2)],
      [node(2) + 8n, 0n],
    ]);
    expect(await walkChain(memory(words), node(0), 10, 8n)).toEqual({ links: [node(1), node(2)] });
  });

  test('always ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 }), async (next) => {
        const words = new Map(next.map((to, from) => [node(from), node(to)]));
        const { links } = await walkList(memory(words), node(0), 20);
        expect(links.length).toBeLessThanOrEqual(20);
        expect(new Set(links).size).toBe(links.length);
      }),
    );
  });
});

describe('a tree', () => {
  const offsets = { left: 0n, right: 8n };

  test('is read in its order', async () => {
    const words = new Map<bigint, bigint>([[base - 8n, node(4)]]);
    const put = (at: number, left: number | undefined, right: number | undefined): void => {
      words
        .set(node(at), left === undefined ? 0n : node(left))
        .set(node(at) + 8n, right === undefined ? 0n : node(right));
    };
    put(4, 2, 5);
    put(2, 1, 3);
    for (const leaf of [1, 3, 5]) put(leaf, undefined, undefined);
    expect(await walkTree(memory(words), base - 8n, offsets)).toEqual({ links: [1, 2, 3, 4, 5].map(node) });
    put(5, 4, undefined);
    expect((await walkTree(memory(words), base - 8n, offsets)).endsBecause).toBe('it leads in a circle');
  });

  test('always ends', async () => {
    const edges = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 })), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(edges, async (children) => {
        const words = new Map<bigint, bigint>([[base - 8n, node(0)]]);
        for (const [index, [left, right]] of children.entries())
          words.set(node(index), left === 0 ? 0n : node(left)).set(node(index) + 8n, right === 0 ? 0n : node(right));
        const { links } = await walkTree(memory(words), base - 8n, offsets, 15);
        expect(links.length).toBeLessThanOrEqual(15);
        expect(new Set(links).size).toBe(links.length);
      }),
    );
  });
});
