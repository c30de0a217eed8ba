import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asBytes, Matcher } from '../../../src/util/pattern/matcher.ts';
import { PatternError } from '../../../src/util/pattern/syntax.ts';

const finds = (pattern: string, text: string): boolean => new Matcher([asBytes(pattern)]).test(asBytes(text));

describe('patterns', () => {
  test.each([
    ['WARNING: .*veth', 'WARNING: CPU: 1 PID: 3 at drivers/net/veth.c:932', true],
    ['^veth', 'a veth', false],
    ['veth$', 'a veth', true],
    ['^$', '', true],
    ['^$', 'x', false],
    ['', 'anything', true],
    ['a|b(c|d)+e', 'xbcdcde', true],
    ['a|b(c|d)+e', 'xbe', false],
    ['x{2,3}y', 'xy', false],
    ['x{2,3}y', 'xxxxy', true],
    ['^x{2}$', 'xxx', false],
    ['x{2,}', 'xxxx', true],
    ['x{0}y', 'y', true],
    ['a{b', 'a{b', true],
    ['[[:space:]]+[[:digit:]]', 'a \t7', true],
    ['[]a]', ']', true],
    ['[^]a]', ']a', false],
    ['[a-]', '-', true],
    ['[^0-9]', '42', false],
    ['\\[ *[0-9]+\\.[0-9]+\\]', '[    3.141592] x', true],
    ['\\bcat\\b', 'concat cat.', true],
    ['\\bcat\\b', 'concatenate', false],
    ['\\<oo', 'foo', false],
    ['oo\\>', 'foo', true],
    ['(?i)bug: kasan', 'BUG: KASAN: slab', true],
    ['(?i)[a-c]x', 'BX', true],
    ['(?:ab)+?c', 'ababc', true],
    ['\\d+\\s\\w', '12 a', true],
    ['\\x41', 'A', true],
    ['naïve', 'a naïve one', true],
    ['(a*)*b', 'aaab', true],
    ['(|a)+$', 'b', true],
  ])('%s in %s: %s', (pattern, text, expected) => {
    expect(finds(pattern, text)).toBe(expected);
  });

  test.each([
    '(',
    ')',
    '[a',
    'a**b{',
    '*a',
    '(?=a)',
    '(?<n>a)',
    '(a)\\1',
    '\\q',
    '[z-a]',
    'x{3,2}',
    'x{999}',
    '[[:what:]]',
    '\\',
  ])('%s is told to be none, or is taken', (pattern) => {
    if (pattern === 'a**b{') expect(finds(pattern, 'aab{')).toBe(true);
    else expect(() => new Matcher([pattern])).toThrow(PatternError);
  });

  test('too much is refused', () => {
    expect(() => new Matcher(['((((a{255}){255}){255}){255})'])).toThrow('too big');
    expect(() => new Matcher(['('.repeat(60)])).toThrow('within each other');
    expect(() => new Matcher(['a'.repeat(2001)])).toThrow('longer');
  });

  test('any of several', () => {
    const matcher = new Matcher(['^a', 'b$', 'c+d']);
    expect(['a', 'xb', 'ccd', 'ba', ''].map((text) => matcher.test(text))).toEqual([true, true, true, false, false]);
    expect(new Matcher([]).test('a')).toBe(false);
  });

  // Each of these takes JavaScript's own engine longer than anybody waits.
  test.each(['(a+)+$', '(a|a)*$', '(a|aa)+$', '(.*a){20}$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(x+x+)+y'])(
    '%s needs linear time',
    (pattern) => {
      const text = `${'a'.repeat(100_000)}!${'x'.repeat(20_000)}`;
      const start = performance.now();
      new Matcher([pattern]).test(text);
      expect(performance.now() - start).toBeLessThan(3000);
    },
  );

  test('agree with the engine of JavaScript', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\b', '^', '$', '\\w', ' ', '\\B');
    const quantifier = fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}', '{1,}');
    const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
      piece: fc.oneof(
        { maxDepth: 3 },
        fc.tuple(atom, quantifier).map(([a, q]) => (/^(?:\\[bB]|\^|\$)$/.test(a) ? a : a + q)),
        fc.tuple(tie('pattern'), quantifier).map(([inner, q]) => `(${inner})${q}`),
      ),
      pattern: fc
        .array(fc.array(tie('piece'), { maxLength: 3 }), { minLength: 1, maxLength: 2 })
        .map((options) => options.map((parts) => parts.join('')).join('|')),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        expect(new Matcher([source]).test(subject)).toBe(new RegExp(source).test(subject));
      }),
      { numRuns: 2000 },
    );
  });

  test('what comes as a pattern is read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }), (pattern, text) => {
        try {
          finds(pattern, text);
        } catch (error) {
          expect(error).toBeInstanceOf(PatternError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
