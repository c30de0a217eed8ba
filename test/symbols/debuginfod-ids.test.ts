import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { idOfRunning, idOfStripped, type RunningKernel } from '../../src/symbols/debuginfod-ids.ts';
import { note, writeElf } from '../helpers/elf-writer.ts';
import { buildId, temporaryFolder } from './debuginfod-peer.ts';

const id = (hex = buildId) => note('GNU', 3, Buffer.from(hex, 'hex'));

function running(sys: string): RunningKernel {
  return { release: '6.9.0-made', version: '#7 SMP PREEMPT_DYNAMIC Debian 6.9.1-1', sys, littleEndian: true };
}

describe('idOfRunning', () => {
  const sys = (): string => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'kernel'));
    mkdirSync(join(folder, 'module/some_module/notes'), { recursive: true });
    writeFileSync(join(folder, 'kernel/notes'), id());
    writeFileSync(join(folder, 'module/some_module/notes/.note.gnu.build-id'), id('0011223344556677'));
    return folder;
  };

  test('is what the kernel and its modules show, if the log can be of them', () => {
    const machine = running(sys());
    const log = { release: '6.9.0-made', version: '#7 Debian 6.9.1-1' };
    expect(idOfRunning(log, undefined, machine)?.buildId).toBe(buildId);
    expect(idOfRunning(log, 'some-module', machine)?.buildId).toBe('0011223344556677');
  });

  test('is none where it is another kernel, or there is no such module', () => {
    const machine = running(sys());
    expect(idOfRunning({}, undefined, machine)).toBeUndefined();
    expect(idOfRunning({ release: '6.9.0-other' }, undefined, machine)).toBeUndefined();
    const rebuilt = { release: '6.9.0-made', version: '#7 Debian 6.9.1-2' };
    expect(idOfRunning(rebuilt, undefined, machine)).toBeUndefined();
    const log = { release: '6.9.0-made' };
    for (const name of ['other', '../kernel', '', '..']) expect(idOfRunning(log, name, machine)).toBeUndefined();
    expect(idOfRunning(log, undefined, running('/no/such/folder'))).toBeUndefined();
  });
});

describe('idOfStripped', () => {
  const file = (release: string, hex: string): string => {
    const path = join(temporaryFolder(), 'some-module.ko');
    const information = `name=some_module\0vermagic=${release} SMP mod_unload \0`;
    const sections = [
      { name: '.note.gnu.build-id', type: 7, contents: id(hex), alignment: 4 },
      { name: '.modinfo', contents: information },
    ];
    writeFileSync(path, writeElf({ type: 1, sections }));
    return path;
  };

  test('is that of the first file of the same release', async () => {
    const broken = join(temporaryFolder(), 'broken.ko');
    writeFileSync(broken, '\x7fELF');
    const paths = ['/no/such/file', broken, file('6.8.0', '00'.repeat(20)), file('6.9.0-made', buildId)];
    expect(await idOfStripped(paths, { release: '6.9.0-made' })).toEqual({ buildId, from: paths[3] });
    expect(await idOfStripped(paths, { release: '6.7.0' })).toBeUndefined();
    expect(await idOfStripped(paths, {})).toBeUndefined();
  });
});
