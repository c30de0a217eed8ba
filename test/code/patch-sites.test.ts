import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PatchSites } from '../../src/code/patch-sites.ts';
import { Image } from '../../src/symbols/image.ts';
import { allSites, isWithin, type PatchSite, patchTables, sitesOf } from '../../src/symbols/patch-tables.ts';
import { open } from '../elf/make.ts';
import { ByteWriter, flag, type SectionLiteral } from '../helpers/elf-writer.ts';

const text = 0xffffffff81000000n;
const start = Number(BigInt.asIntN(64, text));
const textBytes = 4096;

/** Places of a table: how far each is from the beginning of the code, and how long. */
type Made = readonly (readonly [offset: number, length: number])[];

/** Tables whose entries tell lengths, and whose do not; one counts from entries, one has addresses. */
function kernel({ alternatives, paravirt, returns }: Record<'alternatives' | 'paravirt' | 'returns', Made>): Image {
  const section = (name: string, nth: number, make: (into: ByteWriter, from: bigint) => void): SectionLiteral => {
    const from = text + BigInt(nth) * 0x100000n;
    const into = new ByteWriter();
    make(into, from);
    return { name, flags: flag.alloc, address: from, contents: into.done() };
  };
  const distance = (to: number, from: bigint): number => Number(BigInt.asUintN(32, text + BigInt(to) - from));
  return Image.of(
    open({
      sections: [
        { name: '.text', flags: flag.alloc | flag.execute, address: text, contents: new Uint8Array(textBytes) },
        section('.altinstructions', 1, (into, from) => {
          for (const [nth, [offset, length]] of alternatives.entries())
            into
              .u32(distance(offset, from + BigInt(nth) * 14n))
              .u32(0)
              .u32(0)
              .u8(length, 0);
        }),
        section('.parainstructions', 2, (into) => {
          for (const [offset, length] of paravirt) into.u64(text + BigInt(offset)).u8(0, length, 0, 0, 0, 0, 0, 0);
        }),
        section('.return_sites', 3, (into, from) => {
          for (const [nth, [offset]] of returns.entries()) into.u32(distance(offset, from + BigInt(nth) * 4n));
        }),
      ],
      symbols: [],
    }),
  );
}

const made = fc.array(fc.tuple(fc.nat(textBytes - 1), fc.nat(255)), { maxLength: 60 });

function everySite(image: Image): PatchSite[] {
  const found: PatchSite[] = [];
  allSites(image, (table, at, length) => {
    const cause = patchTables[table]?.cause ?? 'unknown';
    found.push({ start: at, end: length === undefined ? undefined : at + length, cause, table });
  });
  return found;
}

const words = (sites: readonly PatchSite[]): string[] => sites.map((each) => JSON.stringify(each)).sort();

describe('places that are patched', () => {
  test('are those of all tables', () => {
    const image = kernel({
      alternatives: [
        [0x20, 3],
        [0x10, 5],
      ],
      paravirt: [[0x30, 6]],
      returns: [[0x40, 0]],
    });
    const [first = 0, second = 0, third = 0] = ['.altinstructions', '.parainstructions', '.return_sites'].map((name) =>
      patchTables.findIndex(({ section }) => section === name),
    );
    expect(everySite(image)).toEqual([
      { start: start + 0x20, end: start + 0x23, cause: 'alternative', table: first },
      { start: start + 0x10, end: start + 0x15, cause: 'alternative', table: first },
      { start: start + 0x30, end: start + 0x36, cause: 'paravirt', table: second },
      { start: start + 0x40, end: undefined, cause: 'alternative', table: third },
    ]);
    expect(sitesOf(image, first, start, start + 0x100).map(({ start: at }) => at - start)).toEqual([0x10, 0x20]);
  });

  test('are found in a range as in all', () => {
    fc.assert(
      fc.property(fc.record({ alternatives: made, paravirt: made, returns: made }), made, (tables, asked) => {
        const image = kernel(tables);
        const every = everySite(image);
        for (const [offset, length] of asked) {
          const [from, to] = [start + offset, start + offset + length];
          const found = patchTables.flatMap((_table, nth) => sitesOf(image, nth, from, to));
          expect(words(found)).toEqual(words(every.filter((each) => isWithin(each, from, to))));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('are the same with an index that knows them', () => {
    const causes = fc.option(fc.constantFrom(new Set(['alternative' as const]), new Set(['paravirt' as const])));
    fc.assert(
      fc.property(
        fc.record({ alternatives: made, paravirt: made, returns: made }),
        made,
        causes,
        (tables, asked, wanted) => {
          const image = kernel(tables);
          const { elf } = image;
          const sites = everySite(image).sort((a, b) => a.start - b.start || (a.end ?? 0) - (b.end ?? 0));
          const indexed = {
            elf,
            symbolAt: () => undefined,
            symbolsNamedEach: () => [],
            sitesWithin: () => sites,
          };
          const known = new PatchSites(indexed, start, start + textBytes);
          const read = new PatchSites(image, start, start + textBytes);
          for (const [offset, length] of asked) {
            const range = [start + offset, start + offset + length, wanted ?? undefined] as const;
            expect(known.within(...range)).toEqual(read.within(...range));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('are read from the tables where the index does not know', () => {
    const image = kernel({ alternatives: [[0x20, 3]], paravirt: [], returns: [] });
    const { elf } = image;
    const indexed = { elf, symbolAt: () => undefined, symbolsNamedEach: () => [], sitesWithin: () => undefined };
    const sites = new PatchSites(indexed, start, start + 0x40);
    expect(sites.within(start + 0x22, start + 0x23)?.cause).toBe('alternative');
    expect(sites.within(start + 0x23, start + 0x24)).toBe(undefined);
    expect(sites.within(start + 0x1f, start + 0x20)).toBe(undefined);
  });
});
