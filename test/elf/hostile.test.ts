import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alternateLink, debugLink } from '../../src/elf/debug-link.ts';
import { ElfFile } from '../../src/elf/elf-file.ts';
import { moduleInfo } from '../../src/elf/module-info.ts';
import { memoryAccess } from '../../src/io/random-access.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { ByteWriter, type ElfLiteral, flag, note, writeElf } from '../helpers/elf-writer.ts';
import { contents } from './make.ts';

/** A file with something of everything. */
const literal = (endian: 'little' | 'big', bits: 32 | 64): ElfLiteral => ({
  endian,
  bits,
  type: 1,
  sections: [
    { name: '.text', flags: flag.alloc | flag.execute, contents: new Uint8Array(64), alignment: 16 },
    { name: '.init.text', flags: flag.alloc | flag.execute, contents: new Uint8Array(16) },
    { name: '.bss', flags: flag.alloc | flag.write, size: 0x1000n },
    {
      name: '.note.gnu.build-id',
      flags: flag.alloc,
      contents: note('GNU', 3, new Uint8Array(20).fill(7), endian),
      alignment: 4,
    },
    { name: '.modinfo', flags: flag.alloc, contents: 'license=GPL\0name=made\0' },
    { name: '.gnu.linkonce.this_module', flags: flag.alloc, contents: new Uint8Array(64) },
    { name: '.debug_info', contents: new Uint8Array(100) },
    { name: '.debug_str', flags: flag.compressed, contents: packed(endian, bits) },
    { name: '.gnu_debuglink', contents: 'made.debug\0\0abcd' },
    { name: '.gnu_debugaltlink', contents: '../dwz\0abcdefgh' },
  ],
  symbols: [
    { name: 'one', value: 0n, section: '.text' },
    { name: 'two', value: 32n, section: '.text' },
    { name: 'uno', value: 0n, section: '.text' },
    { name: 'start', value: 0n, section: '.init.text' },
    { name: 'count', value: 8n, type: 1, section: '.bss' },
  ],
  relocations: {
    '.debug_info': Array.from({ length: 8 }, (_, index) => ({
      offset: BigInt(index * 12),
      symbol: 'two',
      type: 1 + 9 * (index % 2),
      addend: 4n,
    })),
  },
  segments: [{ type: 4, section: '.note.gnu.build-id' }],
});

function packed(endian: 'little' | 'big', bits: 32 | 64): Uint8Array {
  const header = new ByteWriter(endian, bits).u32(1);
  if (bits === 64) header.u32(0);
  return header
    .word(3000)
    .word(1)
    .bytes(deflateSync(Buffer.alloc(3000, 'abc')))
    .done();
}

const files = (['little', 'big'] as const).flatMap((endian) => [
  writeElf(literal(endian, 64)),
  writeElf({ ...literal(endian, 32), machine: endian === 'little' ? 3 : 8, extendedNumbers: true }),
  writeElf({ ...literal(endian, 64), type: 2, machine: 183 }),
]);

/** Everything that can be asked of a file. */
function readAll(bytes: Uint8Array): void {
  const elf = ElfFile.open(memoryAccess(bytes), 'made.elf');
  const calls: (() => unknown)[] = [
    () => elf.programHeaders,
    () => elf.notes(),
    () => elf.buildId,
    () => moduleInfo(elf),
    () => debugLink(elf),
    () => alternateLink(elf),
    () => {
      const symbols = elf.symbols();
      for (let index = 0; index < Math.min(symbols.count, 20); index++) {
        const entry = symbols.entry(index);
        if (entry === undefined) continue;
        symbols.at(entry.address);
        symbols.named(entry.name);
      }
      symbols.variantsOf('one');
      symbols.data.all();
    },
    ...elf.sections.slice(0, 30).map((section) => () => {
      const data = elf.data(section);
      data.read(0, 5000);
      data.read(3, 10);
      data.read(data.size - 5, 10);
    }),
  ];
  for (const call of calls) attempt(call);
}

/** Nothing else may be thrown. */
function attempt(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof KtriageError)) throw error;
    expect(error.code).toMatch(/^KT-ELF-(?:NOT-ELF|TRUNCATED|SECTION|UNSUPPORTED)$/);
    expect(error.message).toContain('made.elf');
  }
}

/** Numbers that are wrong in interesting ways. */
const number = fc.constantFrom(0, 1, 2, 4, 7, 8, 0x7f, 0x80, 0xff);
const change = fc.record({
  // Most of what decides is in the header, and in the section headers near the end.
  at: fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 0.02, noNaN: true }),
    fc.double({ min: 0.6, max: 1, noNaN: true }),
  ),
  bytes: fc.oneof(
    fc.array(number, { minLength: 1, maxLength: 8 }),
    fc.array(fc.nat(255), { minLength: 1, maxLength: 16 }),
  ),
});

test('a file whose all is well has all', () => {
  for (const bytes of files) {
    const elf = ElfFile.open(memoryAccess(bytes), 'made.elf');
    expect(elf.buildId).toBe('07'.repeat(20));
    expect(debugLink(elf)?.file).toBe('made.debug');
    expect(alternateLink(elf)).toEqual({ file: '../dwz', buildId: Buffer.from('abcdefgh').toString('hex') });
    expect(elf.symbols().named('two').length).toBe(1);
    expect(Buffer.from(contents(elf, '.debug_str')).toString()).toBe('abc'.repeat(1000));
  }
});

test('damaged files are refused in words, or read as they are', () => {
  fc.assert(
    fc.property(
      fc.nat(files.length - 1),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 5 }),
      (which, changes, cut) => {
        const bytes = Uint8Array.from(files[which] ?? []);
        for (const { at, bytes: put } of changes) {
          const start = Math.floor(at * (bytes.length - 1));
          bytes.set(put.slice(0, bytes.length - start), start);
        }
        attempt(() => readAll(cut === null ? bytes : bytes.subarray(0, Math.floor(cut * bytes.length))));
      },
    ),
    { numRuns: 10_000 },
  );
});

test('relocations of the symbols that they need lead in no circle', () => {
  for (const name of ['.symtab', '.strtab']) {
    const bytes = writeElf(literal('little', 64));
    const { sections } = ElfFile.open(memoryAccess(bytes), 'made.elf');
    const target = sections.findIndex((section) => section.name === name);
    const table = sections.findIndex((section) => section.name === '.rela.debug_info');
    // Its sh_info says what they are of.
    const view = new DataView(bytes.buffer);
    view.setUint32(Number(view.getBigUint64(40, true)) + 64 * table + 44, target, true);
    const elf = ElfFile.open(memoryAccess(bytes), 'made.elf');
    expect(elf.symbols().named('two').length).toBe(1);
    expect(contents(elf, '.debug_info').every((byte) => byte === 0)).toBe(true);
  }
});

test('every byte of the headers may be anything', () => {
  for (const file of files) {
    for (let at = 4; at < 64; at++)
      for (const value of [0, 1, 0x7f, 0xff]) {
        const bytes = Uint8Array.from(file);
        bytes[at] = value;
        attempt(() => readAll(bytes));
      }
  }
});

test('bytes that are anything are refused', () => {
  const start = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, magic) => {
      attempt(() => readAll(magic ? Uint8Array.from([...start, ...bytes]) : bytes));
    }),
    { numRuns: 1000 },
  );
});
