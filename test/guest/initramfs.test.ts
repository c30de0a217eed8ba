import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type InitramfsEntry, packInitramfs } from './initramfs.ts';

interface Unpacked {
  readonly path: string;
  readonly mode: number;
  readonly data: Buffer;
}

/** As init/initramfs.c reads it: every head and every file's data begin at a multiple of 4. */
function unpack(image: Buffer): Unpacked[] {
  const files: Unpacked[] = [];
  const aligned = (offset: number): number => (offset + 3) & ~3;
  for (let at = 0; at < image.length; ) {
    const head = image.toString('latin1', at, at + 110);
    expect(head).toMatch(/^070701[0-9a-f]{104}$/);
    const number = (nth: number): number => Number.parseInt(head.slice(6 + 8 * nth, 14 + 8 * nth), 16);
    const [mode, size, nameSize] = [number(1), number(6), number(11)];
    const path = image.toString('latin1', at + 110, at + 110 + nameSize - 1);
    expect(image[at + 110 + nameSize - 1]).toBe(0);
    if (path === 'TRAILER!!!') break;
    const start = aligned(at + 110 + nameSize);
    files.push({ path, mode, data: image.subarray(start, start + size) });
    at = aligned(start + size);
  }
  return files;
}

describe('an initramfs', () => {
  test('has its files with their modes', () => {
    const entries: InitramfsEntry[] = [
      { path: 'bin' },
      { path: 'bin/sh', data: Buffer.from('#!'), isExecutable: true },
      { path: 'note', data: Buffer.from('x') },
    ];
    const modes = unpack(gunzipSync(packInitramfs(entries))).map(({ path, mode }) => [path, mode.toString(8)]);
    expect(modes).toEqual([
      ['bin', '40755'],
      ['bin/sh', '100755'],
      ['note', '100644'],
    ]);
  });

  test('has all files whatever their names and sizes', () => {
    const entry = fc.record({
      path: fc.stringMatching(/^[a-z]{1,9}$/),
      data: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
        const found = unpack(gunzipSync(packInitramfs(entries)));
        expect(found.map(({ path, data }) => [path, [...data]])).toEqual(
          entries.map(({ path, data }) => [path, [...data]]),
        );
      }),
    );
  });
});
