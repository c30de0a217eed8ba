import { describe, expect, test } from 'vitest';
import { moduleInfo, moduleNameOfPath } from '../../src/elf/module-info.ts';
import { layoutBase } from '../../src/elf/module-layout.ts';
import { ByteWriter, flag, type SectionLiteral } from '../helpers/elf-writer.ts';
import { open } from './make.ts';

const { alloc, write, execute } = flag;
const modinfo = (...entries: string[]): SectionLiteral => ({
  name: '.modinfo',
  flags: alloc,
  contents: entries.map((entry) => `${entry}\0`).join(''),
});

describe('sections of a module', () => {
  const elf = open({
    type: 1,
    sections: [
      { name: '.text', flags: alloc | execute, contents: new Uint8Array(0x21), alignment: 16 },
      { name: '.data', flags: alloc | write, contents: new Uint8Array(8), alignment: 8 },
      { name: '.init.text', flags: alloc | execute, contents: new Uint8Array(0x10) },
      { name: '.rodata', flags: alloc, contents: new Uint8Array(8) },
      { name: '.text.unlikely', flags: alloc | execute, contents: new Uint8Array(0x10), alignment: 32 },
      { name: '.exit.text', flags: alloc | execute, contents: new Uint8Array(0x10), alignment: 1 },
      { name: '.debug_info', contents: new Uint8Array(8) },
    ],
    symbols: [
      { name: 'last', value: 0x10n, section: '.text' },
      { name: 'last.cold', value: 0n, section: '.text.unlikely' },
      { name: 'leave', value: 8n, section: '.exit.text' },
      { name: 'cleanup_module', value: 8n, section: '.exit.text' },
      { name: 'init_module', value: 0n, section: '.init.text' },
      { name: 'value', value: 4n, type: 1, section: '.data' },
    ],
  });
  const address = (name: string): number | undefined => elf.section(name)?.address;

  test('have places of their own, as the kernel lays them out', () => {
    expect(address('.text')).toBe(layoutBase);
    expect(address('.text.unlikely')).toBe(layoutBase + 0x40);
    expect(address('.exit.text')).toBe(layoutBase + 0x50);
    const [code = 0, constants = 0, values = 0, init = 0] = ['.text', '.rodata', '.data', '.init.text'].map(address);
    expect(code < constants && constants < values && values < init).toBe(true);
    expect(address('.debug_info')).toBe(0);
  });

  test('give symbols the sizes that an oops prints', () => {
    const symbols = elf.symbols();
    expect(symbols.named('last')).toMatchObject([
      { size: 0x30, sizeIsCertain: true, sizeInSection: 0x11, address: layoutBase + 0x10 },
    ]);
    expect(symbols.named('leave')).toMatchObject([{ size: 0x1000 - 0x58, sizeIsCertain: false, sizeInSection: 8 }]);
    expect(symbols.named('init_module')).toMatchObject([{ size: 0x1000, sizeInSection: 0x10 }]);
  });

  test('name the first symbol of the table where there are several', () => {
    expect(elf.symbols().at(layoutBase + 0x59)).toMatchObject({ name: 'leave', aliases: ['cleanup_module'] });
  });
});

test('the size of the last symbol before what the kernel fills itself is not certain', () => {
  const elf = open({
    type: 1,
    sections: [
      { name: '.text', flags: alloc | execute, contents: new Uint8Array(0x40), alignment: 16 },
      { name: '.plt', flags: alloc | execute, contents: new Uint8Array(1), alignment: 1 },
      { name: '.exit.text', flags: alloc | execute, contents: new Uint8Array(0x10), alignment: 8 },
    ],
    symbols: [
      { name: 'first', value: 0n, section: '.text' },
      { name: 'last', value: 0x20n, section: '.text' },
      { name: 'leave', value: 0n, section: '.exit.text' },
    ],
  });
  expect(elf.symbols().named('first')).toMatchObject([{ size: 0x20, sizeIsCertain: true }]);
  expect(elf.symbols().named('last')).toMatchObject([{ sizeIsCertain: false, sizeInSection: 0x20 }]);
});

test('sections with sizes that cannot be are laid out all the same', () => {
  const huge = (name: string): SectionLiteral => ({
    name,
    flags: alloc | execute,
    size: 1n << 62n,
    alignment: 0x7fff_ffff,
  });
  const elf = open({ type: 1, sections: [huge('.a'), huge('.b'), huge('.c')] });
  expect(elf.sections.every(({ address }) => Number.isSafeInteger(address))).toBe(true);
});

describe('the name of a module', () => {
  const text = { name: '.text', contents: '' };

  test('is in .modinfo', () => {
    const elf = open({
      type: 1,
      sections: [text, modinfo('license=GPL', 'vermagic=6.1.0 SMP mod_unload', 'srcversion=1F', 'name=snd-hda')],
    });
    expect(moduleInfo(elf)).toMatchObject({
      name: 'snd_hda',
      nameFrom: 'modinfo',
      vermagic: '6.1.0 SMP mod_unload',
      srcversion: '1F',
    });
    expect(moduleInfo(elf)?.entries.length).toBe(4);
  });

  test.each([32, 64] as const)('is in the structure that the module has of itself (%d bits)', (bits) => {
    const structure = new ByteWriter('little', bits)
      .u32(0)
      .align(bits / 8)
      .word(0)
      .word(0)
      .bytes('old_module\0')
      .done();
    const sections = [
      text,
      modinfo('license=GPL'),
      { name: '.gnu.linkonce.this_module', flags: alloc, contents: structure },
    ];
    expect(moduleInfo(open({ bits, type: 1, sections }))).toMatchObject({
      name: 'old_module',
      nameFrom: 'this_module',
    });
  });

  test('is that of the file where only debug information is left', () => {
    const sections = [
      { name: '.modinfo', flags: alloc, size: 100n },
      { name: '.gnu.linkonce.this_module', size: 100n },
    ];
    const elf = open({ type: 1, sections }, 'lib/modules/virtio-net.ko.debug');
    expect(moduleInfo(elf)).toEqual({ name: 'virtio_net', nameFrom: 'file name', entries: [] });
  });

  test('is not known of what is no module', () => {
    expect(moduleInfo(open({ type: 1, sections: [text] }))).toBeUndefined();
    expect(moduleInfo(open({ type: 2, sections: [modinfo('name=a')] }))).toBeUndefined();
  });

  test.each([
    ['a/b/ext4.ko', 'ext4'],
    ['snd-hda-intel.ko.xz', 'snd_hda_intel'],
    ['x.ko.debug.zst', 'x'],
    ['vmlinux', 'vmlinux'],
    ['', ''],
  ])('of %s is %s', (path, name) => {
    expect(moduleNameOfPath(path)).toBe(name);
  });
});
