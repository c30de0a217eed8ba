import { describe, expect, test } from 'vitest';
import { GuestSymbols } from '../../src/kernel/kernel-symbols.ts';
import { Image } from '../../src/symbols/image.ts';
import { openBytes } from '../elf/make.ts';
import { flag, writeElf } from '../helpers/elf-writer.ts';
import { makeKernel } from './made-kernel.ts';

const slide = 0x1260_0000n;
const kernel = makeKernel();
const symbols = (hasInitCode = true) => new GuestSymbols(kernel.image, { slide, hasInitCode });

describe('the kernel', () => {
  test('addresses move with it, offsets of per-CPU variables do not', () => {
    expect(symbols().address('some_function')).toBe(kernel.text + 0x1000n + slide);
    expect(symbols().addresses('some_function')).toEqual([kernel.text + 0x1000n + slide]);
    expect(symbols().address('current_task')).toBe(0x1_fb80n);
    expect(symbols().address('there_is_none')).toBeUndefined();
    expect(symbols().addresses('there_is_none')).toEqual([]);
  });

  test('names of addresses, and their places in the file and back', () => {
    const address = kernel.linked('some_data') + slide + 4n;
    const found = symbols().at(address);
    expect(found).toMatchObject({ name: 'some_data', offset: 4, start: address - 4n });
    expect(found?.module).toBeUndefined();
    const place = symbols().place(address);
    expect(place?.image).toBe(kernel.image);
    if (place !== undefined) expect(symbols().addressOf(place)).toBe(address);
    for (const outside of [kernel.text, kernel.text + slide - 1n, kernel.text + slide + 0x70_0000n, 0x1_fb80n, 0n])
      expect(symbols().at(outside)).toBeUndefined();
  });

  test('what is code', () => {
    expect(symbols().isText(kernel.text + slide)).toBe(true);
    expect(symbols().isText(kernel.linked('_etext') + slide)).toBe(false);
    expect(symbols().isText(kernel.linked('some_data') + slide)).toBe(false);
    expect(symbols().isText(kernel.linked('_sinittext') + slide)).toBe(true);
    expect(symbols(false).isText(kernel.linked('_sinittext') + slide)).toBe(false);
  });

  test('code that is mapped a second time', () => {
    const original = kernel.linked('__entry_tramp_text_start') + slide;
    const alias = { start: 0xffff_fbff_fdbf_7000n, bytes: 0x1000, original };
    const moved = new GuestSymbols(kernel.image, { slide, hasInitCode: false, aliases: [alias] });
    expect(moved.at(alias.start + 8n)).toMatchObject({
      name: '__entry_tramp_text_start',
      offset: 8,
      start: alias.start,
    });
    expect(moved.isText(alias.start + 0xfffn)).toBe(true);
    expect(moved.isText(alias.start + 0x1000n)).toBe(false);
  });
});

const moduleImage = Image.of(
  openBytes(
    writeElf({
      type: 1,
      sections: [
        { name: '.text', flags: flag.alloc | flag.execute, contents: new Uint8Array(0x100), alignment: 16 },
        { name: '.text.unlikely', flags: flag.alloc | flag.execute, contents: new Uint8Array(0x40), alignment: 1 },
        { name: '.init.text', flags: flag.alloc | flag.execute, contents: new Uint8Array(0x40), alignment: 1 },
        { name: '.data', flags: flag.alloc | flag.write, contents: new Uint8Array(0x80), alignment: 16 },
      ],
      symbols: [
        { name: 'hang', value: 0x20n, section: '.text' },
        { name: 'hang.cold', value: 0x8n, section: '.text.unlikely' },
        { name: 'start', value: 0n, section: '.init.text' },
        { name: 'port', value: 0x10n, type: 1, section: '.data' },
      ],
    }),
    'made.ko',
  ),
);
const code = 0xffff_ffff_c020_0000n;
const data = 0xffff_ffff_c030_0000n;
const ranges = [
  { start: code, bytes: 0x1000 },
  { start: data, bytes: 0x1000 },
];

