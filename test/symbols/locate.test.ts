import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ModuleFolder } from '../../src/symbols/locate.ts';

const root = mkdtempSync(join(tmpdir(), 'ktriage-modules-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('ModuleFolder', () => {
  mkdirSync(join(root, 'a', 'deep', 'er'), { recursive: true });
  for (const name of ['a/snd-hda-intel.ko', 'a/deep/er/snd_hda_intel.ko.debug', 'a/deep/ext4.ko.xz', 'a/ext4.c'])
    writeFileSync(join(root, name), '');
  symlinkSync(root, join(root, 'a', 'circle'));
  const folder = new ModuleFolder(root);

  test('finds modules by the name that the kernel has for them, the nearest first', () => {
    const names = ['a/snd-hda-intel.ko', 'a/deep/er/snd_hda_intel.ko.debug'].map((name) => join(root, name));
    expect(folder.find('snd_hda_intel')).toEqual(names);
    expect(folder.find('snd-hda-intel')).toEqual(names);
    expect(folder.find('ext4')).toEqual([join(root, 'a/deep/ext4.ko.xz')]);
  });

  test('has a module that stands in place of a folder, and no other', () => {
    const only = new ModuleFolder(join(root, 'a/snd-hda-intel.ko'));
    expect(only.find('snd_hda_intel')).toEqual([join(root, 'a/snd-hda-intel.ko')]);
    expect(only.find('ext4')).toEqual([]);
  });

  test('has nothing of a folder that is not there, or of names that lead elsewhere', () => {
    expect(new ModuleFolder(join(root, 'gone')).find('ext4')).toEqual([]);
    expect(folder.find('../../ext4')).toEqual([]);
  });
});
