import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeInJson, printable } from '../../src/report/escape.ts';

/** What moves cursors, hides, or turns text around. */
const dangerous = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;

describe('printable', () => {
  test('spells out control characters', () => {
    expect(printable('a\x1b[31mb')).toBe('a\\x1B[31mb');
    expect(printable('a\x9b31mb')).toBe('a\\x9B31mb');
    expect(printable('a\rb\nc\x00')).toBe('a\\x0Db\\x0Ac\\x00');
  });

  test('spells out what turns the direction of text around, or hides in it', () => {
    expect(printable('user\u202etxt.exe')).toBe('userU+202Etxt.exe');
    expect(printable('a\u200bb')).toBe('aU+200Bb');
    expect(printable('a\u{e0041}b')).toBe('aU+E0041b');
  });

  test('makes a tab a blank', () => {
    expect(printable('a\tb')).toBe('a b');
  });

  test('never lets a dangerous character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(dangerous);
      }),
    );
  });
});

describe('escapeInJson', () => {
  test('changes how JSON looks, never what it means', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = escapeInJson(JSON.stringify(text));
        expect(JSON.parse(json)).toBe(text);
        expect(json).not.toMatch(dangerous);
      }),
    );
  });
});
