import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ByteWriter, flag, type SectionLiteral, writeElf } from '../helpers/elf-writer.ts';
import { contents, failure, open, openBytes } from './make.ts';

const text = Buffer.from('debug information, again and again: '.repeat(100));
/** `text.subarray(0, 36)` in a zstd frame with a raw block, and 64 times the byte `r` in one of the other kind. */
const zstd = (bytes: Uint8Array, runs: number): Uint8Array =>
  new ByteWriter()
    .u32(0xfd2fb528)
    .u8(0x00, 0x38)
    .bytes(block(0, 0, bytes.length))
    .bytes(bytes)
    .bytes(block(1, 1, runs))
    .bytes('r')
    .done();

function block(last: number, type: number, size: number): Uint8Array {
  const header = (size << 3) | (type << 1) | last;
  return Uint8Array.of(header & 0xff, (header >> 8) & 0xff, header >> 16);
}

function compressed(
  type: number,
  size: number,
  data: Uint8Array,
  bits: 32 | 64 = 64,
  endian: 'little' | 'big' = 'little',
): SectionLiteral {
  const header = new ByteWriter(endian, bits).u32(type);
  if (bits === 64) header.u32(0);
  header.word(size).word(1).bytes(data);
  return { name: '.debug_info', flags: flag.compressed, contents: header.done() };
}

const read = (section: SectionLiteral): string =>
  Buffer.from(contents(open({ sections: [section] }), section.name)).toString('latin1');

describe('a compressed section', () => {
  test.each([
    [64, 'little', 62],
    [32, 'little', 3],
    [64, 'big', 22],
    [32, 'big', 8],
  ] as const)('is inflated (%d bits, %s endian)', (bits, endian, machine) => {
    const elf = open({
      bits,
      endian,
      machine,
      sections: [compressed(1, text.length, deflateSync(text), bits, endian)],
    });
    expect(Buffer.from(contents(elf, '.debug_info')).equals(text)).toBe(true);
  });

  test('of zstd is decompressed', () => {
    const start = text.subarray(0, 36);
    expect(read(compressed(2, 100, zstd(start, 64)))).toBe(`${start.toString('latin1')}${'r'.repeat(64)}`);
  });

  test('of the old form is found by its new name', () => {
    const section = {
      name: '.zdebug_line',
      contents: Buffer.concat([Buffer.from('ZLIB'), size64(text.length), deflateSync(text)]),
    };
    const elf = open({ sections: [section] });
    expect(elf.section('.debug_line')?.name).toBe('.zdebug_line');
    expect(Buffer.from(contents(elf, '.debug_line')).equals(text)).toBe(true);
  });

  test('that is empty is empty', () => {
    expect(read(compressed(1, 0, deflateSync(Buffer.alloc(0))))).toBe('');
  });
});

function size64(size: number): Uint8Array {
  return new ByteWriter('big').u64(BigInt(size)).done();
}

describe('a compressed section is refused', () => {
  const zlib = deflateSync(text);
  test.each([
    ['that ends early', compressed(1, text.length, zlib.subarray(0, 30)), 'zlib: unexpected end of file'],
    ['that is something else', compressed(1, 100, Buffer.from('no compressed data')), 'zlib: incorrect header check'],
    [
      'that becomes less than it says',
      compressed(1, text.length + 1, zlib),
      `zlib: it became ${text.length} bytes instead of ${text.length + 1}`,
    ],
    ['that becomes more than it says', compressed(1, text.length - 1, zlib), 'zlib: Cannot create a Buffer larger'],
    ['that says more than can be', compressed(1, 2 ** 40, zlib), 'which is not believed'],
    ['that says too much for its size', compressed(1, 2 ** 29, zlib), 'which is not believed'],
    [
      'that has no header',
      { name: '.debug_info', flags: flag.compressed, contents: 'short' },
      'it is too short for the header',
    ],
    [
      'of the old form with no header',
      { name: '.zdebug_info', contents: 'GZIP12345678' },
      'it does not begin with ZLIB',
    ],
    ['of zstd that ends early', compressed(2, 100, zstd(text.subarray(0, 36), 64).subarray(0, 20)), 'zstd: '],
    ['of zstd that becomes more', compressed(2, 99, zstd(text.subarray(0, 36), 64)), 'zstd: '],
    [
      'of zstd that becomes less',
      compressed(2, 101, zstd(text.subarray(0, 36), 64)),
      'zstd: it became 100 bytes instead of 101',
    ],
    [
      'of zstd with a dictionary',
      compressed(2, 9, Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1, 0, 9, 0, 0, 0, 0, 0)),
      'zstd: ',
    ],
  ])('%s', (_, section, why) => {
    const told = failure(() => read(section));
    expect(told).toContain(`KT-ELF-SECTION: cannot read ${section.name} of made.elf`);
    expect(told).toContain(why);
  });

  test('that is damaged is not decompressed again for each that reads of it', () => {
    const elf = openBytes(
      writeElf({ sections: [compressed(1, 32 * 1024 * 1024, deflateSync(Buffer.alloc(16 * 1024 * 1024)))] }),
    );
    const section = elf.section('.debug_info');
    if (section === undefined) throw new Error('no section');
    const started = performance.now();
    const told = Array.from({ length: 1000 }, () => failure(() => elf.data(section).read(5, 1)));
    expect(performance.now() - started).toBeLessThan(5000);
    expect(new Set(told).size).toBe(1);
  });

  test('that is one of many at the same place, together a bomb', () => {
    const zeros = 40 * 1024 * 1024;
    const bytes = writeElf({
      sections: [
        compressed(1, zeros, deflateSync(Buffer.alloc(zeros))),
        ...['a', 'b'].map((name) => ({ name, flags: flag.compressed, contents: '' })),
      ],
    });
    // The headers of both others get offset and size of the first.
    const view = new DataView(bytes.buffer);
    const table = Number(view.getBigUint64(40, true));
    for (const index of [2, 3]) bytes.copyWithin(table + 64 * index + 24, table + 64 + 24, table + 64 + 40);
    const elf = openBytes(bytes);
    expect(failure(() => contents(elf, '.debug_info'))).toBe('no failure');
    expect(failure(() => [contents(elf, 'a'), contents(elf, 'b')])).toContain(
      'it and others would become more than is believed',
    );
  });

  test('that is compressed in another way', () => {
    expect(failure(() => read(compressed(9, 100, zlib)))).toContain('KT-ELF-UNSUPPORTED');
  });
});
