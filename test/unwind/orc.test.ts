import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeOrc, type OrcFormat, orcFormat, versionNumber, withBases } from '../../src/unwind/orc-format.ts';
import { type OrcBytes, OrcTable, orcBytes } from '../../src/unwind/orc-table.ts';
import { madeTypes } from '../kernel/structure-kernel.ts';
import { type MadeOrc, writeOrc } from './made-kernel.ts';

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An entry with a last word as given. */
function entry(word: number, spOffset = 16, bpOffset = -16): DataView {
  const bytes = Buffer.alloc(6);
  bytes.writeInt16LE(spOffset, 0);
  bytes.writeInt16LE(bpOffset, 2);
  bytes.writeUInt16LE(word, 4);
  return view(bytes);
}

describe('the format of ORC entries', () => {
  test('is told by the version where no types tell it', () => {
    const at = (release: string): OrcFormat => orcFormat(undefined, release);
    // A call whose frame ends above rsp, with rbp saved.
    expect(decodeOrc(entry(0x015), 0, at('4.14.0'))).toEqual({
      ...{ spOffset: 16, bpOffset: -16, spBase: 'sp', bpBase: 'previous-sp', type: 'call', isSignal: false },
    });
    expect(decodeOrc(entry(0x105), 0, at('5.4.1'))).toMatchObject({ type: 'registers', isSignal: true });
    expect(decodeOrc(entry(0x205), 0, at('6.1.0-50-amd64'))).toMatchObject({ type: 'partial-registers' });
    expect(decodeOrc(entry(0x215), 0, at('6.4.0-rc1'))).toMatchObject({ type: 'call', bpBase: 'previous-sp' });
    expect(decodeOrc(entry(0xb05), 0, at('6.12.1'))).toMatchObject({ type: 'registers', isSignal: true });
    // Nothing at all: an end before there were marks of ends, then code that cannot be unwound.
    expect(decodeOrc(entry(0), 0, at('4.14.0'))?.type).toBe('end');
    expect(decodeOrc(entry(0), 0, at('5.10.0'))?.type).toBe('undefined');
    expect(decodeOrc(entry(0x400), 0, at('5.10.0'))?.type).toBe('end');
    expect(decodeOrc(entry(0x800), 0, at('6.3.0'))?.type).toBe('end');
    expect(decodeOrc(entry(0x405), 0, at('6.3.0'))).toMatchObject({ type: 'call', isSignal: true });
    expect(decodeOrc(entry(0), 0, at('6.6.0'))?.type).toBe('undefined');
    expect(decodeOrc(entry(0x100), 0, at('6.6.0'))?.type).toBe('end');
  });

  test('is that of the types, where they have it', () => {
    const types = (members: readonly (readonly [string, string])[]) =>
      madeTypes({ orc_entry: [['sp_offset', 'u16'], ['bp_offset', 'u16'], ['sp_reg', 'u32:4'], ['bp_reg', 'u32:4'], ...members] }); // biome-ignore format: a table
    const old = orcFormat(types([['type', 'u32:2'], ['end', 'u32:1']]), undefined); // biome-ignore format: a table
    expect(old).toMatchObject({ type: { first: 8, count: 2 }, end: { first: 10, count: 1 }, isNew: false });
    const recent = orcFormat(types([['type', 'u32:3'], ['signal', 'u32:1']]), '4.14'); // biome-ignore format: a table
    expect(recent).toMatchObject({ type: { first: 8, count: 3 }, signal: { first: 11, count: 1 }, isNew: true });
  });

  test('has registers numbered as the entries themselves tell', () => {
    const format = orcFormat(undefined, '7.2.0');
    const calls = (word: number): DataView => view(Buffer.concat([0, 1, 2].map(() => Buffer.from(new Uint8Array(entry(word, 8, 0).buffer, entry(word, 8, 0).byteOffset, 6))))); // biome-ignore format: long
    const shared = withBases(format, calls(0x203));
    expect(decodeOrc(entry(0x203), 0, shared)?.spBase).toBe('sp');
    expect(decodeOrc(entry(0x28a), 0, shared)).toMatchObject({ spBase: 'bp-indirect', bpBase: 'previous-sp' });
    expect(decodeOrc(entry(0x203), 0, withBases(format, calls(0x205)))?.spBase).toBe('di');
  });

  test('versions are numbers that compare', () => {
    expect(versionNumber('6.12.107+deb13-amd64')).toBe(612);
    expect(versionNumber('7.2.13')).toBe(702);
    expect(versionNumber('5.4')).toBe(504);
    expect(versionNumber('next-20280101')).toBeUndefined();
    expect(versionNumber(undefined)).toBeUndefined();
  });
});

/** A table at an address, of places and entries. */
function table(rows: readonly (readonly [number, MadeOrc])[], isSorted = false, base = -0x7f00_0000): OrcTable {
  const places = Buffer.alloc(rows.length * 4);
  for (const [nth, [place]] of rows.entries()) places.writeInt32LE(place - base - nth * 4, nth * 4);
  const entries = Buffer.concat(rows.map(([, orc]) => writeOrc(orc)));
  return new OrcTable(places, base, orcBytes(entries), orcFormat(undefined, '6.9.0'), isSorted);
}

