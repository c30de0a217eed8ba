import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AbbreviationTable, Row, rowStride } from '../../src/dwarf/abbreviations.ts';
import { AddressIndex } from '../../src/dwarf/address-index.ts';
import { Cursor } from '../../src/dwarf/cursor.ts';
import { variableSize } from '../../src/dwarf/forms.ts';
import { foldPath, SourceTree } from '../../src/dwarf/source-tree.ts';
import { StringSection } from '../../src/dwarf/strings.ts';
import { ByteWriter, memorySection } from '../helpers/dwarf-writer.ts';

const cursorOn = (writer: ByteWriter): Cursor => {
  const cursor = new Cursor(memorySection('.debug_info', Uint8Array.from(writer.bytes)), writer.littleEndian);
  cursor.load(0, writer.length);
  return cursor;
};

describe('numbers', () => {
  test('of all sizes and orders are read as they were written', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.maxSafeNat(),
        fc.maxSafeInteger(),
        fc.nat(0xffffff),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (littleEndian, unsigned, signed, small, exact) => {
          const writer = new ByteWriter(littleEndian);
          writer
            .uleb(unsigned)
            .sleb(signed)
            .number(small, 3)
            .number(small, 4)
            .number(small & 0xffff, 2);
          writer.number(signed, 8).number(exact, 8);
          const cursor = cursorOn(writer);
          expect([cursor.uleb(), cursor.sleb(), cursor.u24(), cursor.u32(), cursor.u16(), cursor.i64()]).toEqual([
            unsigned,
            signed,
            small,
            small,
            small & 0xffff,
            signed,
          ]);
          expect(cursor.u64Exact()).toBe(BigInt.asUintN(64, exact));
          expect(cursor.position).toBe(cursor.end);
        },
      ),
    );
  });

  test('that are not there are errors that tell where', () => {
    const cursor = cursorOn(new ByteWriter().u8(0x80));
    expect(() => cursor.uleb()).toThrow('.debug_info at 0x1');
    expect(() => cursor.load(0, 2)).toThrow('.debug_info at 0x0');
    expect(() => cursor.seek(5, 1)).toThrow('.debug_info at 0x5');
    expect(() => cursor.take(-1)).toThrow('.debug_info');
    const padded = cursorOn(new ByteWriter().raw([0x85, 0x80, 0x80, 0]));
    expect(padded.uleb()).toBe(5);
  });
});

describe('abbreviations', () => {
  const encoding = { version: 5, addressSize: 8, is64: false };
  const table = (bytes: readonly number[]): AbbreviationTable =>
    AbbreviationTable.read(memorySection('.debug_abbrev', Uint8Array.from(bytes)), true, 0, encoding);
  const row = (from: AbbreviationTable, code: number): number[] => [
    ...from.rows.slice(from.indexOf(code) * rowStride, (from.indexOf(code) + 1) * rowStride),
  ];

  test('know the size of their entries and where the sibling stands', () => {
    // A name in .debug_str, a byte, a sibling, a flag without bytes.
    const known = table([1, 0x13, 1, 3, 0x0e, 0x0b, 0x0b, 1, 0x13, 0x3c, 0x19, 0, 0, 0]);
    expect(row(known, 1).slice(0, 3)).toEqual([1, 9, 5]);
    expect(known.tag(0)).toBe(0x13);
    expect(known.specification(0)).toEqual([3, 0x0e, 0, 0x0b, 0x0b, 0, 1, 0x13, 0, 0x3c, 0x19, 0]);
  });

  test('know where the only part of varying size stands', () => {
    const known = table([1, 0x34, 0, 3, 0x0e, 0x02, 0x18, 0x3a, 0x0b, 0, 0, 2, 0x34, 0, 3, 8, 2, 0x18, 0, 0, 0]);
    const single = row(known, 1);
    expect(single[Row.size]).toBeGreaterThanOrEqual(variableSize);
    expect([single[Row.variable], single[Row.skip], single[Row.rest]]).toEqual([4, 1, 1]);
    expect(row(known, 2)[Row.skip]).toBe(0);
  });

  test('may have any codes, in any order, and constants of any sign', () => {
    const known = table([0x85, 1, 0x2e, 0, 0x0b, 0x21, 0x7f, 0, 0, 3, 0x34, 0, 0, 0, 0x85, 1, 0x11, 0, 0, 0, 0]);
    expect(known.tag(known.indexOf(133))).toBe(0x2e);
    expect(known.tag(known.indexOf(3))).toBe(0x34);
    expect(known.specification(known.indexOf(133))).toEqual([0x0b, 0x21, -1]);
    expect([known.indexOf(1), known.indexOf(4)]).toEqual([-1, -1]);
  });

  test('are read as far as they are needed', () => {
    const section = memorySection('.debug_abbrev', Uint8Array.from([1, 0x11, 0, 0, 0, 2, 0x2e, 0, 0, 0, 3, 0x80]));
    expect(AbbreviationTable.read(section, true, 0, encoding, 2).count).toBe(2);
    expect(() => AbbreviationTable.read(section, true, 0, encoding)).toThrow('.debug_abbrev at 0x');
    expect(() => AbbreviationTable.read(section, true, 99, encoding)).toThrow('.debug_abbrev at 0x63');
  });

  test('of tables larger than a window are all there', () => {
    const writer = new ByteWriter();
    for (let code = 1; code <= 5000; code++)
      writer
        .uleb(code)
        .uleb(code % 2 === 0 ? 0x2e : 0x4109)
        .u8(0)
        .u8(0)
        .u8(0);
    const known = table([...writer.bytes, 0]);
    expect(known.count).toBe(5000);
    expect([known.tag(4998), known.tag(4999)]).toEqual([0x4109, 0x2e]);
  });
});

