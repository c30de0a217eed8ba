import { describe, expect, test } from 'vitest';
import { compareWithFile, type FileComparison } from '../../src/code/code-file.ts';
import { readFunction } from '../../src/code/function-text.ts';
import { X86Disassembler } from '../../src/code/x86/disassembler.ts';
import type { CodeDifference } from '../../src/model/explanation.ts';
import { Image } from '../../src/symbols/image.ts';
import { open } from '../elf/make.ts';
import { ByteWriter, type ElfLiteral, flag, type SectionLiteral, type SymbolLiteral } from '../helpers/elf-writer.ts';
import { bytes, dump } from './bytes.ts';

const x86 = new X86Disassembler('x86_64');
const text = 0xffffffff81000000n;
const code = flag.alloc | flag.execute;

/** A function from 0x40 on, behind one whose code has no good boundaries. */
const before = `48 b8 ${'00 '.repeat(8)}c3 ${'cc '.repeat(0x40 - 11)}`;
const body = [
  'e8 00 10 00 00', // 40: call __fentry__
  '0f 1f 44 00 00', // 45: a static key
  '48 c7 c7 00 00 20 81', // 4a: mov $0xffffffff81200000,%rdi
  '90 90 90', // 51: an alternative
  'e8 a7 0f 00 00', // 54: a static call
  'ff 15 00 10 20 00', // 59: a paravirt call
  '48 8b 43 08', // 5f: the mark
  '65 8b 05 00 10 20 00', // 63: %gs:0x201000(%rip)
  'e9 91 0f 00 00', // 6a: jmp __x86_return_thunk
];
const file = `${before} ${body.join(' ')} ${'cc '.repeat(0x20)}`;
const mark = 0x5f;

const address = (offset: number): bigint => text + BigInt(offset);

function relative(at: bigint, ...more: number[]): (from: bigint) => Uint8Array {
  return (from) =>
    new ByteWriter()
      .u32(Number(BigInt.asUintN(32, at - from)))
      .u8(...more)
      .done();
}

interface Tables {
  readonly sections?: readonly SectionLiteral[];
  readonly symbols?: readonly SymbolLiteral[];
}

function kernel({ sections = [], symbols = [] }: Tables = {}): ElfLiteral {
  return {
    sections: [{ name: '.text', flags: code, address: text, contents: bytes(file) }, ...sections],
    symbols: [
      { name: 'other', value: text, section: '.text' },
      { name: 'made', value: address(0x40), section: '.text' },
      ...symbols,
    ],
  };
}

/** A dump of the code from an offset on, with changes: by offset, what is there. */
function log(from: number, changes: Readonly<Record<number, string>> = {}, to = 0x6f): string {
  const all = bytes(file);
  for (const [at, hex] of Object.entries(changes)) all.set(bytes(hex), Number(at));
  return Array.from(all.subarray(from, to), (byte, nth) => {
    const unit = byte.toString(16).padStart(2, '0');
    return from + nth === mark ? `<${unit}>` : unit;
  }).join(' ');
}

function compare(line: string, literal = kernel(), kaslrOffset?: bigint): FileComparison | undefined {
  const place = { file: Image.of(open(literal)), address: Number(BigInt.asIntN(64, address(mark))) };
  return compareWithFile(dump(line), { ...place, ...(kaslrOffset !== undefined && { kaslrOffset }) }, x86);
}

const found = (comparison: FileComparison | undefined): [number, CodeDifference['cause']][] =>
  (comparison?.differences ?? []).map(({ offset, cause }) => [mark + offset, cause]);

describe('the same code', () => {
  test('has no differences, and the boundaries of the file', () => {
    expect(compare(log(0x42))).toEqual({ boundary: 0x45 - mark, differences: [], isSameCode: true });
    expect(compare(log(mark))).toMatchObject({ boundary: 0 });
    // The function before ends with int3.
    expect(compare(log(0x30))).toMatchObject({ boundary: 0x30 - mark });
  });

  test('moved by KASLR', () => {
    const moved = { 77: '00 00 40 97', 102: '00 10 00 ea' };
    expect(compare(log(0x45, moved))?.differences).toEqual([]);
    expect(compare(log(0x45, moved), kernel(), 0x16200000n)?.differences).toEqual([]);
    expect(found(compare(log(0x45, moved), kernel(), 0x1000000n))).toEqual([
      [0x4a, 'unknown'],
      [0x63, 'unknown'],
    ]);
    // By no multiple of 2 MiB.
    expect(found(compare(log(0x45, { 77: '00 10 40 97' })))).toEqual([[0x4a, 'unknown']]);
  });

  test('of which nothing is marked, or which the file does not have', () => {
    expect(compare('90 90 90 90')).toBeUndefined();
    const place = { file: Image.of(open(kernel())), address: 0x1000 };
    expect(compareWithFile(dump('90 <90>'), place, x86)).toBeUndefined();
  });
});

