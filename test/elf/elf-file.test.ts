import { describe, expect, test } from 'vitest';
import { toBigAddress } from '../../src/elf/address.ts';
import { flag, note, writeElf } from '../helpers/elf-writer.ts';
import { contents, failure, hex, open, openBytes } from './make.ts';

const buildId = Uint8Array.from({ length: 20 }, (_, index) => index + 1);

describe.each([
  { bits: 64, endian: 'little', machine: 62, name: 'x86_64' },
  { bits: 64, endian: 'little', machine: 183, name: 'arm64' },
  { bits: 32, endian: 'little', machine: 3, name: 'i386' },
  { bits: 32, endian: 'little', machine: 40, name: 'arm' },
  { bits: 64, endian: 'little', machine: 243, name: 'riscv64' },
  { bits: 32, endian: 'little', machine: 243, name: 'unknown' },
  { bits: 64, endian: 'big', machine: 21, name: 'ppc64' },
  { bits: 64, endian: 'big', machine: 22, name: 's390x' },
  { bits: 32, endian: 'big', machine: 8, name: 'mips' },
] as const)('a file of $name ($bits bits, $endian endian)', ({ bits, endian, machine, name }) => {
  const address = bits === 64 ? 0xffff_ffff_8100_1234n : 0xc100_1234n;
  const elf = open({
    bits,
    endian,
    machine,
    sections: [
      { name: '.text', flags: flag.alloc | flag.execute, address, contents: 'code', alignment: 16 },
      { name: '.notes', flags: flag.alloc, contents: note('GNU', 3, buildId, endian), alignment: 4 },
      { name: '.bss', flags: flag.alloc | flag.write, address: address + 0x1000n, size: 0x200n },
    ],
    symbols: [
      { name: 'first', value: address, size: 2n, section: '.text' },
      { name: 'second', value: address + 2n, size: 1n, section: '.text' },
    ],
    segments: [{ type: 1, section: '.text', virtualAddress: address, alignment: 0x1000 }],
  });

  test('has its header read', () => {
    expect(elf).toMatchObject({ is64: bits === 64, littleEndian: endian === 'little', machine: name, type: 'exec' });
  });

  test('has its sections, addresses exact', () => {
    const section = elf.section('.text');
    expect(section).toMatchObject({ index: 1, type: 1, flags: 6, size: 4, alignment: 16 });
    const found = section?.address ?? 0;
    expect(bits === 64 ? toBigAddress(found) : BigInt(found)).toBe(address);
    expect(hex(contents(elf, '.text'))).toBe(Buffer.from('code').toString('hex'));
    expect(elf.sectionAt(found + 3)?.name).toBe('.text');
    expect(elf.sectionAt(found + 4)).toBeUndefined();
  });

  test('has its build ID', () => {
    expect(elf.buildId).toBe(hex(buildId));
  });

  test('has its symbols, each to the next', () => {
    const base = elf.section('.text')?.address ?? 0;
    expect(elf.symbols().named('first')).toMatchObject([
      { address: base, size: 2, symbolSize: 2, binding: 1, type: 2 },
    ]);
    expect(elf.symbols().at(base + 3)).toMatchObject({ name: 'second', size: expect.any(Number) });
  });

  test('has its segments', () => {
    expect(elf.programHeaders).toMatchObject([
      {
        type: 1,
        flags: 4,
        virtualAddress: elf.section('.text')?.address,
        fileSize: 4,
        memorySize: 4,
        alignment: 0x1000,
      },
    ]);
  });

  test('has zeros where it has no contents', () => {
    const bss = contents(elf, '.bss');
    expect(bss.length).toBe(0x200);
    expect(bss.every((byte) => byte === 0)).toBe(true);
  });
});

describe('numbers that do not fit into the header', () => {
  test('are taken from section 0', () => {
    const elf = open({
      sections: [{ name: '.text', contents: 'x' }],
      segments: [{ type: 4, section: '.text' }],
      extendedNumbers: true,
    });
    expect(elf.sections.map(({ name }) => name)).toEqual(['', '.text', '.shstrtab']);
    expect(elf.programHeaders.length).toBe(1);
  });

  test('of 70,000 sections, with symbols beyond 65,280', () => {
    const count = 70_000;
    const sections = Array.from({ length: count }, (_, index) => ({
      name: `.text.${index % 100}`,
      flags: flag.alloc | flag.execute,
      address: BigInt(index * 16),
      contents: index === count - 1 ? 'last' : 'x',
    }));
    sections.push({
      name: '.text.far',
      flags: flag.alloc | flag.execute,
      address: 0x10_0000_0000n,
      contents: 'far away',
    });
    const elf = open({ sections, symbols: [{ name: 'far', value: 0x10_0000_0002n, section: '.text.far' }] });
    expect(elf.sections.length).toBe(count + 6);
    expect(elf.symbols().named('far')).toMatchObject([{ address: 0x10_0000_0002, section: { name: '.text.far' } }]);
  });
});

