import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { ElfFile } from '../../src/elf/elf-file.ts';
import { memoryAccess } from '../../src/io/random-access.ts';
import { Image } from '../../src/symbols/image.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { madeVmlinux } from '../helpers/damaged-images.ts';
import { ByteWriter, flag, type SectionLiteral, writeElf } from '../helpers/elf-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-lies-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { alloc, execute, compressed } = flag;
const text: SectionLiteral = { name: '.text', flags: alloc | execute, address: 0x1000n, contents: new Uint8Array(256) };
const imageOf = (bytes: Uint8Array): Image => Image.of(ElfFile.open(memoryAccess(bytes), 'made'));

/** What a call fails with, or what it gives. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof KtriageError) return `${error.code} ${error.message}: ${error.why}`;
    throw error;
  }
}

/** Memory that a call takes at most, as far as it is still held when it is done, and its time. */
async function cost(call: () => Promise<unknown>): Promise<{ milliseconds: number; bytes: number }> {
  const held = (): number => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
  const [started, before] = [performance.now(), held()];
  await call();
  return { milliseconds: performance.now() - started, bytes: held() - before };
}

/** The header of compressed contents and what is behind it. */
function packed(type: number, claimed: number, stored: Uint8Array): Uint8Array {
  return new ByteWriter().u32(type).u32(0).word(claimed).word(1).bytes(stored).done();
}

/** A frame of zstd with blocks of one byte many times (RFC 8878): four bytes become 128 KiB. */
function zstdBomb(blocks: number): Uint8Array {
  const frame = new ByteWriter().u32(0xfd2fb528).u8(0).u8(0x88);
  for (let block = 0; block < blocks; block++) {
    const header = (131_072 << 3) | (1 << 1) | Number(block === blocks - 1);
    frame.u8(header & 0xff, (header >> 8) & 0xff, header >> 16, 0);
  }
  return frame.done();
}

describe('compressed sections that are bombs', () => {
  const megabytes = 48;
  const zeros = megabytes * 1_048_576;
  const bombs: readonly [string, Uint8Array][] = [
    ['of zlib', packed(1, zeros, deflateSync(new Uint8Array(zeros)))],
    ['of zstd', packed(2, zeros, zstdBomb(megabytes * 8))],
  ];
  for (const [what, contents] of bombs)
    test(`${what} cost what is believed, and no more`, async () => {
      const names = ['.debug_info', '.debug_abbrev', '.debug_line', '.debug_str', '.debug_aranges', '.debug_addr'];
      const image = imageOf(
        writeElf({
          sections: [text, ...names.map((name) => ({ name, flags: compressed, contents }))],
          symbols: [{ name: 'only', value: 0x1000n, section: '.text' }],
        }),
      );
      let told: unknown;
      const { milliseconds, bytes } = await cost(async () => {
        told = await outcome(() => image.resolve([0x1000, 0x1010]));
      });
      expect(image.symbolsNamed('only')).toHaveLength(1);
      expect(`${told} ${image.problems}`).toMatch(/ \.debug_\w+ /);
      expect(bytes).toBeLessThan(400_000_000);
      expect(milliseconds).toBeLessThan(20_000);
    }, 30_000);

  test('that say so are refused before they go off', async () => {
    for (const type of [1, 2]) {
      const image = imageOf(
        writeElf({
          sections: [
            text,
            { name: '.debug_info', flags: compressed, contents: packed(type, 2 ** 40, new Uint8Array(64)) },
            { name: '.debug_line', contents: 'line' },
          ],
        }),
      );
      const told = await outcome(() => image.resolve([0x1000]));
      expect(`${told}${image.problems}`).toContain('cannot read .debug_info of made');
    }
  });
});

