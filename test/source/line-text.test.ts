import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { showLines, textOf } from '../../src/source/line-text.ts';

const bytes = (text: string, encoding: BufferEncoding = 'utf8'): Uint8Array => Buffer.from(text, encoding);

describe('showLines', () => {
  test('expands tabs, and the column with them', () => {
    const { lines, column } = showLines([bytes('\tif (x)\t/* y */'), bytes('a\tb')], 0, 6);
    expect(lines).toEqual(['        if (x)  /* y */', 'a       b']);
    expect(lines[0]?.[(column ?? 0) - 1]).toBe('x');
  });

  test('counts columns in bytes, as compilers do', () => {
    const line = 's = "ä€"; call();';
    const at = Buffer.from(line).indexOf('call') + 1;
    const { lines, column } = showLines([bytes(line)], 0, at);
    expect(lines[0]?.slice((column ?? 0) - 1)).toBe('call();');
  });

  test.each([0, -1, 3, 99, undefined])('column %s is none of the line, or of a blank', (column) => {
    expect(showLines([bytes('ab cd')], 0, column)).not.toHaveProperty('column');
  });

  test('cuts lines without end around the column', () => {
    const { lines, column = 0 } = showLines([bytes(`${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`)], 0, 5001);
    expect(lines[0]?.length).toBeLessThanOrEqual(240);
    expect(lines[0]?.slice(column - 1, column + 3)).toBe('HERE');
    expect(lines[0]).toMatch(/^…x+HEREy+…$/);
  });

  test('what is no UTF-8 is Latin-1', () => {
    expect(textOf(bytes('naïve', 'latin1'))).toBe('naïve');
    expect(textOf(bytes('naïve'))).toBe('naïve');
  });

  test('any bytes and any column: the column is within the line', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: -3, max: 700 }), (line, at) => {
        const { lines, column } = showLines([line], 0, at);
        if (column === undefined) return;
        expect(column).toBeGreaterThanOrEqual(1);
        expect(lines[0]?.length).toBeLessThanOrEqual(240);
      }),
    );
  });
});
