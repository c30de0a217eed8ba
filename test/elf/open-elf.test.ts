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

test.each([
  ['that is not there', join(folder, 'gone'), 'KT-FILE-MISSING there is no such file'],
  ['below a file', join(file('plain', 'x'), 'y'), 'KT-FILE-MISSING a part of the path is no folder'],
  ['that is a folder', folder, 'KT-FILE-IRREGULAR'],
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
