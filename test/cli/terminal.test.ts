import { describe, expect, test } from 'vitest';
import { logLink, painterFor, terminalWidth, wantsColor, withoutLinks } from '../../src/cli/terminal.ts';
import { fakeSession } from './fake.ts';

describe('wantsColor', () => {
  test.each([
    ['a terminal', 'auto', true, {}, true],
    ['no terminal', 'auto', false, {}, false],
    ['NO_COLOR', 'auto', true, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR counts for nothing', 'auto', true, { NO_COLOR: '' }, true],
    ['a dumb terminal', 'auto', true, { TERM: 'dumb' }, false],
    ['FORCE_COLOR', 'auto', false, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0', 'auto', true, { FORCE_COLOR: '0' }, false],
    ['--color always before NO_COLOR', 'always', false, { NO_COLOR: '1' }, true],
    ['--color never before FORCE_COLOR', 'never', true, { FORCE_COLOR: '1' }, false],
  ] as const)('%s', (_name, choice, isTTY, env, expected) => {
    expect(wantsColor(choice, { isTTY }, env)).toBe(expected);
  });
});

describe('painterFor', () => {
  test('links only where a terminal looks', () => {
    const painted = painterFor('always', { isTTY: true }, {}).link('x', 'file:///x');
    expect(painted).toBe('\x1b]8;;file:///x\x1b\\x\x1b]8;;\x1b\\');
    expect(withoutLinks(painted)).toBe('x');
    expect(painterFor('always', { isTTY: false }, {}).link('x', 'file:///x')).toBe('x');
  });

  test('plain without colour', () => {
    expect(painterFor('never', { isTTY: true }, {}).paint('error', 'x')).toBe('x');
    expect(painterFor('always', { isTTY: false }, {}).paint('error', 'x')).toContain('\x1b[');
  });
});

test('the width is that of the terminal, within reason', () => {
  const session = fakeSession({ env: {} });
  expect(terminalWidth(session, session.stdout)).toBe(80);
  session.stdout.columns = 100;
  expect(terminalWidth(session, session.stdout)).toBe(100);
  session.stdout.columns = 3;
  expect(terminalWidth(session, session.stdout)).toBe(80);
});

test('links to lines of files, and none into standard input', () => {
  expect(logLink('/logs')('a b.log', 3)).toBe('file:///logs/a%20b.log#L3');
  expect(logLink('/logs')('-', 3)).toBeUndefined();
});
