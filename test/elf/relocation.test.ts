import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutBase } from '../../src/elf/module-layout.ts';
import { type ElfLiteral, flag, type RelocationLiteral } from '../helpers/elf-writer.ts';
import { contents, failure, hex, open } from './make.ts';

const text = { name: '.text', flags: flag.alloc | flag.execute, contents: new Uint8Array(0x30), alignment: 16 };
const symbols = [
  { name: 'code', value: 0n, type: 3, binding: 0, section: '.text' },
  { name: 'function', value: 0x20n, section: '.text' },
  { name: 'outside', value: 0x1234n, section: 0 },
  { name: 'constant', value: 0x77n, section: 0xfff1 },
  { name: 'strings', value: 0n, type: 3, binding: 0, section: '.debug_str' },
];

function relocated(bytes: Uint8Array, entries: readonly RelocationLiteral[], more: ElfLiteral = {}): string {
  const elf = open({
    type: 1,
    sections: [text, { name: '.debug_info', contents: bytes }, { name: '.debug_str', contents: 'a\0' }],
    symbols,
    relocations: { '.debug_info': entries },
    ...more,
  });
  return hex(contents(elf, '.debug_info'));
}

/** A relocation by its offset, type, addend and symbol. */
function reloc(offset: number, type: number, addend: number, symbol = 'code'): RelocationLiteral {
  return { offset: BigInt(offset), symbol, type, addend: BigInt(addend) };
}

describe('relocations of x86-64', () => {
  test.each([
    ['R_X86_64_64', 1, 8, 'function', 4, (layoutBase + 0x24).toString(16).padStart(16, '0')],
    ['R_X86_64_32', 10, 4, 'strings', 0x55, '00000055'],
    ['R_X86_64_32S', 11, 4, 'strings', -1, 'ffffffff'],
    ['R_X86_64_64, negative', 1, 8, 'strings', -2, 'fffffffffffffffe'],
    ['R_X86_64_PC32', 2, 4, 'function', 0, (layoutBase + 0x20 - 4).toString(16).padStart(8, '0')],
    ['R_X86_64_PC64', 24, 8, 'strings', 0, 'fffffffffffffffc'],
    ['of a symbol elsewhere', 1, 8, 'outside', 3, '0000000000000003'],
    ['of an absolute symbol', 1, 8, 'constant', 1, '0000000000000078'],
  ])('%s', (_, type, bytes, symbol, addend, expected) => {
    const found = relocated(new Uint8Array(12), [reloc(4, type, addend, symbol)]);
    expect(
      Buffer.from(found.slice(8, 8 + 2 * bytes), 'hex')
        .reverse()
        .toString('hex'),
    ).toBe(expected);
    expect(found.slice(0, 8)).toBe('00000000');
  });

  test('of types that are no data leave it as it is', () => {
    expect(relocated(Buffer.from('abcdefgh'), [reloc(0, 9, 5), reloc(4, 200, 5)])).toBe('6162636465666768');
  });

  test('of linked files were applied already', () => {
    expect(relocated(Buffer.from('abcdefgh'), [reloc(0, 1, 5)], { type: 2 })).toBe('6162636465666768');
  });
});

test.each([
  ['arm64 ABS64', 183, 64, 257, 8],
  ['arm64 ABS32', 183, 64, 258, 4],
  ['riscv64', 243, 64, 2, 8],
  ['ppc64, big endian', 21, 64, 38, 8],
  ['s390x, big endian', 22, 64, 22, 8],
  ['i386', 3, 32, 1, 4],
  ['arm', 40, 32, 2, 4],
] as const)('relocations of %s', (name, machine, bits, type, bytes) => {
  const endian = name.includes('big') ? 'big' : 'little';
  const found = Buffer.from(
    relocated(new Uint8Array(8), [reloc(0, type, 5, 'function')], { machine, bits, endian }),
    'hex',
  );
  const expected = layoutBase + 0x25;
  expect(endian === 'big' ? found.readUIntBE(bytes - 4, 4) : found.readUIntLE(0, 4)).toBe(expected);
});

test('an addend may stand in the section', () => {
  const entry: RelocationLiteral = { offset: 2n, symbol: 'function', type: 1 };
  const found = relocated(Uint8Array.of(9, 9, 4, 0, 0, 0, 9), [entry], { machine: 3, bits: 32 });
  expect(found).toBe(`0909${hex(Uint8Array.of(0x24, 0, 0x10, 0))}09`);
});

