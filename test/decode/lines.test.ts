import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineCutter, linesWith, maxLineBytes } from '../../src/decode/lines.ts';

describe('lines of a stream', () => {
  test('whatever the pieces, all bytes come out in order, and lines whole', () => {
    const bytes = fc.array(fc.constantFrom(10, 10, 13, 65, 0, 255), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 12 }), (chunks) => {
        const cutter = new LineCutter();
        const out: Buffer[] = [];
        for (const chunk of chunks) {
          const copy = Uint8Array.from(chunk);
          const { before, lines, behind } = cutter.push(copy);
          expect(lines.length === 0 || lines.at(-1) === 10).toBe(true);
          out.push(Buffer.from(Buffer.concat([before, lines, behind])));
          copy.fill(7);
        }
        const rest = cutter.end();
        expect(rest.includes(10)).toBe(false);
        expect(Buffer.concat([...out, rest])).toEqual(Buffer.from(chunks.flat()));
      }),
    );
  });

  test('a line that is too long is passed on and not held', () => {
    const cutter = new LineCutter();
    const first = cutter.push(Buffer.from('short\n'));
    expect(first.lines.toString()).toBe('short\n');
    const chunk = Buffer.alloc(maxLineBytes / 2 + 1, 'x');
    expect(cutter.push(Buffer.concat([Buffer.from('one\n'), chunk])).lines.toString()).toBe('one\n');
    expect(cutter.push(chunk).behind).toHaveLength(chunk.length * 2);
    expect(cutter.push(chunk).before).toHaveLength(chunk.length);
    const last = cutter.push(Buffer.from('end\nnext\nrest'));
    expect([last.before.toString(), last.lines.toString()]).toEqual(['end\n', 'next\n']);
    expect(cutter.end().toString()).toBe('rest');
  });

  test('one byte at a time takes no longer than it should', () => {
    const cutter = new LineCutter();
    const start = performance.now();
    const byte = Buffer.from('x');
    for (let n = 0; n < 400_000; n++) cutter.push(byte);
    expect(cutter.end()).toHaveLength(400_000);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('lines with a text in them are found, each once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('ab', 'cd', '\n', 'x', 'a', '\r\n'), { maxLength: 40 }), (words) => {
        const text = words.join('');
        const found = [...linesWith(text, ['ab', 'cd'])].map(({ start, end }) => text.slice(start, end));
        expect(found).toEqual(text.split('\n').filter((line) => /ab|cd/.test(line)));
      }),
    );
  });
});
