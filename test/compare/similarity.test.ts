import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { similarEnough, similarity } from '../../src/compare/similarity.ts';
import { crash } from './make.ts';

const stack = (names: string, kind = 'oops/null-deref') => crash({ names: names.split(' '), kind });

describe('similarity', () => {
  test.each([
    ['a middle function is inlined', 'a b c d e f', 'a c d e f'],
    ['the culprit is inlined into its caller', 'a b c d e', 'b c d e'],
    ['a wrapper is new at the end', 'a b c d', 'a b c d e'],
  ])('%s: similar', (_what, one, other) => {
    expect(similarity(stack(one), stack(other))).toBeGreaterThanOrEqual(similarEnough);
  });

  test.each([
    ['two functions called by the same', 'a x y z v w', 'b x y z v w'],
    ['the same culprit reached by another way', 'a b c d e', 'a p q r s'],
    ['one function each', 'a', 'b'],
    ['a caller and what it calls, alone', 'a', 'b a'],
    ['nothing', '', 'a b'],
  ])('%s: not similar', (_what, one, other) => {
    expect(similarity(stack(one), stack(other))).toBeLessThan(similarEnough);
  });

  test('the kind counts', () => {
    expect(similarity(stack('a b c'), stack('a b c', 'kasan/slab-use-after-free'))).toBe(0);
    expect(similarity(stack('a b c'), stack('a b c', 'oops/page-fault'))).toBe(1);
    const near = ['a b c d e', 'b c d e'] as const;
    expect(similarity(stack(near[0]), stack(near[1], 'oops/page-fault'))).toBeLessThan(
      similarity(stack(near[0]), stack(near[1])),
    );
  });

  test('is the same both ways, 0 to 1, and 1 of what is equal', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(names, names, (one, other) => {
        const much = similarity(crash({ names: one }), crash({ names: other }));
        expect(similarity(crash({ names: other }), crash({ names: one }))).toBeCloseTo(much, 9);
        expect(much).toBeGreaterThanOrEqual(0);
        expect(much).toBeLessThanOrEqual(1 + 1e-9);
        expect(similarity(crash({ names: one }), crash({ names: one }))).toBeCloseTo(1, 9);
      }),
    );
  });
});
