import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type ScannedFile, scanFile } from '../../src/source/scan.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-scan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'a.c');

function scan(content: string | Uint8Array, wanted: readonly number[] = [], functions: readonly string[] = []) {
  writeFileSync(path, content);
  return scanFile(path, { lines: new Set(wanted), functions: new Set(functions) });
}

function scanned(result: ScannedFile | string): ScannedFile {
  if (typeof result === 'string') throw new Error(result);
  return result;
}

const text = (file: ScannedFile, line: number): string | undefined => {
  const bytes = file.lines.get(line);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1');
};

describe('scanFile', () => {
  test('keeps the lines that are wanted, whatever ends them', () => {
    const file = scanned(scan('one\r\ntwo\nthree', [1, 3, 4]));
    expect([file.lineCount, text(file, 1), text(file, 2), text(file, 3), text(file, 4)]).toEqual([
      3,
      'one',
      undefined,
      'three',
      undefined,
    ]);
  });

  test('hashes as md5sum and git do', () => {
    const file = scanned(scan('int x;\n'));
    expect(file.md5).toBe(createHash('md5').update('int x;\n').digest('hex'));
    // git hash-object
    expect(file.blob).toBe(createHash('sha1').update('blob 7\0int x;\n').digest('hex'));
  });

  test('finds functions', () => {
    expect(scanned(scan('int f(void)\n{\n}\n', [], ['f', 'g'])).definitions).toEqual(
      new Map([
        ['f', [{ first: 1, last: 3 }]],
        ['g', []],
      ]),
    );
  });

  test('refuses what is no source', () => {
    expect(scan('a\n\0b')).toBe('it is a binary file');
    truncateSync(path, 40_000_000);
    expect(scanFile(path, { lines: new Set(), functions: new Set() })).toMatch(/38 MiB/);
  });

  test('an empty file has no lines', () => {
    expect(scanned(scan('')).lineCount).toBe(0);
  });

  test('a line longer than a window is bounded', () => {
    const file = scanned(scan(`${'x'.repeat(300_000)}\nend`, [1, 2]));
    expect(file.lines.get(1)?.length).toBeLessThanOrEqual(65_536);
    expect(text(file, 2)).toBe('end');
  });

  test('the same lines as by splitting, also around the ends of windows', () => {
    const line = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', ' ', '\t', '{', '}', '\r'), maxLength: 20 }),
      fc.integer({ min: 65_500, max: 65_535 }).map((length) => 'y'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.boolean(), (lines, ended) => {
        const content = lines.join('\n') + (ended ? '\n' : '');
        const parts = content.split('\n');
        if (parts.at(-1) === '') parts.pop();
        const file = scanned(scan(content, [1, 2, 3, 4, 5, 6, 7]));
        expect(file.lineCount).toBe(parts.length);
        for (const [nth, part] of parts.entries()) expect(text(file, nth + 1)).toBe(part.replace(/\r$/, ''));
      }),
      { numRuns: 60 },
    );
  });
});
