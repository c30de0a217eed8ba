import { describe, expect, test } from 'vitest';
import { isBooting, isInitCode } from '../../src/symbols/init-text.ts';
import { frame } from '../report/make.ts';

describe('isInitCode', () => {
  test.each([
    ['.init.text', false, true],
    ['.exit.text', false, true],
    ['.text', false, false],
    ['.init.text', true, true],
    // A module that can be unloaded keeps its exit functions.
    ['.exit.text', true, false],
  ])('%s, of a module: %s', (section, isModule, expected) => {
    expect(isInitCode({ image: { isModule }, symbol: { section: { name: section } } })).toBe(expected);
  });
});

describe('isBooting', () => {
  test('initcalls, and modules being loaded', () => {
    expect(isBooting([frame('frob_setup+0x1/0x2', 1), frame('do_one_initcall+0x1/0x2', 2)])).toBe(true);
    expect(isBooting([frame('frob_init+0x1/0x2 [frob]', 1), frame('do_init_module+0x1/0x2', 2)])).toBe(true);
    expect(isBooting([frame('start_kernel+0x1/0x2', 1)])).toBe(true);
    expect(isBooting([frame('do_initcall_level.isra.0+0x1/0x2', 1)])).toBe(true);
  });

  test('nothing of a system call', () => {
    expect(isBooting([frame('frob_setup+0x1/0x2', 1), frame('vfs_write+0x1/0x2', 2)])).toBe(false);
    expect(isBooting([])).toBe(false);
  });
});
