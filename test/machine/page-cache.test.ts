import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PageCache, pageBytes, pagesOf } from '../../src/machine/page-cache.ts';
import { memoryAt } from './stub.ts';

/** Every seventh page is not there. */
function memory(options: { mostPages?: number } = {}) {
  const fetched: [number, number][] = [];
  const cache = new PageCache(async (first, count) => {
    fetched.push([first, count]);
    return Array.from({ length: count }, (_, i) =>
      (first + i) % 7 === 0 ? undefined : memoryAt(BigInt(first + i) << 12n, pageBytes),
    );
  }, options);
  return { cache, fetched };
}

describe('a cache of pages', () => {
  test('gives what is there', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(40 * pageBytes), fc.nat(3 * pageBytes)), { maxLength: 12 }),
        fc.record({ mostPages: fc.nat(8) }),
        async (reads, options) => {
          const { cache } = memory(options);
          const all = reads.map(async ([start, length]) => {
            const bytes = await cache.read(BigInt(start), length);
            const last = Math.floor((start + Math.max(length, 1) - 1) / pageBytes);
            let isThere = true;
            for (let page = Math.floor(start / pageBytes); page <= last; page++) isThere &&= page % 7 !== 0;
            if (length === 0) expect(bytes).toHaveLength(0);
            else if (isThere) expect(Buffer.from(bytes ?? [])).toEqual(memoryAt(BigInt(start), length));
            else expect(bytes).toBeUndefined();
          });
          await Promise.all(all);
        },
      ),
    );
  });

  test('fetches a page once, missing ones too', async () => {
    const { cache, fetched } = memory();
    await Promise.all([cache.read(0x1000n, 8), cache.read(0x1ff8n, 16), cache.read(0x2000n, 8)]);
    await cache.read(0x1100n, 8);
    await cache.read(0x7000n, 8);
    await cache.read(0x7000n, 8);
    expect(fetched).toEqual([
      [1, 1],
      [2, 1],
      [7, 1],
    ]);
    cache.clear();
    await cache.read(0x1000n, 8);
    expect(fetched).toHaveLength(4);
  });

  test('fetches no more than what is missing, at once what follows each other', async () => {
    const { cache, fetched } = memory();
    for (const page of [20n, 2n, 3n]) await cache.read(page << 12n, 8);
    await cache.read(1n << 12n, 5 * pageBytes);
    expect(fetched).toEqual([
      [20, 1],
      [2, 1],
      [3, 1],
      [1, 1],
      [4, 2],
    ]);
  });

  test('does not copy what was fetched at once', async () => {
    const all = new Uint8Array(5 * pageBytes).subarray(pageBytes);
    const cache = new PageCache(async (first, count) =>
      pagesOf(all.subarray((first - 1) * pageBytes).subarray(0, count * pageBytes)),
    );
    const bytes = await cache.read(0x1800n, 2 * pageBytes);
    expect(bytes?.buffer).toBe(all.buffer);
    expect(bytes?.byteOffset).toBe(all.byteOffset + 0x800);
    expect(bytes).toHaveLength(2 * pageBytes);
  });

  test('has the last page of the address space, and none behind', async () => {
    const cache = new PageCache(async (_, count) => Array.from({ length: count }, () => new Uint8Array(pageBytes)));
    const last = (1n << 64n) - 4096n;
    expect(await cache.read(last - 8n, 8)).toBeDefined();
    expect(await cache.read(last, 4096)).toBeDefined();
    expect(await cache.read(last, 4097)).toBeUndefined();
    expect(await cache.read(-1n, 1)).toBeUndefined();
    expect(await cache.read(0x1000n, 2 ** 31)).toBeUndefined();
    expect(await cache.read(0x1000n, Number.NaN)).toBeUndefined();
  });

  test('forgets a fetch that failed', async () => {
    let isBroken = true;
    const cache = new PageCache(async () => {
      if (isBroken) throw new Error('gone');
      return [new Uint8Array(pageBytes)];
    });
    await expect(cache.read(0x1000n, 8)).rejects.toThrow('gone');
    isBroken = false;
    expect(await cache.read(0x1000n, 8)).toHaveLength(8);
  });
});
