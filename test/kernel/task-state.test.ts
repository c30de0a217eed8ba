import { expect, test } from 'vitest';
import { stateLetter } from '../../src/kernel/task-state.ts';

test.each([
  [0x0n, 0n, 'R'],
  [0x1n, 0n, 'S'],
  [0x2n, 0n, 'D'],
  [0x2001n, 0n, 'S'],
  [0x402n, 0n, 'I'],
  [0x2402n, 0n, 'I'],
  [0x102n, 0n, 'D'],
  [0x4n, 0n, 'T'],
  [0x104n, 0n, 'T'],
  [0x8n, 0n, 't'],
  [0x40n, 0n, 'P'],
  [0x80n, 0x20n, 'Z'],
  [0x80n, 0x10n, 'X'],
  [0x80n, 0n, 'X'],
  [0x200n, 0n, 'R'],
  [0x800n, 0n, 'R'],
  [0x1000n, 0n, 'D'],
  [0x8000n, 0n, 'D'],
])('a task of the state %s, exit state %s is %s', (state, exitState, letter) => {
  expect(stateLetter(state, exitState)).toBe(letter);
});
