import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { openElf } from '../../src/elf/open-elf.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { writeElf } from '../helpers/elf-writer.ts';
import { contents } from './make.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-open-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function failure(path: string): Promise<string> {
  const error = await openElf(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof KtriageError ? `${error.code} ${error.why}` : String(error);
}

const small = writeElf({ sections: [{ name: '.text', contents: 'code' }] });

describe('a file that is packed as a whole', () => {
  test('is unpacked to memory', async () => {
    const elf = await openElf(file('small.ko.gz', gzipSync(small)));
    expect(Buffer.from(contents(elf, '.text')).toString()).toBe('code');
    elf.close();
  });

  test('is unpacked to a temporary file if it is large, which does not stay', async () => {
    // 72 MiB that do not compress to nothing.
    const large = new Uint8Array(72 * 1024 * 1024);
    for (let at = 0; at < large.length; at += 64) large[at] = (at * 2_654_435_761) >>> 24;
    large.set(small);
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('ktriage-')).length;
    const elf = await openElf(file('large.gz', gzipSync(large, { level: 1 })));
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('ktriage-')).length).toBeLessThanOrEqual(before);
    expect(Buffer.from(contents(elf, '.text')).toString()).toBe('code');
    elf.close();
  });

  test('is refused if it is a bomb', async () => {
    expect(await failure(file('bomb.gz', gzipSync(new Uint8Array(80 * 1024 * 1024))))).toContain(
      'which is not believed',
    );
  });

  test('is refused if it is damaged', async () => {
    expect(await failure(file('cut.gz', gzipSync(small).subarray(0, -30)))).toMatch(/^KT-ELF-SECTION gzip: /);
    expect(await failure(file('text.gz', gzipSync('text')))).toMatch(/^KT-ELF-NOT-ELF /);
  });

  test('is given up when asked to', async () => {
    const path = file('abort.gz', gzipSync(small));
    await expect(openElf(path, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

/** A file that begins with zeros, and has a magic somewhere. */
const at = (offset: number, magic: string): string => `${'\0'.repeat(offset)}${magic}\0`;

test.each([
  ['that is not there', join(folder, 'gone'), 'KT-FILE-MISSING there is no such file'],
  ['below a file', join(file('plain', 'x'), 'y'), 'KT-FILE-MISSING a part of the path is no folder'],
  ['that is a folder', folder, 'KT-FILE-IRREGULAR it is a folder'],
  ['that is a boot image of x86', file('bzImage', at(0x202, 'HdrS')), 'KT-ELF-BOOT-IMAGE'],
  ['that is a boot image of arm64', file('Image', at(0x38, 'ARM\x64')), 'KT-ELF-BOOT-IMAGE'],
  ['that is a packed boot image', file('vmlinuz.efi', `MZ\0\0zimg${at(0x100, '')}`), 'KT-ELF-BOOT-IMAGE'],
  ['that is a boot image, compressed', file('Image.gz', gzipSync(at(0x38, 'ARM\x64'))), 'KT-ELF-BOOT-IMAGE'],
  ['that is a System.map', file('System.map', 'ffffffff81000000 T _text\n'), 'KT-ELF-SYMBOL-MAP'],
  ['that is kallsyms of a user', file('kallsyms', '0000000000000000 A fixed_percpu_data\n'), 'KT-ELF-SYMBOL-MAP'],
  ['that is a System.map of 32 bits', file('map32', 'c0008000 T stext\n'), 'KT-ELF-SYMBOL-MAP'],
  ['that is a log', file('log', '[    0.000000] Linux version 6.1.0\n'), 'KT-ELF-NOT-ELF it does not begin'],
  ['that is empty', file('empty', ''), 'KT-ELF-NOT-ELF it has only 0 bytes'],
])('a file %s', async (_, path, expected) => {
  expect(await failure(path)).toContain(expected);
});

test('what a closed file has is not read any more', async () => {
  const elf = await openElf(file('closed', small));
  elf.close();
  elf.close();
  expect(() => contents(elf, '.text')).toThrow(KtriageError);
});
