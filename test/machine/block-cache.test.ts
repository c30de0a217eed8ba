import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockCache } from '../../src/machine/block-cache.ts';

const base = 0xffff_8880_0000_0000n;
const byteAt = (address: bigint): number => Number((address * 7n + (address >> 12n)) & 0xffn);

/** Memory of which every fifth page is missing, and what was asked of it. */
function made(blockBytes: number) {
  const asked: { address: bigint; length: number }[] = [];
  const isThere = (address: bigint): boolean => ((address - base) >> 12n) % 5n !== 4n;
  const cache = new BlockCache(async (address, length) => {
    asked.push({ address, length });
    if (!isThere(address)) return undefined;
    return Uint8Array.from({ length }, (_, nth) => byteAt(address + BigInt(nth)));
  }, blockBytes);
  return { cache, asked, isThere };
}

describe('memory in blocks', () => {
  test('is asked for no more than is needed, and once', async () => {
    const { cache, asked } = made(256);
    expect(await cache.read(base + 0x110n, 16)).toHaveLength(16);
    expect(await cache.read(base + 0x1f0n, 32)).toHaveLength(32);
    expect(asked).toEqual([
      { address: base + 0x100n, length: 256 },
      { address: base + 0x200n, length: 256 },
    ]);
    // Those behind each other at once, but for what is known.
    await Promise.all([cache.read(base, 4096), cache.read(base + 0x800n, 8)]);
    expect(asked.slice(2)).toEqual([
      { address: base, length: 256 },
      { address: base + 0x300n, length: 0xd00 },
    ]);
    cache.clear();
    await cache.read(base, 1);
    expect(asked).toHaveLength(5);
  });

  test('is asked for page by page', async () => {
    const { cache, asked } = made(256);
    expect(await cache.read(base + 0xf80n, 256)).toHaveLength(256);
    expect(asked.map(({ length }) => length)).toEqual([256, 256]);
  });

  test('that failed is asked for again', async () => {
    let times = 0;
    const cache = new BlockCache(async (_address, length) => {
      if (times++ === 0) throw new Error('the line is gone');
      return new Uint8Array(length);
    }, 256);
    await expect(cache.read(base, 8)).rejects.toThrow('the line is gone');
    expect(await cache.read(base, 8)).toHaveLength(8);
  });

  test.each([
    [-1n, 4],
    [(1n << 64n) - 2n, 4],
    [0n, -1],
    [0n, 0.5],
    [0n, 1e9],
  ])('has nothing at %d of %d bytes', async (address, length) => {
    expect(await made(256).cache.read(address, length)).toBeUndefined();
  });

  test('is what it is, however it is asked for', async () => {
    const reads = fc.array(fc.tuple(fc.integer({ min: 0, max: 0x8000 }), fc.integer({ min: 0, max: 0x1800 })), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(reads, fc.constantFrom(64, 256, 4096), async (all, blockBytes) => {
        const { cache, asked, isThere } = made(blockBytes);
        const found = await Promise.all(all.map(([at, length]) => cache.read(base + BigInt(at), length)));
        for (const [nth, [at, length]] of all.entries()) {
          const addresses = Array.from({ length }, (_, i) => base + BigInt(at + i));
          const expected = addresses.every(isThere) ? addresses.map(byteAt) : undefined;
          expect(found[nth] && [...found[nth]]).toEqual(expected);
        }
        for (const { address, length } of asked) {
          expect(address % BigInt(blockBytes)).toBe(0n);
          expect(address >> 12n).toBe((address + BigInt(length) - 1n) >> 12n);
        }
      }),
      { numRuns: 60 },
    );
  });
});
