import { expect, test } from 'vitest';
import { Replays } from '../../src/oops/replays.ts';

test('the same words with the same stamp in the same boot are a replay', () => {
  const replays = new Replays();
  expect(replays.isReplay(0, 4.513992, 'BUG: demo')).toBe(false);
  expect(replays.isReplay(0, 4.513992, 'BUG: demo')).toBe(true);
  expect(replays.isReplay(0, 4.513993, 'BUG: demo')).toBe(false);
  expect(replays.isReplay(0, 4.513992, 'BUG: other')).toBe(false);
  expect(replays.isReplay(1, 4.513992, 'BUG: demo')).toBe(false);
});

test('nothing is without a stamp, or with one of whole seconds', () => {
  const replays = new Replays();
  for (const seconds of [undefined, 0, 12]) {
    expect(replays.isReplay(0, seconds, 'BUG: demo')).toBe(false);
    expect(replays.isReplay(0, seconds, 'BUG: demo')).toBe(false);
  }
});

test('what is known is bounded', () => {
  const replays = new Replays();
  for (let i = 0; i < 5000; i++) replays.isReplay(0, i + 0.5, 'BUG: demo');
  expect(replays.isReplay(0, 0.5, 'BUG: demo')).toBe(true);
  expect(replays.isReplay(0, 4999.5, 'BUG: demo')).toBe(false);
});
