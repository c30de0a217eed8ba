import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { CallFrameRange } from '../../src/dwarf/call-frame-table.ts';
import { IndexCache } from '../../src/symbols/index-cache.ts';
import { emptyTables, type IndexContents, indexBytes } from '../../src/symbols/index-cache-file.ts';
import { writeIndex } from '../../src/symbols/index-cache-folder.ts';
import { writeCallFrames } from '../../src/symbols/index-cache-frames.ts';
import { writeSites } from '../../src/symbols/index-cache-sites.ts';
import { isWithin, maxSiteBytes, type PatchSite, patchTables, type TakeSite } from '../../src/symbols/patch-tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-index-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const fingerprint = { first: 7, second: 8 };
const base = -(2 ** 31);

function open(fill: (tables: IndexContents['tables']) => void): IndexCache {
  const path = join(folder, `${files++}.ktindex`);
  const tables = emptyTables();
  fill(tables);
  writeIndex(path, indexBytes(fingerprint, 'whole', { base, banner: undefined, tables }) ?? []);
  return new IndexCache({ path, fingerprint }, []);
}

describe('call frames of an index', () => {
  const number = fc.oneof(fc.nat(60), fc.nat(100_000), fc.integer({ min: -50, max: 0 }));
  const ranges = fc.array(
    fc
      .tuple(number, fc.integer({ min: 1, max: 40 }), fc.nat(2 ** 32))
      .map(([from, length, offset]) => ({ low: base + from, high: base + from + length, offset })),
    { minLength: 1, maxLength: 400 },
  );
  const covers = (each: CallFrameRange, address: number): boolean => address >= each.low && address < each.high;

  test('are those that the file has, or none, or not known', () => {
    fc.assert(
      fc.property(ranges, (made) => {
        const cache = open((tables) => writeCallFrames(made, tables.callFrames, base));
        const isEmpty = made.every(({ high }) => high <= base);
        for (const { low, high } of made)
          for (const address of [low - 1, low, high - 1, high]) {
            const found = cache.callFrameAt(address);
            const meant = made.find((each) => covers(each, address));
            const isAlone =
              meant && made.every((each) => each === meant || each.high <= meant.low || each.low >= meant.high);
            if (found !== undefined) expect(found.offset).toBe(meant?.offset);
            else expect(meant === undefined ? address < base || isEmpty : !isAlone || meant.low < base).toBe(true);
          }
      }),
      { numRuns: 100 },
    );
  });

  test('are not known of other addresses, and where there are none', () => {
    const cache = open((tables) =>
      writeCallFrames([{ low: base, high: base + 8, offset: 0 }], tables.callFrames, base),
    );
    expect(cache.callFrameAt(base + 7)).toEqual({ offset: 0 });
    expect(cache.callFrameAt(base + 8)).toEqual({ offset: undefined });
    expect(cache.callFrameAt(base - 1)).toBe(undefined);
    expect(cache.callFrameAt(2 ** 50)).toBe(undefined);
    expect(open(() => {}).callFrameAt(base)).toBe(undefined);
  });
});

describe('places that are patched', () => {
  const giving =
    (sites: readonly PatchSite[]) =>
    (take: TakeSite): void => {
      for (const { table, start, end } of sites) take(table, start, end === undefined ? undefined : end - start);
    };
  const place = fc
    .tuple(fc.oneof(fc.nat(60), fc.nat(20_000)), fc.option(fc.nat(255)), fc.nat(patchTables.length - 1))
    .map(([from, length, table]): PatchSite => {
      const start = base + from;
      const cause = patchTables[table]?.cause ?? 'unknown';
      return { start, end: length === null ? undefined : start + length, cause, table };
    });

  test('are all that begin in a range or reach into it', () => {
    const range = fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 4000 }));
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 500 }), fc.array(range), (made, asked) => {
        const cache = open((tables) => writeSites(giving(made), tables.sites, base));
        const text = (sites: readonly PatchSite[]): string[] => sites.map((each) => JSON.stringify(each)).sort();
        for (const [from, length] of asked) {
          const [start, end] = [base + from, base + from + length];
          const found = cache.sitesWithin(start, end);
          const wanted = made.filter((each) => isWithin(each, start, end));
          expect(text((found ?? []).filter((each) => isWithin(each, start, end)))).toEqual(text(wanted));
          // In the order of the code.
          expect(found?.every((each, nth) => nth === 0 || each.start >= (found[nth - 1]?.start ?? 0)) ?? true).toBe(
            true,
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  test('are not known before the base, in too much code, and where there are none', () => {
    const start = base + 5000;
    const site: PatchSite = { start, end: start + maxSiteBytes, cause: 'alternative', table: 0 };
    const cache = open((tables) => writeSites(giving([site]), tables.sites, base));
    expect(cache.sitesWithin(start + 100, start + 101)).toEqual([site]);
    expect(cache.sitesWithin(start + 5000, start + 5001)).toEqual([]);
    expect(cache.sitesWithin(base, base + 10)).toEqual([]);
    expect(cache.sitesWithin(base - 10, base + 10)).toBe(undefined);
    expect(cache.sitesWithin(base, base + 2 ** 40)).toBe(undefined);
    expect(open(() => {}).sitesWithin(start, start + 1)).toBe(undefined);
  });
});