describe('what changed it', () => {
  test('as it looks', () => {
    expect(found(compare(log(0x40, { 64: '0f 1f 44 00 00' })))).toEqual([[0x40, 'ftrace']]);
    expect(found(compare(log(0x40, { 69: 'e9 10 00 00 00' })))).toEqual([[0x45, 'static-key']]);
    expect(found(compare(log(0x40, { 84: 'cc' })))).toEqual([[0x54, 'kprobe']]);
    expect(found(compare(log(0x40, { 84: 'cc cc cc cc cc' })))).toEqual([[0x54, 'int3']]);
  });

  test('or nothing that is known', () => {
    expect(compare(log(0x45, { 96: '8a' }))).toMatchObject({
      isSameCode: true,
      differences: [{ offset: 0, log: '48 8a 43 08', file: '48 8b 43 08', cause: 'unknown' }],
    });
    const other = log(0x45, { 69: '01 '.repeat(0x1a) });
    expect(compare(other)).toMatchObject({ isSameCode: false });
  });

  test('is not said of an instruction that is cut off', () => {
    expect(found(compare(log(0x45, { 107: '99' }, 0x6c)))).toEqual([]);
  });

  test('as the tables of the kernel say', () => {
    const at = text + 0x10000n;
    const entry = (name: string, nth: number, make: (from: bigint) => Uint8Array): SectionLiteral => {
      const from = at + BigInt(nth * 0x100);
      return { name, flags: flag.alloc, address: from, contents: make(from) };
    };
    const alternative = (from: bigint): Uint8Array =>
      new ByteWriter()
        .bytes(relative(address(0x51))(from))
        .bytes(relative(address(0x80))(from + 4n))
        .u32(0x20003)
        .u8(3, 3)
        .done();
    const sections = [
      entry('.altinstructions', 0, alternative),
      entry('.parainstructions', 1, () => new ByteWriter().u64(address(0x59)).u8(45, 6, 0, 0, 0, 0, 0, 0).done()),
      entry('.return_sites', 2, relative(address(0x6a))),
      entry('.static_call_sites', 3, relative(address(0x54), 0, 0, 0, 0)),
    ];
    const changes = {
      81: '0f 01 ca',
      84: '0f 1f 44 00 00',
      89: 'ff d0 0f 1f 40 00',
      106: 'c3 cc cc cc cc',
    };
    expect(compare(log(0x45, changes), kernel({ sections }))?.differences).toEqual([
      { offset: -14, log: '0f 01 ca', file: '90 90 90', cause: 'alternative' },
      { offset: -11, log: '0f 1f 44 00 00', file: 'e8 a7 0f 00 00', cause: 'static-call' },
      { offset: -6, log: 'ff d0 0f 1f 40 00', file: 'ff 15 00 10 20 00', cause: 'paravirt' },
      { offset: 11, log: 'c3 cc cc cc cc', file: 'e9 91 0f 00 00', cause: 'alternative' },
    ]);
    // The same without tables.
    expect(found(compare(log(0x45, changes))).map(([, cause]) => cause)).toEqual(['unknown', 'unknown']);
  });

  test('in tables that lie between symbols', () => {
    const at = text + 0x20000n;
    const jumps = new ByteWriter()
      .u64(0n)
      .bytes(relative(address(0x51))(at + 8n))
      .bytes(relative(address(0x60))(at + 12n))
      .u64(0n)
      .done();
    const sections = [{ name: '.rodata', flags: flag.alloc, address: at, contents: jumps }];
    const symbols = [
      { name: '__start___jump_table', value: at + 8n, type: 0, section: '.rodata' },
      { name: '__stop___jump_table', value: at + 24n, type: 0, section: '.rodata' },
    ];
    // A jump of two bytes in place of a NOP of one and another: no shape tells.
    expect(found(compare(log(0x45, { 81: 'f4' }), kernel({ sections, symbols })))).toEqual([[0x51, 'static-key']]);
  });

  test('tables of no known form are passed over', () => {
    const at = text + 0x10000n;
    for (const contents of [bytes('00 01 02'), new Uint8Array(12).fill(0x7f), new Uint8Array(0)]) {
      const sections = [{ name: '.altinstructions', flags: flag.alloc, address: at, contents }];
      expect(found(compare(log(0x45, { 96: '8a' }), kernel({ sections })))).toEqual([[mark, 'unknown']]);
    }
  });
});