describe('a table of ORC entries', () => {
  test('has the last entry at or before an address', () => {
    const places = fc.uniqueArray(fc.integer({ min: -0x7e80_0000, max: -0x7e7f_f000 }), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(places, fc.integer({ min: -0x7e80_0100, max: -0x7e7f_ef00 }), (unsorted, address) => {
        const rows = unsorted.map((place, nth): [number, MadeOrc] => [place, { offset: 8 * nth }]);
        const sorted = rows.toSorted(([a], [b]) => a - b);
        const last = sorted.at(-1)?.[0] ?? 0;
        const expected = address >= last ? undefined : sorted.findLast(([place]) => place <= address)?.[1].offset;
        expect(table(rows).at(address)?.spOffset).toBe(expected);
        expect(table(sorted).at(address)?.spOffset).toBe(expected);
        expect(table(sorted, true).at(address)?.spOffset).toBe(expected);
      }),
    );
  });

  test('reads a few pieces of many, and sorts what is not in order though it should be', () => {
    const rows = Array.from({ length: 40_000 }, (_, nth): [number, MadeOrc] => [
      -0x7e00_0000 + nth * (nth < 20_000 ? 4 : 6),
      { offset: 8 * (nth % 1000) },
    ]);
    const reads: number[] = [];
    const counted = (bytes: Uint8Array): OrcBytes => ({
      size: bytes.length,
      read: (offset, length) => {
        reads.push(offset);
        return bytes.subarray(offset, offset + length);
      },
    });
    const places = (all: typeof rows): Buffer => {
      const bytes = Buffer.alloc(all.length * 4);
      for (const [nth, [place]] of all.entries()) bytes.writeInt32LE(place - nth * 4 + 0x7f00_0000, nth * 4);
      return bytes;
    };
    const entries = (all: typeof rows): Buffer => Buffer.concat(all.map(([, orc]) => writeOrc(orc)));
    const format = orcFormat(undefined, '6.9.0');
    const sorted = new OrcTable(places(rows), -0x7f00_0000, counted(entries(rows)), format, true);
    expect(sorted.at(-0x7e00_0000 + 4 * 12_345 + 1)?.spOffset).toBe(8 * 345);
    expect(sorted.at(-0x7e00_0000 + 4 * 12_345 + 1)?.spOffset).toBe(8 * 345);
    expect(reads).toHaveLength(1);
    const mixed = [...rows.slice(30_000), ...rows.slice(0, 30_000)];
    const wrong = new OrcTable(places(mixed), -0x7f00_0000, orcBytes(entries(mixed)), format, true);
    expect(wrong.at(-0x7e00_0000 + 4 * 12_345 + 1)?.spOffset).toBe(8 * 345);
  });

  test('of a file that ends too early has what there is', () => {
    const whole = Buffer.concat([0, 1, 2, 3].map((nth) => writeOrc({ offset: 8 * nth })));
    const cut: OrcBytes = { size: 24, read: (offset, length) => whole.subarray(offset, Math.min(8, offset + length)) };
    const places = Buffer.alloc(16);
    for (const nth of [0, 1, 2, 3]) places.writeInt32LE(12 * nth, nth * 4);
    const found = new OrcTable(places, -0x7e00_0000, cut, orcFormat(undefined, '6.9.0'), true);
    expect(found.at(-0x7e00_0000 + 4)?.spOffset).toBe(0);
    expect(found.at(-0x7e00_0000 + 20)).toBeUndefined();
  });

  test('that is not sorted puts the ends of sections before what begins there', () => {
    const rows: [number, MadeOrc][] = [
      [-0x7e00_0000, { offset: 24 }],
      [-0x7e00_1000, { offset: 16 }],
      [-0x7e00_0000, { type: 'undefined' }],
      [-0x7d00_0000, { type: 'undefined' }],
    ];
    expect(table(rows).at(-0x7e00_0000)?.spOffset).toBe(24);
    expect(table(rows).at(-0x7e00_0fff)?.spOffset).toBe(16);
  });

  test('of garbage never throws', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.uint8Array({ maxLength: 100 }),
        fc.maxSafeInteger(),
        (a, b, at) => {
          const format = withBases(orcFormat(undefined, undefined), view(b));
          for (const isSorted of [false, true]) {
            const made = new OrcTable(a, -4096, orcBytes(b), format, isSorted);
            for (const address of [at, -4096, -4000]) {
              const found = made.at(address);
              expect(found === undefined || typeof found.type === 'string').toBe(true);
            }
          }
        },
      ),
    );
    const nothing = orcBytes(new Uint8Array(0));
    expect(new OrcTable(new Uint8Array(0), 0, nothing, orcFormat(undefined, '6.1')).at(0)).toBeUndefined();
  });
});