describe('an index of addresses', () => {
  test('finds the ranges that contain an address, the latest beginning first', () => {
    const far = fc.constantFrom(0, -0x7f000000, -(2 ** 47), 2 ** 40);
    const range = fc.record({ low: fc.integer({ min: -50, max: 50 }), size: fc.nat(20), unit: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), far, far, fc.boolean(), (ranges, near, other, halves) => {
        const index = new AddressIndex();
        const placed = ranges.map(({ low, size, unit }) => ({
          low: low + (unit % 3 === 0 ? other : near),
          size,
          unit,
        }));
        for (const { low, size, unit } of placed) {
          if (halves) index.addHalves(Math.floor(low / 2 ** 32), low | 0, 0, size, unit);
          else index.add(low, low + size, unit);
        }
        for (let address = near - 60; address < near + 80; address += 7) {
          const expected = placed.filter((each) => address >= each.low && address < each.low + each.size);
          expect(index.find(address).sort()).toEqual([...new Set(expected.map((each) => each.unit))].sort());
          const [first] = index.find(address);
          const latest = Math.max(...expected.map((each) => each.low));
          if (first !== undefined)
            expect(expected.some((each) => each.unit === first && each.low === latest)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('strings', () => {
  test('are read across chunks, and are none beyond the section', () => {
    const long = 'x'.repeat(15_000);
    const longer = 'y'.repeat(40_000);
    const bytes = Uint8Array.from(Buffer.from(`a\0${long}\0größe\0${longer}\0end`));
    const strings = new StringSection(memorySection('.debug_str', bytes));
    expect(strings.at(0)).toBe('a');
    expect(strings.at(2)).toBe(long);
    expect(strings.at(3 + long.length)).toBe('größe');
    expect(strings.at(bytes.length - 3)).toBe('end');
    // What is longer than any name is cut.
    expect(strings.at(bytes.length - 4 - longer.length)).toBe(longer.slice(0, 16_384));
    expect([strings.at(bytes.length), strings.at(-1), strings.at(2 ** 53)]).toEqual([undefined, undefined, undefined]);
  });
});

describe('names of files', () => {
  const tree = (path: string, directory?: string, directories: readonly string[] = []): string =>
    new SourceTree().name(foldPath(path), directory, () => directories);

  test('are below the directory of the compilation', () => {
    expect(tree('/home/me/linux/./kernel/fork.c', '/home/me/linux')).toBe('kernel/fork.c');
    expect(tree('debian/build/build_amd64/kernel/../mm/slub.c', 'debian/build/build_amd64')).toBe('mm/slub.c');
    expect(tree('/o/include/generated/x.h', '/o')).toBe('include/generated/x.h');
    expect(tree('../kernel/fork.c')).toBe('kernel/fork.c');
    expect(tree('kernel/fork.c', '/o')).toBe('kernel/fork.c');
  });

  test('are below the source where it is elsewhere, which the directories of the unit tell', () => {
    const source = ['/o', '/net/me/linux/include/linux', '/net/me/linux/arch/x86/include/asm'];
    expect(tree('/net/me/linux/kernel/fork.c', '/o', source)).toBe('kernel/fork.c');
    expect(tree('/srv/drivers/module.c', '/o', source)).toBe('/srv/drivers/module.c');
  });

  test('are below a source that lies beside the directory, where the build left out what is above both', () => {
    const directory = 'debian/build/build_amd64_rt';
    expect(tree(`${directory}/debian/build/source_rt/init/main.c`, directory)).toBe('init/main.c');
    expect(tree(`${directory}/debian/build/source_rt/arch/x86/lib/memset_64.S`, directory)).toBe(
      'arch/x86/lib/memset_64.S',
    );
    expect(tree(`${directory}/debian/build/source_rt/frob/kernel.c`, directory)).toBe(
      'debian/build/source_rt/frob/kernel.c',
    );
    expect(tree(`${directory}/include/generated/x.h`, directory)).toBe('include/generated/x.h');
    expect(tree('one/two/kernel/x.c', 'one')).toBe('two/kernel/x.c');
    expect(tree('kernel/x/net/y.c', '/o')).toBe('kernel/x/net/y.c');
  });

  test('are below what they have in common with a build directory in the source', () => {
    const directory = '/build/linux-6.1/debian/build/amd64';
    expect(tree('/build/linux-6.1/arch/x86/lib/memcpy_64.S', directory)).toBe('arch/x86/lib/memcpy_64.S');
    expect(tree('/usr/lib/rustlib/src/core/panicking.rs', directory)).toBe('/usr/lib/rustlib/src/core/panicking.rs');
  });

  test('outside of the source stay whole', () => {
    expect(tree('/home/me/module/module.c', '/usr/src/linux-headers')).toBe('/home/me/module/module.c');
    expect(tree('/a/../../b//c/./d.c')).toBe('/b/c/d.c');
  });
});
