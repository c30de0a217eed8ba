import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findKallsyms, indexesOf, type Kallsyms, namesOf } from '../../../src/kernel/kallsyms/find-kallsyms.ts';
import { layouts, madeSymbols, madeTables } from './made-tables.ts';

const start = 0xffff_ffff_8100_0000n;

/** Addresses of all symbols, the first byte being at `start`. */
function addresses({ at }: Kallsyms, first: bigint): bigint[] {
  return [...at.values].map((value) => BigInt.asUintN(64, BigInt(value) + (at.kind === 'relative' ? first : 0n)));
}

describe.each(Object.entries(layouts))('tables of %s', (_, layout) => {
  const perCpu = layout.kind === 'base-per-cpu' ? 20 : 0;

  test('all symbols are found', () => {
    const symbols = madeSymbols(3000, start, perCpu);
    const found = findKallsyms(madeTables(symbols, layout, start));
    expect(found?.count).toBe(symbols.length);
    if (found === undefined) return;
    expect(namesOf(found)).toEqual(symbols.map(({ name }) => name));
    expect(addresses(found, start)).toEqual(symbols.map(({ address }) => address));
    expect(String.fromCharCode(...found.types.subarray(0, 100))).toBe(
      symbols.slice(0, 100).reduce((all, { type }) => all + type, ''),
    );
  });

  test('whatever their number, and whatever is around them', () => {
    const sizes = fc.integer({ min: 800, max: 2000 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 64 }), (count, pages) => {
        const symbols = madeSymbols(count, start, perCpu);
        const found = findKallsyms(madeTables(symbols, layout, start, pages * 64));
        expect(found && addresses(found, start)).toEqual(symbols.map(({ address }) => address));
      }),
      { numRuns: 15 },
    );
  });

  test('long names', () => {
    const symbols = madeSymbols(1200, start, perCpu);
    const long = symbols.map((symbol, nth) =>
      nth % 100 === 99 ? { ...symbol, name: `_RNv${'x'.repeat(300 + (nth % 7))}_${nth}` } : symbol,
    );
    const found = findKallsyms(madeTables(long, layout, start));
    expect(found && namesOf(found)).toEqual(long.map(({ name }) => name));
  });

  test('damage anywhere throws nothing', () => {
    const made = madeTables(madeSymbols(900, start, perCpu), layout, start, 64);
    const place = fc.integer({ min: 0, max: made.length - 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(made);
        for (const [at, value] of changes) bytes[at] = value;
        const found = findKallsyms(bytes);
        expect(found === undefined || found.count > 0).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('cut off anywhere throws nothing', () => {
    const made = madeTables(madeSymbols(900, start, perCpu), layout, start, 64);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: made.length }), (length) => {
        findKallsyms(made.subarray(0, length));
        findKallsyms(made.subarray(made.length - length));
      }),
      { numRuns: 40 },
    );
  });
});

test('nothing is found in what is no image', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => findKallsyms(bytes) === undefined));
});

test('places that could be markers everywhere are not all tried', () => {
  const made = madeTables(madeSymbols(900, start), { alignment: 8, addresses: 'behind', kind: 'base' }, start, 64);
  const tokens = made.indexOf('0\x001\x002\0', 0, 'latin1');
  const words = new Uint32Array(1_000_000).map((_, nth) => (nth % 8) * 1024);
  const began = performance.now();
  expect(findKallsyms(Buffer.concat([Buffer.from(words.buffer), made.subarray(tokens - (tokens % 8) - 64)]))).toBe(
    undefined,
  );
  expect(performance.now() - began).toBeLessThan(5000);
});

test('symbols by name', () => {
  const symbols = madeSymbols(900, start);
  const found = findKallsyms(madeTables(symbols, { alignment: 8, addresses: 'behind', kind: 'base' }, start));
  if (found === undefined) throw new Error('it was not found');
  const wanted = ['dev_read_5', 'ead_5', 'no_such', 'irq.cold_7'];
  expect([...indexesOf(found, wanted)]).toEqual([
    ['dev_read_5', 5],
    ['irq.cold_7', 7],
  ]);
});
