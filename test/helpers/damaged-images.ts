import { deflateSync } from 'node:zlib';
import { Attribute, Form, Tag, UnitType } from '../../src/dwarf/constants.ts';
import { abstract, code, compileUnit, inlined, name, sampleLines, start, subprogram } from '../dwarf/sample.ts';
import { ByteWriter as DwarfBytes, type WrittenEntry, type WrittenUnit, writeDwarf } from './dwarf-writer.ts';
import { ByteWriter, flag, note, type RelocationLiteral, type SectionLiteral, writeElf } from './elf-writer.ts';

/** Contents behind the header of a compressed section (gABI). */
export function compressedSection(contents: Uint8Array, type: 'zlib' | 'zstd', claimed = contents.length): Uint8Array {
  const header = new ByteWriter().u32(type === 'zlib' ? 1 : 2).u32(0);
  return header
    .word(claimed)
    .word(1)
    .bytes(type === 'zlib' ? deflateSync(contents) : zstdOf(contents))
    .done();
}

/** A frame of one block that is not compressed, as Node has nothing yet that makes better ones (RFC 8878). */
function zstdOf(contents: Uint8Array): Uint8Array {
  // Frame_Header_Descriptor: one segment, four bytes of size; then the last block, raw.
  return new ByteWriter()
    .u32(0xfd2fb528)
    .u8(0xa0)
    .u32(contents.length)
    .bytes(
      new ByteWriter()
        .u32((contents.length << 3) | 1)
        .done()
        .subarray(0, 3),
    )
    .bytes(contents)
    .done();
}

const ranges = new DwarfBytes()
  .withLength(false, (to) => to.number(5, 2).u8(8).u8(0).number(1, 4).number(4, 4).u8(4).uleb(0).uleb(48).u8(0))
  .raw([4, 0, 16, 5, ...new DwarfBytes().number(start, 8).bytes, 4, 16, 32, 0]).bytes;

const inner: WrittenEntry = inlined(
  'inner',
  [[Attribute.ranges, Form.rnglistx, 0]],
  [1, 120, 4],
  [inlined('inner', code(start + 40, 8), [2, 5, 1])],
);

const units: readonly WrittenUnit[] = [
  {
    root: compileUnit(
      [
        abstract('inner'),
        { tag: Tag.namespace, attributes: [name('space')], children: [subprogram('spaced', start + 0x80, 16)] },
        subprogram('outer', start, 64, [
          { tag: Tag.lexicalBlock, attributes: [], children: [inlined('inner', code(start + 8, 24), [1, 100, 3])] },
          inner,
        ]),
      ],
      [...code(start, 0x90), [Attribute.rnglistsBase, Form.secOffset, 12]],
    ),
  },
  {
    version: 4,
    root: compileUnit(
      [
        subprogram('older', start + 0x90, 0x20, [inlined('inner older', code(start + 0x94, 8), [1, 3, 1])]),
        { ...abstract('inner older'), label: 'inner older' },
        // Chains that lead in a circle.
        {
          tag: Tag.subprogram,
          label: 'circle',
          attributes: [[Attribute.specification, Form.ref4, 'circle'], ...code(start + 0xb0, 8)],
        },
        // What dwz moved to a file that is not there.
        {
          tag: Tag.subprogram,
          attributes: [[Attribute.abstractOrigin, Form.data4, 12], ...code(start + 0xb8, 8)],
        },
      ],
      code(start + 0x90, 0x30),
    ),
  },
  // Its entries are in a file that is not there.
  {
    type: UnitType.skeleton,
    dwoId: 7n,
    root: {
      tag: Tag.compileUnit,
      attributes: [[Attribute.dwoName, Form.string, 'gone.dwo'], ...code(start + 0xc0, 0x10)],
    },
  },
];

const debugSections = (): Map<string, Uint8Array> =>
  writeDwarf({
    units,
    aranges: [
      { unit: 0, ranges: [[start, 0x90]] },
      { unit: 1, ranges: [[start + 0x90, 0x30]] },
    ],
    sections: { '.debug_line': sampleLines(start, 48, 4), '.debug_rnglists': ranges },
  });