describe('contents', () => {
  const elf = open({ sections: [{ name: '.data', contents: '0123456789' }] });
  const section = elf.section('.data');
  if (section === undefined) throw new Error('no section');
  const data = elf.data(section);
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

  test.each([
    [0, 10, '0123456789'],
    [3, 4, '3456'],
    [8, 100, '89'],
    [10, 1, ''],
    [11, 1, ''],
    [-1, 5, ''],
    [0, -5, ''],
    [0.5, 2, ''],
    [Number.NaN, 2, ''],
    [0, Number.NaN, ''],
    [0, Number.POSITIVE_INFINITY, '0123456789'],
    [2 ** 60, 5, ''],
  ])('from %d, %d bytes', (offset, length, expected) => {
    expect(text(data.read(offset, length))).toBe(expected);
  });

  test('are copied as far as there is room', () => {
    const into = new Uint8Array(4).fill(0x2e);
    expect(data.readInto(into, 8)).toBe(2);
    expect(text(into)).toBe('89..');
    expect(data.readInto(into, 10)).toBe(0);
    expect(data.readInto(new Uint8Array(0), 1)).toBe(0);
  });
});

test('the first of several sections of a name is found, and all of them', () => {
  const elf = open({
    sections: [
      { name: '.group', contents: 'a' },
      { name: '.group', contents: 'bc' },
    ],
  });
  expect(elf.section('.group')?.index).toBe(1);
  expect(elf.sectionsNamed('.group').map(({ size }) => size)).toEqual([1, 2]);
});

test('notes of segments are read where there are no sections', () => {
  const bytes = writeElf({
    type: 4,
    sections: [{ name: '.note', contents: note('CORE', 7, buildId) }],
    segments: [{ type: 4, section: '.note' }],
  });
  // As a dump has it: no sections.
  bytes.fill(0, 40, 48);
  bytes.fill(0, 60, 64);
  const elf = openBytes(bytes);
  expect(elf.sections).toEqual([]);
  expect(elf.notes().map(({ name, type }) => [name, type])).toEqual([['CORE', 7]]);
  expect(elf.buildId).toBeUndefined();
});

test('what is appended is no part of it', () => {
  const elf = open({ sections: [{ name: '.text', contents: 'code' }], appended: '~Module signature appended~\n' });
  expect(hex(contents(elf, '.text'))).toBe(Buffer.from('code').toString('hex'));
});

describe('a file that is none', () => {
  const whole = writeElf({ sections: [{ name: '.text', contents: 'code' }] });
  const changed = (at: number, ...bytes: number[]): Uint8Array => {
    const copy = Uint8Array.from(whole);
    copy.set(bytes, at);
    return copy;
  };

  test.each([
    ['empty', new Uint8Array(0), 'KT-ELF-NOT-ELF: made.elf is no ELF file: it has only 0 bytes'],
    [
      'text',
      Buffer.from('Linux version 6.1.0, a log and no file'),
      'KT-ELF-NOT-ELF: made.elf is no ELF file: it does not begin',
    ],
    ['of class 3', changed(4, 3), 'KT-ELF-NOT-ELF: made.elf is no ELF file: its class is 3'],
    ['of a strange byte order', changed(5, 0), 'KT-ELF-NOT-ELF: made.elf is no ELF file: its byte order is 0'],
    ['cut in the header', whole.subarray(0, 40), 'KT-ELF-TRUNCATED: cannot read the header of made.elf'],
    [
      'cut before the section headers',
      whole.subarray(0, 100),
      'KT-ELF-TRUNCATED: cannot read the section headers of made.elf: they reach to byte',
    ],
    [
      'with names in a section that is not there',
      changed(62, 77, 0),
      'KT-ELF-SECTION: cannot read the names of sections of made.elf: they are in section 77 of 3',
    ],
    ['with section headers of 8 bytes', changed(58, 8, 0), 'KT-ELF-NOT-ELF'],
  ])('%s', (_, bytes, expected) => {
    expect(failure(() => openBytes(bytes))).toContain(expected);
  });

  test('whose section reaches over its end tells which', () => {
    const bytes = writeElf({ sections: [{ name: '.debug_info', contents: 'x' }] });
    // sh_size of section 1.
    new DataView(bytes.buffer).setUint32(bytes.length - 2 * 64 + 32, 0x100000, true);
    const elf = openBytes(bytes);
    const expected = 'KT-ELF-TRUNCATED: cannot read .debug_info of made.elf: it reaches to byte 1048640, the file has';
    expect(failure(() => contents(elf, '.debug_info'))).toContain(expected);
  });
});