test('differences of two labels are added and taken away at one place', () => {
  // riscv: ADD32 of one, SUB32 of the other; SET6 and SUB6 keep the upper bits.
  const entries = [
    reloc(1, 35, 0, 'function'),
    reloc(1, 39, 2),
    reloc(5, 53, 3, 'constant'),
    reloc(5, 52, 1, 'strings'),
  ];
  expect(relocated(Uint8Array.of(7, 1, 0, 0, 0, 0xc0, 7), entries, { machine: 243 })).toBe('071f000000f907');
});

test('more relocations than a place can have are refused', () => {
  const many = Array.from({ length: 1000 }, () => reloc(4, 10, 0));
  expect(failure(() => relocated(new Uint8Array(12), many))).toContain('KT-ELF-SECTION: cannot read .rela.debug_info');
});

describe('windows', () => {
  // Relocations of all sizes close to each other, also overlapping.
  const size = 200;
  const original = Uint8Array.from({ length: size }, (_, index) => index);
  const places = fc.array(
    fc.record({ offset: fc.nat(size - 8), type: fc.constantFrom(1, 10, 12, 2, 99), addend: fc.integer() }),
    { maxLength: 40 },
  );

  const elfOf = (entries: readonly RelocationLiteral[]) =>
    open({
      type: 1,
      sections: [text, { name: '.debug_info', contents: original }],
      symbols: symbols.slice(0, 4),
      relocations: { '.debug_info': entries },
    });

  test('are the same as the whole, sorted or not', () => {
    fc.assert(
      fc.property(
        places,
        fc.boolean(),
        fc.array(fc.tuple(fc.nat(size), fc.nat(40)), { maxLength: 20 }),
        (found, sort, windows) => {
          // Places that overlap in part depend on their order, and no compiler makes them.
          const apart = found.filter(
            ({ offset }, index) => found.findIndex((other) => Math.abs(other.offset - offset) < 8) === index,
          );
          if (sort) apart.sort((a, b) => a.offset - b.offset);
          const elf = elfOf(apart.map(({ offset, type, addend }) => reloc(offset, type, addend, 'function')));
          const section = elf.section('.debug_info');
          if (section === undefined) throw new Error('no section');
          const data = elf.data(section);
          // By hand.
          const expected = Buffer.from(original);
          for (const { offset, type, addend } of apart) {
            const value = BigInt(layoutBase + 0x20) + BigInt(addend);
            if (type === 1) expected.writeBigUInt64LE(BigInt.asUintN(64, value), offset);
            if (type === 10) expected.writeUInt32LE(Number(BigInt.asUintN(32, value)), offset);
            if (type === 12) expected.writeUInt16LE(Number(BigInt.asUintN(16, value)), offset);
            if (type === 2) expected.writeUInt32LE(Number(BigInt.asUintN(32, value - BigInt(offset))), offset);
          }
          for (const [start, length] of windows)
            expect(hex(data.read(start, length))).toBe(hex(expected.subarray(start, start + length)));
          expect(hex(data.read(0, size))).toBe(hex(expected));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('of a large table find their entries', () => {
    const count = 140_000;
    const entries = Array.from({ length: count }, (_, index) => reloc(index * 4, 10, index));
    const elf = open({
      type: 1,
      sections: [text, { name: '.debug_info', contents: new Uint8Array(count * 4) }],
      symbols: symbols.slice(0, 1),
      relocations: { '.debug_info': entries },
    });
    const section = elf.section('.debug_info');
    if (section === undefined) throw new Error('no section');
    for (const index of [0, 1, 1023, 1024, 99_999, count - 1])
      expect(Buffer.from(elf.data(section).read(index * 4, 4)).readUInt32LE(0)).toBe(layoutBase + index);
  });

  test('of a large table that is out of order where nobody looked find their entries too', () => {
    const count = 140_000;
    const entries = Array.from({ length: count }, (_, index) => reloc(index * 4, 10, index));
    // Two neighbours swapped.
    entries.splice(135_001, 2, reloc(135_002 * 4, 10, 135_002), reloc(135_001 * 4, 10, 135_001));
    const elf = open({
      type: 1,
      sections: [text, { name: '.debug_info', contents: new Uint8Array(count * 4) }],
      symbols: symbols.slice(0, 1),
      relocations: { '.debug_info': entries },
    });
    const section = elf.section('.debug_info');
    if (section === undefined) throw new Error('no section');
    const bytes = Buffer.from(elf.data(section).read(135_000 * 4, 16));
    expect([0, 4, 8, 12].map((at) => bytes.readUInt32LE(at) - layoutBase)).toEqual([
      135_000, 135_001, 135_002, 135_003,
    ]);
  });
});
