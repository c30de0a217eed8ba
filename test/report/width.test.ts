import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wrap } from '../../src/report/text/spans.ts';
import { plainPainter } from '../../src/report/text/style.ts';
import { cutTo, displayWidth } from '../../src/report/width.ts';

describe('displayWidth', () => {
  test('counts columns, not characters', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('日本')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('…')).toBe(1);
  });
});

test('cutTo marks what it cuts', () => {
  expect(cutTo('abcdef', 6)).toBe('abcdef');
  expect(cutTo('abcdef', 4)).toBe('abc…');
  expect(displayWidth(cutTo('日本日本', 4))).toBeLessThanOrEqual(4);
});

describe('wrap', () => {
  test('breaks at blanks and hangs what follows', () => {
    expect(wrap('one two three', 9, plainPainter, 'A: ', '   ')).toEqual(['A: one', '   two', '   three']);
  });

  test('keeps a whole span in one piece', () => {
    expect(wrap([{ text: 'a b c', whole: true }], 3, plainPainter)).toEqual(['a b c']);
  });

  test('no line is wider than the width but for a word that cannot be broken, and no word is lost', () => {
    const words = fc.array(fc.stringMatching(/^[a-zé日]{1,12}$/), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(words, fc.integer({ min: 4, max: 40 }), fc.constantFrom('', 'Label:  '), (list, width, first) => {
        const lines = wrap(list.join(' '), width, plainPainter, first);
        for (const line of lines) {
          const fits = displayWidth(line) <= width || !line.trim().replace(first.trim(), '').trim().includes(' ');
          expect(fits, `${JSON.stringify(line)} in ${width}`).toBe(true);
        }
        expect(lines.join(' ').replace(first, '').split(/ +/).filter(Boolean)).toEqual(list);
      }),
    );
  });
});