describe('a module with its file', () => {
  const sections = [
    { name: '.text', address: code },
    { name: '.text.unlikely', address: code + 0x100n },
    { name: '.init.text', address: 0xffff_ffff_c040_0000n },
    { name: '.data', address: data },
    { name: '.unknown', address: data + 0x200n },
  ];
  const all = symbols();
  all.addModule({ name: 'made', ranges, sections, image: moduleImage });

  test('names', () => {
    expect(all.modules.map(({ name }) => name)).toEqual(['made']);
    expect(all.at(code + 0x24n)).toMatchObject({ name: 'hang', offset: 4, module: 'made', start: code + 0x20n });
    expect(all.at(code + 0x109n)).toMatchObject({ name: 'hang.cold', offset: 1 });
    expect(all.at(data + 0x14n)).toMatchObject({ name: 'port', offset: 4 });
    expect(all.at(data + 0x2000n)).toBeUndefined();
  });

  test('what was freed after its init is not believed', () => {
    expect(all.at(0xffff_ffff_c040_0000n)).toBeUndefined();
    expect(all.isText(0xffff_ffff_c040_0000n)).toBe(false);
  });

  test('code and data', () => {
    expect(all.isText(code + 0x24n)).toBe(true);
    expect(all.isText(data + 0x24n)).toBe(false);
    // Behind its sections, what the kernel added (.plt).
    expect(all.isText(code + 0x800n)).toBe(true);
  });

  test('places and back', () => {
    for (const address of [code + 0x24n, code + 0x109n, data + 0x7fn]) {
      const place = all.place(address);
      expect(place?.image).toBe(moduleImage);
      if (place !== undefined) expect(all.addressOf(place)).toBe(address);
    }
    expect(all.place(code + 0x800n)).toBeUndefined();
    expect(all.addressOf({ image: moduleImage, address: 1 })).toBeUndefined();
    expect(all.addressOf({ image: moduleImage, address: Number.NaN })).toBeUndefined();
  });
});

test('a module whose sections are not told: its code is laid out as in the file', () => {
  const all = symbols();
  all.addModule({ name: 'made', ranges, sections: [], image: moduleImage });
  expect(all.at(code + 0x24n)).toMatchObject({ name: 'hang', offset: 4 });
  expect(all.at(data + 0x14n)).toBeUndefined();
});

describe('modules without files', () => {
  const all = symbols();
  all.addModule({
    name: 'other',
    ranges,
    sections: [],
    symbols: [
      { name: 'second', address: code + 0x40n },
      { name: 'first', address: code },
      { name: 'alias', address: code + 0x40n },
      { name: '', address: code + 0x44n },
      { name: 'far', address: data + 0x10n },
    ],
  });
  all.addModule({ name: 'bare', ranges: [{ start: 0xffff_ffff_c050_0000n, bytes: 0x1000 }], sections: [] });

  test('names from their own tables', () => {
    expect(all.at(code + 0x10n)).toEqual({ name: 'first', start: code, offset: 16, size: 0x40, module: 'other' });
    expect(all.at(code + 0x48n)).toMatchObject({ offset: 8, size: 0xfc0 });
    expect(all.at(data)).toBeUndefined();
    expect(all.at(data + 0x11n)).toMatchObject({ name: 'far', size: 0xff0 });
    expect(all.at(0xffff_ffff_c050_0010n)).toBeUndefined();
    expect(all.isText(0xffff_ffff_c050_0010n)).toBe(true);
  });

  test('one that lies where another does', () => {
    all.addModule({ name: 'liar', ranges: [{ start: 0n, bytes: Number.MAX_SAFE_INTEGER }], sections: [] });
    expect(all.at(code + 0x10n)?.module).toBe('other');
  });
});
