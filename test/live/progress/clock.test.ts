import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationWords, rateOf, sinceJiffies } from '../../../src/live/progress/clock.ts';

const second = 1_000_000_000n;
/** INITIAL_JIFFIES and what has passed since. */
const jiffiesAt = (rate: number, seconds: number): bigint =>
  (1n << 32n) - 300n * BigInt(rate) + BigInt(Math.round(seconds * rate));

describe('the rate of jiffies', () => {
  test.each([100, 250, 300, 1000])('of %d in a second is found', (rate) => {
    for (const seconds of [0.5, 3, 60, 86_400])
      expect(rateOf(jiffiesAt(rate, seconds), BigInt(Math.round(seconds * 1000)) * (second / 1000n))).toBe(rate);
  });

  test('nothing that cannot be is taken', () => {
    expect(rateOf(0n, 5n * second)).toBeUndefined();
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        (jiffies, clock) => {
          const rate = rateOf(jiffies, clock);
          if (rate !== undefined) expect(rate).toBeGreaterThan(0);
        },
      ),
    );
  });

  test('times since', () => {
    const jiffies = jiffiesAt(250, 10);
    expect(sinceJiffies({ now: 0n, jiffies, rate: 250 }, jiffies - 500n)).toBe(2n * second);
    expect(sinceJiffies({ now: 0n, jiffies, rate: 250 }, jiffies + 1n)).toBeUndefined();
    expect(sinceJiffies({ now: 0n }, 1n)).toBeUndefined();
  });
});

test.each([
  [undefined, undefined],
  [second / 20n, undefined],
  [second / 2n, '0.5 s'],
  [(41n * second) / 10n, '4.1 s'],
  [123n * second + 5n, '123 s'],
])('%s nanoseconds in words', (nanoseconds, words) => {
  expect(durationWords(nanoseconds)).toBe(words);
});
