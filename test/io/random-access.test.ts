import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { memoryAccess, openRandomAccess } from '../../src/io/random-access.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-access-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'file');
writeFileSync(path, '0123456789');

describe.each([
  ['a file', () => openRandomAccess(path)],
  ['memory', () => memoryAccess(Buffer.from('0123456789'))],
])('%s', (_, open) => {
  test.each([
    [0, 4, '0123'],
    [7, 3, '789'],
    [7, 9, '789'],
    [10, 1, ''],
    [11, 1, ''],
    [-1, 3, ''],
    [0.5, 3, ''],
    [2 ** 60, 3, ''],
    [3, 0, ''],
  ])('from %d, %d bytes', (offset, length, expected) => {
    const access = open();
    const into = new Uint8Array(length);
    const read = access.readInto(into, offset);
    expect(Buffer.from(into.subarray(0, read)).toString()).toBe(expected);
    expect(access.size).toBe(10);
    access.close();
  });
});

test.skipIf(process.platform !== 'linux')('a pipe is refused, and not waited for', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(() => openRandomAccess(pipe)).toThrow(expect.objectContaining({ code: 'KT-FILE-IRREGULAR' }));
});

test('a file of more than 4 GiB is read at its end', () => {
  const sparse = join(folder, 'sparse');
  writeFileSync(sparse, '');
  const size = 5 * 2 ** 30;
  truncateSync(sparse, size);
  const access = openRandomAccess(sparse);
  expect(access.size).toBe(size);
  expect(access.readInto(new Uint8Array(100), size - 40)).toBe(40);
  access.close();
});

test('a file that became shorter gives what is left', () => {
  const shrinking = join(folder, 'shrinking');
  writeFileSync(shrinking, '0123456789');
  const access = openRandomAccess(shrinking);
  truncateSync(shrinking, 4);
  expect(access.readInto(new Uint8Array(10), 2)).toBe(2);
  access.close();
});
