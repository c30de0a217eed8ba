import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeText } from '../../helpers/decorate/decode.ts';

function texts(log: string): string[] {
  return decodeText(log).lines.map((line) => line.text);
}

describe('mails', () => {
  test('base64 ends where the part ends', () => {
    const part = Buffer.from('BUG: a\nBUG: b').toString('base64');
    const log = `Content-Transfer-Encoding: base64\nX-Other: x\n\n${part}\n\n--boundary\nQlVHOiBj\n`;
    expect(texts(log).filter((text) => /^BUG|^Ql/.test(text))).toEqual(['BUG: a', 'BUG: b', 'QlVHOiBj']);
  });

  test('any lines come back from base64, wherever it breaks them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z:+/ ]{1,90}z$/), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 19 }),
        (lines, quads) => {
          const encoded = Buffer.from(lines.map((line) => `q${line}\n`).join('')).toString('base64');
          const rows = encoded.match(new RegExp(`.{1,${quads * 4}}`, 'g')) ?? [];
          const got = texts(`Content-Transfer-Encoding: base64\n\n${rows.join('\n')}\n\n`);
          expect(got.slice(-lines.length - 1).filter((text) => text !== '')).toEqual(lines.map((line) => `q${line}`));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a flowed line goes on, but not into another quote, and a signature ends', () => {
    const log =
      'Content-Type: text/plain; charset="utf-8"; format=flowed\n\nBUG: one \nline\n  foo+0x1/0x2\n> quoted \n> text \nown\n-- \nme\n';
    expect(texts(log).slice(2)).toEqual(['BUG: one line', ' foo+0x1/0x2', '> quoted text ', 'own', '-- ', 'me']);
  });

  test('a soft break may fall at the end of a block of lines', () => {
    const lines = Array.from(
      { length: 400 },
      (_, i) => `[    1.${String(i).padStart(6, '0')}] a line of some length, and =\nthe rest of it is ${i}`,
    );
    const log = `Content-Transfer-Encoding: quoted-printable\nX-Odd: 1\n\n${lines.join('\n')}\n`;
    const got = texts(log).filter((text) => text.startsWith('a line'));
    expect(got).toEqual(lines.map((_, i) => `a line of some length, and the rest of it is ${i}`));
  });
});
