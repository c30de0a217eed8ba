import { describe, expect, test } from 'vitest';
import { parseRange, rangeFlag } from '../../src/cli/range-flag.ts';

describe('parseRange', () => {
  test.each([
    ['v6.1..v6.2', { good: 'v6.1', bad: 'v6.2' }],
    ['v6.1..', { good: 'v6.1', bad: 'HEAD' }],
    ['a/b~3..HEAD^', { good: 'a/b~3', bad: 'HEAD^' }],
  ])('%s', (text, names) => {
    expect(parseRange(text)).toEqual(names);
  });

  test.each([
    '',
    'v6.1',
    '..',
    '..HEAD',
    'a...b',
    'a..b..c',
    '--all..HEAD',
    'a..-x',
    'a b..c',
    'a\n..b',
    `${'a'.repeat(2000)}..b`,
  ])('refuses %j', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });
});

test('rangeFlag takes what the option was given, and nothing else', () => {
  expect(rangeFlag({ range: { good: 'a', bad: 'b' } })).toEqual({ good: 'a', bad: 'b' });
  for (const range of [undefined, 'a..b', null, { good: 'a' }]) expect(rangeFlag({ range })).toBeUndefined();
});