describe('symbol tables of lies', () => {
  const count = 400_000;

  test('with one endless name for all', async () => {
    const names = new Uint8Array(2_000_000).fill(0x61);
    const table = new Uint8Array(24 * (count + 1));
    const view = new DataView(table.buffer);
    for (let each = 1; each <= count; each++) {
      view.setUint32(24 * each, each, true);
      table[24 * each + 4] = 0x12;
      view.setUint16(24 * each + 6, 1, true);
      view.setUint32(24 * each + 8, 0x1000, true);
    }
    const image = imageOf(
      writeElf({
        sections: [
          text,
          { name: '.symtab', type: 2, contents: table, link: 3, entrySize: 24 },
          { name: '.strtab', type: 3, contents: names },
        ],
      }),
    );
    const { milliseconds } = await cost(async () => {
      for (const name of ['a', 'aaaa', 'b', 'a'.repeat(16_384)]) await outcome(() => image.symbolsNamed(name));
      await outcome(() => image.prepare(['a::b', 'b', 'aa']));
      await outcome(() => image.symbolAt(0x1010));
      await outcome(() => image.banner);
    });
    expect(milliseconds).toBeLessThan(15_000);
  }, 30_000);

  test('with sections, sizes and names that are nowhere', async () => {
    const image = imageOf(
      writeElf({
        sections: [text],
        symbols: [
          { name: 'one', value: 0x1000n, size: 2n ** 63n, section: '.text' },
          { name: 'two', value: 0xffff_ffff_ffff_ffffn, size: 1n, section: '.text' },
          { name: 'three', value: 0x1004n, section: 0x7777 },
          { name: 'linux_banner', value: 0x7fff_ffff_ffff_0000n, type: 1, section: '.text' },
          { name: 'one', value: 0x10ffn, section: '.text' },
        ],
      }),
    );
    expect(image.symbolsNamed('one').length).toBe(2);
    expect(image.symbolsNamed('three')).toEqual([]);
    expect(image.symbolAt(0x1002)?.name).toBe('one');
    expect(image.banner).toBeUndefined();
  });

  test('that are larger than any are refused', async () => {
    const bytes = writeElf({ sections: [text, { name: '.symtab', type: 2, size: 2n ** 34n, link: 3 }] });
    const path = join(folder, 'large');
    const file = openSync(path, 'w');
    writeSync(file, bytes);
    // The table is a hole in the file.
    ftruncateSync(file, 2 ** 34 + 4096);
    closeSync(file);
    const image = await Image.open(path, undefined, folder);
    try {
      const { bytes: held } = await cost(() => outcome(() => image.symbolsNamed('one')));
      expect(await outcome(() => image.symbolsNamed('one'))).toMatch(
        /^KT-ELF-SECTION cannot read \.symtab of .*large: /,
      );
      expect(held).toBeLessThan(50_000_000);
    } finally {
      image.close();
    }
  });
});

test('a file whose sections lie beyond 2 and 4 GiB is read like any other', async () => {
  const bytes = madeVmlinux();
  const small = imageOf(bytes);
  const path = join(folder, 'far');
  const file = openSync(path, 'w');
  const header = Uint8Array.from(bytes);
  const view = new DataView(header.buffer);
  const table = Number(view.getBigUint64(40, true));
  for (const { index, offset, size, name } of small.elf.sections) {
    if (index === 0 || !/^\.(?:debug|symtab|strtab|rodata)/.test(name)) continue;
    const far = (index % 2 === 0 ? 2 ** 31 : 2 ** 32) + index * 4096;
    writeSync(file, bytes.subarray(offset, offset + size), 0, size, far);
    header.fill(0, offset, offset + size);
    view.setBigUint64(table + 64 * index + 24, BigInt(far), true);
  }
  writeSync(file, header, 0, header.length, 0);
  closeSync(file);
  const image = await Image.open(path);
  try {
    const addresses = image.symbolsNamed('outer').map(({ address }) => address + 20);
    expect(addresses).toHaveLength(1);
    expect(await image.resolve(addresses)).toEqual(await small.resolve(addresses));
    expect((await image.resolve(addresses))[0]?.length).toBeGreaterThan(1);
    expect(image.release).toBe('6.9.0-made');
  } finally {
    image.close();
    small.close();
  }
});
