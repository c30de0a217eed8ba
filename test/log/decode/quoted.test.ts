import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeText } from '../../helpers/decorate/decode.ts';

const crash = [
  'BUG: kernel NULL pointer dereference',
  'CPU: 0 PID: 143 Comm: "a\\b"',
  'RIP: 0010:foo+0x12/0x20',
  ' bar+0x1/0x2',
];

describe('lines within strings', () => {
  test('the text around them goes, escapes are undone', () => {
    const log = crash.map((text) => `  - run[3] => ${JSON.stringify(text)} (ok)\n`).join('');
    expect(decodeText(log).lines.map((line) => line.text)).toEqual(crash);
  });

  test('one string has many lines, each with its place in the input', () => {
    const { lines } = decodeText(`stdout=${JSON.stringify(crash.join('\n'))}\n`);
    expect(lines.map((line) => line.text)).toEqual(crash);
    expect(new Set(lines.map((line) => line.range.firstByte)).size).toBe(crash.length);
    expect(lines.every((line) => line.range.firstLine === 1)).toBe(true);
  });

  test('a string that is cut off ends with its line', () => {
    const log = `{"Output": "${crash[0]}\\n${crash[2]}\\nCode: 48 8b\\nCall Trace:\\n foo+0x1/0x2`;
    expect(
      decodeText(log)
        .lines.map((line) => line.text)
        .slice(0, 2),
    ).toEqual([crash[0], crash[2]]);
  });

  test("the kernel's own quotes are text", () => {
    const texts = [...crash, 'audit: comm="BUG: x" exe="CPU: 0 x"', "kobject: 'RIP: 0' (00000000): y", 'Call Trace:'];
    expect(decodeText(`${texts.join('\n')}\n`).lines.map((line) => line.text)).toEqual(texts);
  });

  test('any text comes back from JSON', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 40 }), { minLength: 1, maxLength: 10 }),
        (more) => {
          const texts = [...crash, ...more.map((text) => `x${text}x`)];
          const log = texts.map((text) => `{"n":1,"unknown":${JSON.stringify(text)}}\n`).join('');
          expect(decodeText(log).lines.map((line) => line.text)).toEqual(texts);
        },
      ),
      { numRuns: 100 },
    );
  });
});
