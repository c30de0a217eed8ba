import { expect, test } from 'vitest';
import { editDistance, nearest } from '../../src/cli/near.ts';

test('editDistance', () => {
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('abc', 'abc')).toBe(0);
  expect(editDistance('anaylze', 'analyze')).toBe(1);
  expect(editDistance('list', 'lost')).toBe(1);
});

test('nearest', () => {
  expect(nearest('anlyze', ['analyze', 'list'])).toBe('analyze');
  expect(nearest('banana', ['analyze', 'list'])).toBeUndefined();
  expect(nearest('x'.repeat(100_000), ['analyze'])).toBeUndefined();
});
