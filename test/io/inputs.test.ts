import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expandInputs } from '../../src/io/inputs.ts';

let folder = '';

const files: Readonly<Record<string, string | Uint8Array>> = {
  'b.log': 'b',
  'a.log': 'a',
  'odd[1]*.log': 'odd',
  'sub/c.log': 'c',
  'sub/deep/console': 'd',
  'sub/packed.log.gz': gzipSync('x'),
  'sub/windows.txt': Buffer.from('\ufeffline\n', 'utf16le'),
  'sub/reset.log': Buffer.concat([Buffer.alloc(30), Buffer.alloc(900, 'x')]),
  vmlinux: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]),
  'screen.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]),
  'memory.raw': Buffer.alloc(5000),
  empty: '',
  'only/binary.o': Buffer.from([0x7f, 0x45, 0x4c, 0x46]),
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ktriage-inputs-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await symlink(folder, join(folder, 'sub', 'loop'));
  await symlink(join(folder, 'a.log'), join(folder, 'sub', 'link.log'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function expand(...args: string[]): Promise<string[]> {
  const found = await expandInputs(args.map((argument) => (argument === '-' ? argument : join(folder, argument))));
  return found.map((path) => (path === '-' ? path : path.slice(folder.length + 1)));
}

describe('expandInputs', () => {
  test('keeps files, standard input and their order, once each', async () => {
    expect(await expand('b.log', '-', 'a.log', 'b.log', '-')).toEqual(['b.log', '-', 'a.log']);
  });

  test('a file that was named is taken whatever it is', async () => {
    expect(await expand('vmlinux', 'empty')).toEqual(['vmlinux', 'empty']);
  });

  test('finds the logs of a folder, sorted, subfolders behind', async () => {
    expect(await expand('.')).toEqual([
      'a.log',
      'b.log',
      'odd[1]*.log',
      'sub/c.log',
      'sub/link.log',
      'sub/packed.log.gz',
      'sub/reset.log',
      'sub/windows.txt',
      'sub/deep/console',
    ]);
  });

  test('matches patterns, but not a pattern that is the name of a file', async () => {
    expect(await expand('*.log')).toEqual(['a.log', 'b.log', 'odd[1]*.log']);
    expect(await expand('**/{c,console}*')).toEqual(['sub/c.log', 'sub/deep/console']);
    expect(await expand('odd[1]*.log')).toEqual(['odd[1]*.log']);
  });

  test('says so when there is nothing', async () => {
    await expect(expand('missing.log')).rejects.toMatchObject({ code: 'KT-INPUT-MISSING' });
    await expect(expand('*.missing')).rejects.toMatchObject({ code: 'KT-INPUT-MISSING' });
    await expect(expand('s*')).resolves.toEqual(['screen.png']);
    await expect(expand('only')).rejects.toMatchObject({ code: 'KT-INPUT-EMPTY-FOLDER' });
  });
});
