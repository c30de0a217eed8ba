import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rewriteLine } from '../../src/decode/rewrite.ts';
import { findSymbols } from '../../src/decode/symbol-tokens.ts';

/** Every symbol becomes its name in capitals. */
const rewrite = (line: string): string =>
  rewriteLine(
    line,
    findSymbols(line).map(({ start, end, name, module }) => ({
      start,
      end,
      text: `${name.toUpperCase()} (a.c:1)${module === undefined ? '' : ` ${module}`}`,
    })),
  );

describe('a line is rewritten as decode_stacktrace.sh leaves it', () => {
  test.each([
    ['[    1.5]  foo+0x1/0x2', '[    1.5]  FOO (a.c:1)'],
    ['[    1.5]  ? foo+0x1/0x2 [mod]\r', '[    1.5]  ? FOO (a.c:1) mod\r'],
    ['RIP: 0010:foo+0x1/0x2', 'RIP: 0010:FOO (a.c:1)'],
    ['foo+0x1/0x2 [mod] (P)', 'FOO (a.c:1) mod (P)'],
    // Addresses go.
    ['[  1.5] [<ffffffff81234567>] foo+0x1/0x2', '[  1.5] FOO (a.c:1)'],
    ['[<ffffffff81234567>] ? foo+0x1/0x2', ' ? FOO (a.c:1)'],
    ['RIP: 0010:[<ffffffff81234567>]  [<ffffffff81234567>] foo+0x1/0x2', 'RIP: FOO (a.c:1)'],
    ['[<c0012345>] (callee) from [<c0054321>] (foo+0x10/0x14)', ' (callee) from FOO (a.c:1)'],
    // So do brackets around a symbol, on s390 around both.
    [' ([<0000000000112233>] foo+0x1/0x2)', ' FOO (a.c:1)'],
    [' [<0000000000112233>] foo+0x1/0x2 ', ' FOO (a.c:1) '],
    [
      'Krnl PSW : 0704c00180000000 00000000001a2b3c (foo+0x1/0x2)',
      'Krnl PSW : 0704c00180000000 00000000001a2b3c FOO (a.c:1)',
    ],
    ['at (foo+0x1/0x2 [mod]) and (bar+0x1/0x2, x)', 'at FOO (a.c:1) mod and (BAR (a.c:1), x)'],
    // These are no words that are addresses.
    ['NIP [c000000000123456] foo+0x1/0x2', 'NIP [c000000000123456] FOO (a.c:1)'],
    ['x[<c0012345>] foo+0x1/0x2', 'x[<c0012345>] FOO (a.c:1)'],
    ['foo+0x1/0x2 [<c0012345>] bar+0x1/0x2', 'FOO (a.c:1) BAR (a.c:1)'],
    ['foo+0x1/0x2 [<c0012345>]', 'FOO (a.c:1)'],
  ])('%j', (line, expected) => {
    expect(rewrite(line)).toBe(expected);
  });

  test('what was not found stays, with its address', () => {
    const line = '[<c0012345>] (foo+0x1/0x2) from [<c0054321>] (bar+0x1/0x2)';
    const [foo, bar] = findSymbols(line).map(({ start, end }) => ({ start, end }));
    if (foo === undefined || bar === undefined) throw new Error('there are two');
    expect(
      rewriteLine(line, [
        { ...foo, text: undefined },
        { ...bar, text: 'BAR (b.c:2)' },
      ]),
    ).toBe('[<c0012345>] (foo+0x1/0x2) from BAR (b.c:2)');
    expect(
      rewriteLine(line, [
        { ...foo, text: 'FOO (a.c:1)' },
        { ...bar, text: undefined },
      ]),
    ).toBe(' FOO (a.c:1) from [<c0054321>] (bar+0x1/0x2)');
  });

  test('an address that was decoded itself is kept', () => {
    const line = 'pc : [<c0012345>]    lr : [<c0054321>]';
    const edits = [{ start: 5, end: 17, text: 'FOO (a.c:1)' }];
    expect(rewriteLine(line, edits)).toBe('pc : FOO (a.c:1)    lr :');
    expect(rewriteLine(line, [...edits, { start: 26, end: 38, text: 'BAR (b.c:2)' }])).toBe(
      'pc : FOO (a.c:1)    lr : BAR (b.c:2)',
    );
  });

  test('nothing but addresses, brackets and symbols is changed', () => {
    const word = fc.constantFrom('foo+0x1/0x2', '[mod]', '(', ')', ' ', '[<c0012345>]', ' 0010:', '=', '\t', '?');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const line = words.join('');
        const plain = (text: string): string =>
          text.replaceAll(/FOO \(a\.c:1\)|foo\+0x1\/0x2|\[<c0012345>\]|mod|[[\]() \t]|0010:/g, '');
        expect(plain(rewrite(line))).toBe(plain(line));
      }),
    );
  });
});
