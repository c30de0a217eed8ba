import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LiteralHits, LiteralScanner } from '../../src/log/scan.ts';
import { countNewlines } from '../../src/log/scan-newlines.ts';

const headlines = [
  'BUG:',
  'WARNING:',
  'INFO:',
  'int3:',
  'kernel BUG',
  'Kernel panic',
  'general protection fault',
  'panic:',
];

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** What `next` must answer, the slow way. */
function leftmost(text: string, literals: readonly string[], from: number, end: number): number {
  const places = literals.map((literal) => text.slice(0, end).indexOf(literal, from)).filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}

describe('LiteralScanner', () => {
  test('finds a literal at the start, in the middle and at the very end', () => {
    const scanner = new LiteralScanner(headlines);
    expect(scanner.next(bytes('BUG: a'), 0, 6)).toBe(0);
    expect(scanner.next(bytes('x int3: y'), 0, 9)).toBe(2);
    const atEnd = bytes(`${'.'.repeat(500_000)}BUG:`);
    expect(scanner.next(atEnd, 0, atEnd.length)).toBe(500_000);
    expect(scanner.next(atEnd, 0, atEnd.length - 1)).toBe(-1);
    expect(scanner.next(atEnd, 500_001, atEnd.length)).toBe(-1);
  });

  test('finds literals wherever the lanes and blocks begin and end', () => {
    const scanner = new LiteralScanner(headlines);
    for (const border of [4096, 4096 + 16_384, 4096 + 32_768, 4096 + 49_152, 4096 + 65_536, 4096 + 2 * 65_536]) {
      for (let shift = -30; shift <= 6; shift++) {
        for (const literal of ['BUG:', 'general protection fault']) {
          const text = Buffer.alloc(300_000, 'e');
          text.write(literal, border + shift, 'latin1');
          expect(scanner.next(text, 0, text.length)).toBe(border + shift);
        }
      }
    }
  });

  test('tells the leftmost where literals overlap', () => {
    const scanner = new LiteralScanner(['BUG:', 'a kernel BUG: at this very place', 'kernel BUG']);
    expect(scanner.next(bytes('.. a kernel BUG: at this very place'), 0, 100)).toBe(3);
  });

  test('agrees with indexOf on random texts', () => {
    const alphabet = fc.constantFrom('a', 'b', 'c', '\n', '\xff', '\0');
    const literal = fc.string({ unit: alphabet, minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(
        fc.array(literal, { minLength: 1, maxLength: 6 }),
        fc.string({ unit: alphabet, maxLength: 300 }),
        fc.nat(20),
        fc.nat(20),
        (literals, text, skipped, cut) => {
          const end = Math.max(0, text.length - cut);
          expect(new LiteralScanner(literals).next(bytes(text), skipped, end)).toBe(
            leftmost(text, literals, skipped, end),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('finds all of many in a large buffer', () => {
    const scanner = new LiteralScanner(headlines);
    const text = Buffer.alloc(1_000_000, '[    1.234567] eth0: link up, kernel line\n');
    const wanted: number[] = [];
    for (let place = 17; place < 999_900; place += 7919) {
      text.write(`${headlines[place % headlines.length]} `, place, 'latin1');
      wanted.push(place);
    }
    const found: number[] = [];
    for (let at = scanner.next(text, 0, text.length); at >= 0; at = scanner.next(text, at + 1, text.length))
      found.push(at);
    expect(found).toEqual(wanted);
  });

  test('refuses a literal that is no literal', () => {
    expect(() => new LiteralScanner(['BUG:', ''])).toThrow(RangeError);
  });
});

describe('LiteralHits', () => {
  test('finds every literal of a large buffer once, wherever lanes and blocks begin', () => {
    const filler = fc.constantFrom('a', '.', ' BU', 'kernel ', '[', 'WARNIN');
    const piece = fc.oneof({ weight: 3, arbitrary: filler }, { weight: 1, arbitrary: fc.constantFrom(...headlines) });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 60 }), fc.nat(100), (pieces, skipped) => {
        const text = pieces.join('').repeat(Math.ceil(200_000 / pieces.join('').length));
        const wanted = new Set<number>();
        for (const literal of headlines)
          for (let at = text.indexOf(literal, skipped); at >= 0; at = text.indexOf(literal, at + 1)) wanted.add(at);
        const hits = new LiteralHits(new LiteralScanner(headlines), bytes(text), skipped, text.length);
        const found: number[] = [];
        for (let at = hits.next(skipped); at >= 0; at = hits.next(at + 1)) found.push(at);
        // Of literals that overlap, the order is not promised, so that one before the last may be passed over.
        const overlapping = (at: number): boolean => found.some((other) => other !== at && Math.abs(other - at) < 24);
        expect(found.every((at) => wanted.has(at))).toBe(true);
        for (const at of wanted) expect(found.includes(at) || overlapping(at)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });
});

describe('countNewlines', () => {
  test('counts what a loop counts, at any alignment and with any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(9), fc.nat(9), (data, before, after) => {
        const whole = new Uint8Array(data.length + before);
        whole.set(data, before);
        // Near misses of a line feed, where a careless carry would show.
        for (let index = 0; index < whole.length; index += 3) whole[index] = [10, 11, 138, 9][index % 4] ?? 10;
        const view = whole.subarray(before);
        const end = Math.max(0, view.length - after);
        expect(countNewlines(view, 1, end)).toBe(view.slice(1, end).filter((byte) => byte === 10).length);
      }),
    );
    const full = new Uint8Array(100_003).fill(10);
    expect(countNewlines(full, 0, full.length)).toBe(100_003);
  });
});