const banner = 'Linux version 6.9.0-made (someone@example.org) (gcc) #7 SMP Sat Jan  1 00:00:00 UTC 2028\n\0';
const notes = [...note('GNU', 3, new Uint8Array(20).fill(7)), ...note('Linux', 0x100, Buffer.from('6.9.0-made\0'))];
const { alloc, execute, compressed } = flag;
const base = BigInt.asUintN(64, BigInt(start));

/** A small vmlinux with something of everything; two of its sections are compressed. */
export function madeVmlinux(): Uint8Array {
  const debug = [...debugSections()].map(([title, contents]): SectionLiteral => {
    if (title === '.debug_str')
      return { name: title, flags: compressed, contents: compressedSection(contents, 'zlib') };
    if (title === '.debug_line')
      return { name: title, flags: compressed, contents: compressedSection(contents, 'zstd') };
    return { name: title, contents };
  });
  return writeElf({
    sections: [
      { name: '.text', flags: alloc | execute, address: base, contents: new Uint8Array(0x100).fill(0x90) },
      { name: '.rodata', flags: alloc, address: base + 0x1000n, contents: banner },
      { name: '.notes', flags: alloc, address: base + 0x2000n, contents: Uint8Array.from(notes), alignment: 4 },
      ...debug,
      { name: '.gnu_debuglink', contents: 'made.debug\0\0abcd' },
      { name: '.gnu_debugaltlink', contents: 'gone.dwz\0abcdefgh' },
    ],
    symbols: [
      { name: 'outer', value: base, size: 64n, section: '.text' },
      { name: 'spaced', value: base + 0x80n, size: 16n, section: '.text' },
      { name: 'older', value: base + 0x90n, size: 32n, section: '.text' },
      { name: '_RNvCs1234_4made4rust', value: base + 0xb0n, section: '.text' },
      { name: 'linux_banner', value: base + 0x1000n, type: 1, section: '.rodata' },
    ],
  });
}

/** Where a number of 64 bits stands. */
function placesOf(bytes: Uint8Array, low: number, high: number): [at: number, value: bigint][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: [number, bigint][] = [];
  for (let at = 0; at + 8 <= bytes.length; at++) {
    const value = view.getBigInt64(at, true);
    if (value >= BigInt(low) && value < BigInt(high)) found.push([at, value]);
  }
  return found;
}

/** A small module whose debug information has its addresses by relocations. */
export function madeModule(): Uint8Array {
  const relocations: Record<string, RelocationLiteral[]> = {};
  const debug = [...debugSections()].map(([title, contents]): SectionLiteral => {
    const bytes = Uint8Array.from(contents);
    for (const [at, value] of placesOf(bytes, start, start + 0x1000)) {
      relocations[title] ??= [];
      relocations[title].push({ offset: BigInt(at), symbol: 'text', type: 1, addend: value - BigInt(start) });
      bytes.fill(0, at, at + 8);
    }
    return { name: title, contents: bytes };
  });
  return writeElf({
    type: 1,
    sections: [
      { name: '.text', flags: alloc | execute, contents: new Uint8Array(0x100).fill(0x90), alignment: 16 },
      { name: '.modinfo', flags: alloc, contents: 'license=GPL\0name=made\0vermagic=6.9.0-made SMP mod_unload \0' },
      { name: '.gnu.linkonce.this_module', flags: alloc | flag.write, contents: `${'\0'.repeat(24)}made\0` },
      { name: '.note.gnu.build-id', flags: alloc, contents: Uint8Array.from(notes), alignment: 4 },
      ...debug,
    ],
    symbols: [
      { name: 'text', value: 0n, type: 3, binding: 0, section: '.text' },
      { name: 'outer', value: 0n, size: 64n, section: '.text' },
      { name: 'spaced', value: 0x80n, size: 16n, section: '.text' },
      { name: 'older', value: 0x90n, size: 32n, section: '.text' },
    ],
    relocations,
  });
}