test('a jump to the thunk of returns is a return: what is patched there never goes on behind it', () => {
  const at = text + 0x10000n;
  const thunk = { name: '.text..__x86.return_thunk', flags: code, address: address(0x1000), contents: bytes('c3 cc') };
  const sites = {
    name: '.return_sites',
    flags: flag.alloc,
    address: at,
    contents: relative(address(0x6a))(at),
  };
  const patched = (name: string): boolean | undefined => {
    const symbols = [{ name, value: address(0x1000), section: thunk.name }];
    const image = Image.of(open(kernel({ sections: [thunk, sites], symbols })));
    const found = readFunction(image, Number(BigInt.asIntN(64, address(mark))), x86);
    return found?.code.isPatched?.(found.indexOf(address(0x6a)) ?? -1);
  };
  expect(patched('__x86_return_thunk')).toBe(false);
  expect(patched('frob')).toBe(true);
});

test('a function is read once, whatever is asked about it', () => {
  const image = Image.of(open(kernel()));
  const read = (at: number) => readFunction(image, Number(BigInt.asIntN(64, address(at))), x86);
  expect(read(mark)).toBeDefined();
  expect(read(mark)).toBe(read(0x45));
  expect(read(0x10)).not.toBe(read(mark));
  expect(readFunction(Image.of(open(kernel())), Number(BigInt.asIntN(64, address(mark))), x86)).not.toBe(read(mark));
});

test('what is relocated in a module is no difference', () => {
  const module: ElfLiteral = {
    type: 1,
    sections: [
      { name: '.text', flags: code, contents: bytes('e8 00 00 00 00 48 8b 43 08 48 b8 00 00 00 00 00 00 00 00') },
    ],
    symbols: [
      { name: 'made', value: 0n, section: '.text' },
      { name: 'elsewhere', value: 0n, section: 0 },
    ],
    relocations: {
      '.text': [
        { offset: 1n, symbol: 'elsewhere', type: 4, addend: -4n },
        { offset: 11n, symbol: 'elsewhere', type: 1, addend: 0n },
      ],
    },
  };
  const elf = open(module);
  const start = elf.section('.text')?.address ?? 0;
  const compareAt = (line: string): FileComparison | undefined =>
    compareWithFile(dump(line), { file: Image.of(elf), address: start + 5 }, x86);
  const loaded = 'e8 11 22 33 44 <48> 8b 43 08 48 b8 88 77 66 55 44 33 22 11';
  expect(compareAt(loaded)).toEqual({ boundary: -5, differences: [], isSameCode: true });
  expect(compareAt(loaded.replace('8b 43', '8b 53'))?.differences).toMatchObject([{ offset: 0, cause: 'unknown' }]);
  // Instructions count as a whole, with what was relocated in them.
  expect(compareAt(loaded.replace('e8 11 22 33 44', '0f 1f 44 00 00'))?.differences).toEqual([
    { offset: -5, log: '0f 1f 44 00 00', file: expect.stringMatching(/^e8/), cause: 'ftrace' },
  ]);
});

test('a large function of nothing but jumps elsewhere is read in no time', () => {
  // jmp to somewhere behind it, 13,000 times: each might lead to a part of its own.
  const jumps = Buffer.alloc(65_000);
  for (let at = 0; at < jumps.length; at += 5) {
    jumps[at] = 0xe9;
    jumps.writeInt32LE(0x10_0000 - at - 5, at + 1);
  }
  const symbols: SymbolLiteral[] = Array.from({ length: 2000 }, (_, nth) => ({
    name: `made.cold.${nth}`,
    value: text + 0x10_0000n + BigInt(nth),
    section: '.text',
  }));
  const literal: ElfLiteral = {
    sections: [
      { name: '.text', flags: code, address: text, contents: Buffer.concat([jumps, Buffer.alloc(0x10_0000)]) },
    ],
    symbols: [{ name: 'made', value: text, section: '.text' }, ...symbols],
  };
  const start = performance.now();
  const found = readFunction(Image.of(open(literal)), Number(BigInt.asIntN(64, text)), x86);
  expect(found?.code.instructions.length).toBeGreaterThan(8000);
  expect(performance.now() - start).toBeLessThan(10_000);
});
