import { describe, expect, test } from 'vitest';
import { readWindow } from '../../src/kernel/window.ts';

const base = 0xffff_8880_0000_0f00n;

/** Memory of which these pages are missing; each byte is the low one of its address. */
function memory(...missing: readonly bigint[]) {
  return {
    read: async (address: bigint, length: number): Promise<Uint8Array | undefined> => {
      for (let page = address >> 12n; page <= (address + BigInt(length) - 1n) >> 12n; page++)
        if (missing.includes(page)) return undefined;
      return Uint8Array.from({ length }, (_, index) => Number((address + BigInt(index)) & 0xffn));
    },
  };
}

describe('a window', () => {
  test('has all that is there', async () => {
    const window = await readWindow(memory(), base, 200_000);
    expect(window.length).toBe(200_000);
    expect(window.missing).toEqual([]);
    expect(window.whole?.[131_071]).toBe(Number((base + 131_071n) & 0xffn));
    expect(window.slice(199_999, 2)).toBeUndefined();
    expect(window.slice(-1, 2)).toBeUndefined();
    expect(window.text(0x10, 1000)).toHaveLength(0xf0);
    expect(window.text(0x10, 100)).toBeUndefined();
  });

  test('lacks pages that are not there, and no more', async () => {
    const first = (base >> 12n) + 1n;
    const window = await readWindow(memory(first, first + 1n, first + 5n), base, 40_000);
    expect(window.missing).toEqual([
      { start: 0x100, end: 0x2100 },
      { start: 0x5100, end: 0x6100 },
    ]);
    expect(window.whole).toBeUndefined();
    expect(window.slice(0, 0x100)).toHaveLength(0x100);
    expect(window.slice(0, 0x101)).toBeUndefined();
    expect(window.slice(0x2100, 0x3000)).toHaveLength(0x3000);
    expect(window.slice(0x2100, 0x3001)).toBeUndefined();
    expect(window.slice(0x6100, 16)).toHaveLength(16);
  });

  test('is never too large', async () => {
    const window = await readWindow({ read: async () => undefined }, 0n, -5);
    expect(window.length).toBe(0);
  });
});
