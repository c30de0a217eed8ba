import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findAddresses, findSymbols } from '../../src/decode/symbol-tokens.ts';

const printed = (line: string): string[] =>
  findSymbols(line).map(
    ({ start, end, module }) => `${line.slice(start, end)}${module === undefined ? '' : ` of ${module}`}`,
  );

describe('symbols of a line', () => {
  test.each<[string, string[]]>([
    ['[   12.5]  vfs_write+0xc7/0x3f0', ['vfs_write+0xc7/0x3f0']],
    ['RIP: 0010:made_read+0xe/0x19 [made]', ['made_read+0xe/0x19 [made] of made']],
    [
      ' ? made_read.cold+0x1/0x2 [made 0123456789abcdef0123456789abcdef01234567] (P)',
      ['made_read.cold+0x1/0x2 [made 0123456789abcdef0123456789abcdef01234567] of made'],
    ],
    ['lr : a+0x1/0x2, b.isra.0+0x3/0x4 [x]', ['a+0x1/0x2', 'b.isra.0+0x3/0x4 [x] of x']],
    ['[<c0012345>] (callee) from [<c0054321>] (caller+0x10/0x14)', ['caller+0x10/0x14']],
    ['{"message":"Call Trace:\\n foo+0x1/0x2\\nbar+0x3/0x4\\n"}', ['foo+0x1/0x2', 'bar+0x3/0x4']],
    ['\x1b[0mfoo+0x1/0x2 \x1b[1;31mbar+0x1/0x2', ['foo+0x1/0x2', 'bar+0x1/0x2']],
    // What others decoded already, and what is no symbol.
    ['foo+0x1/0x2 kernel/fork.c:12', []],
    ['foo+0x1/0x2 [mod] (kernel/fork.c:12)', []],
    ['foo+0x1/0x2 include/linux/x.h:7 [inline]', []],
    ['foo+0x1', []],
    ['0x1+0x1/0x2 7a+0x1/0x2', []],
    ['core::fmt+0x1/0x2', []],
    ['foo+0x1/0x2zz +0x1/0x2', []],
    [`${'a'.repeat(600)}+0x1/0x2`, []],
  ])('%s', (line, expected) => {
    expect(printed(line)).toEqual(expected);
  });

  test('numbers', () => {
    expect(findSymbols('f+0x1c/0xff0')[0]).toMatchObject({ name: 'f', offset: 0x1c, size: 0xff0 });
    expect(findAddresses('x [<ffffffff81234567>] y [<0xc0012345>] [<12>] [<zz>]')).toEqual([
      { start: 2, end: 22, address: 0xffffffff81234567n },
      { start: 25, end: 39, address: 0xc0012345n },
    ]);
  });

  test('are where they are said to be, in order', () => {
    const word = fc.constantFrom(
      '+0x',
      '/0x',
      'f',
      '12',
      ' ',
      '[m]',
      '(',
      ')',
      '\x1b[',
      ';1m',
      '::',
      '\\n',
      '[<c0012345>]',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const line = words.join('');
        let before = 0;
        for (const { start, end, name } of findSymbols(line)) {
          expect(start).toBeGreaterThanOrEqual(before);
          expect(line.slice(start, end).startsWith(`${name}+0x`)).toBe(true);
          before = end;
        }
      }),
    );
  });

  test('take no time on lines that are nearly some', () => {
    const start = performance.now();
    for (const unit of ['a', '+0x', 'a+0x1/', 'a+0x1/0x2 [', '\x1b[', '[<', '([<c0012345>] '])
      findSymbols(unit.repeat(300_000 / unit.length));
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
