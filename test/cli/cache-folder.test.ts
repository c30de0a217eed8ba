import { describe, expect, test } from 'vitest';
import { cacheOption } from '../../src/cli/cache-folder.ts';
import { plainSymbolize } from '../../src/cli/plain-symbolize.ts';
import { fakeSession } from './fake.ts';

describe('where indexes are kept', () => {
  const folder = (env: Record<string, string>, flags = {}): string | undefined => {
    return cacheOption(flags, fakeSession({ env, home: '/home/someone', cwd: '/somewhere' })).cache;
  };

  test('is below the home, or where the environment says', () => {
    expect(folder({})).toBe('/home/someone/.cache/ktriage');
    expect(folder({ XDG_CACHE_HOME: '/caches' })).toBe('/caches/ktriage');
    expect(folder({ XDG_CACHE_HOME: 'relative' })).toBe('/home/someone/.cache/ktriage');
    expect(folder({ XDG_CACHE_HOME: '/caches', KTRIAGE_CACHE: '/own' })).toBe('/own');
    expect(folder({ KTRIAGE_CACHE: 'own' })).toBe('/somewhere/own');
  });

  test('is nowhere if nobody wants it', () => {
    expect(folder({ KTRIAGE_CACHE: 'off' })).toBe(undefined);
    expect(folder({}, { noCache: true })).toBe(undefined);
  });
});

describe('a plain call of symbolize', () => {
  const session = fakeSession();
  const flags = { returnAddresses: false, format: 'text' };

  test('is understood without commander', () => {
    expect(plainSymbolize(['symbolize', 'panic+0x1', '--vmlinux', 'v', 'x'], session)).toEqual({
      words: ['panic+0x1', 'x'],
      flags: { ...flags, vmlinux: 'v' },
    });
    expect(
      plainSymbolize(['symbolize', '--modules', 'a', '--modules', 'b', '--format', 'jsonl', '0x1'], session),
    ).toEqual({ words: ['0x1'], flags: { ...flags, format: 'jsonl', modules: ['a', 'b'] } });
  });

  test('is not one whose environment says something', () => {
    const other = fakeSession({ env: { KTRIAGE_DEBUG_DIR: '/debug' } });
    expect(plainSymbolize(['symbolize', 'x'], other)).toBe(undefined);
  });

  test.each([
    ['analyze', 'x'],
    ['symbolize', '--help'],
    ['symbolize', '-h', 'x'],
    ['symbolize', '--vmlinux'],
    ['symbolize', '--vmlinux', '--format'],
    ['symbolize', '--vmlinux=v', 'x'],
    ['symbolize', '--format', 'xml', 'x'],
    ['symbolize', '--force', 'x', 'y'],
    ['symbolize', '--', 'x'],
    ['symbolize', '-', 'x'],
    [],
  ])('is not %j %j %j', (...args) => {
    expect(plainSymbolize(args, session)).toBe(undefined);
  });
});
