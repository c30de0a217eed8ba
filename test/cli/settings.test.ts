import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configPlaces, readConfig, readLayers } from '../../src/cli/config-files.ts';
import { resolveSettings } from '../../src/cli/resolve-settings.ts';
import { runConfig } from '../../src/cli/run/config-run.ts';
import { fakeSession } from './fake.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktriage-config-'));
  mkdirSync(join(folder, 'user', 'ktriage'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function session(env: Record<string, string> = {}): ReturnType<typeof fakeSession> {
  return fakeSession({ cwd: folder, home: folder, env: { XDG_CONFIG_HOME: join(folder, 'user'), ...env } });
}

const project = (value: unknown): void => writeFileSync(join(folder, 'ktriage.config.json'), JSON.stringify(value));
const user = (value: unknown): void =>
  writeFileSync(join(folder, 'user', 'ktriage', 'config.json'), JSON.stringify(value));

describe('precedence', () => {
  test('command line, environment, project, user, default', () => {
    const limitOf = (flags: Record<string, unknown>, env: Record<string, string>): number =>
      resolveSettings(readLayers(session(env), flags)).limit;
    expect(limitOf({}, {})).toBe(20);
    user({ limit: 1 });
    expect(limitOf({}, {})).toBe(1);
    project({ limit: 2 });
    expect(limitOf({}, {})).toBe(2);
    expect(limitOf({}, { KTRIAGE_LIMIT: '3' })).toBe(3);
    expect(limitOf({ limit: 4 }, { KTRIAGE_LIMIT: '3' })).toBe(4);
  });

  test('settings are taken one by one', () => {
    user({ color: 'never', all: true });
    project({ color: 'always' });
    expect(resolveSettings(readLayers(session({ KTRIAGE_EXIT_ZERO: '1' }), {}))).toMatchObject({
      color: 'always',
      all: true,
      exitZero: true,
      format: 'text',
    });
  });

  test('the pager is a command, or none', () => {
    project({ pager: 'more' });
    expect(resolveSettings(readLayers(session(), {})).pager).toBe('more');
    expect(resolveSettings(readLayers(session(), { pager: false })).pager).toBe(false);
    expect(resolveSettings(readLayers(session({ KTRIAGE_PAGER: '' }), {})).pager).toBe(false);
  });
});

describe('mistakes', () => {
  test('an unknown key is refused with the nearest one', () => {
    project({ failon: 'error' });
    expect(() => readLayers(session(), {})).toThrow(
      expect.objectContaining({ code: 'KT-CONFIG-KEY', hint: 'did you mean failOn?' }),
    );
  });

  test('a value that does not fit is refused with those that do', () => {
    project({ failOn: 'bad' });
    expect(() => resolveSettings(readLayers(session(), {}))).toThrow(
      expect.objectContaining({ code: 'KT-CONFIG-VALUE', why: expect.stringContaining('fatal, error, warning') }),
    );
    project({});
    expect(() => resolveSettings(readLayers(session({ KTRIAGE_LIMIT: '-1' }), {}))).toThrow(/KTRIAGE_LIMIT/);
  });

  test('broken JSON, and JSON that is no object', () => {
    const path = join(folder, 'x.json');
    for (const text of ['{', '[]', '3', 'null']) {
      writeFileSync(path, text);
      expect(() => readConfig(path)).toThrow(expect.objectContaining({ code: 'KT-CONFIG-INVALID' }));
    }
    expect(readConfig(join(folder, 'none.json'))).toBeUndefined();
    expect(() => readConfig(folder)).toThrow(expect.objectContaining({ code: 'KT-CONFIG-INVALID' }));
  });
});

test('a relative XDG_CONFIG_HOME is ignored, as its specification says', () => {
  expect(configPlaces({ cwd: '/a', home: '/h', env: { XDG_CONFIG_HOME: 'x' } })).toEqual([
    { path: '/a/ktriage.config.json', name: 'ktriage.config.json' },
    { path: '/h/.config/ktriage/config.json', name: '~/.config/ktriage/config.json' },
  ]);
});

test('config --show says where each value comes from', async () => {
  project({ limit: 7 });
  const its = session({ KTRIAGE_COLOR: 'never' });
  await runConfig(its);
  expect(its.stdout.text).toMatch(/^color +never +KTRIAGE_COLOR$/m);
  expect(its.stdout.text).toMatch(/^format +text +default$/m);
  expect(its.stdout.text).toMatch(/^limit +7 +ktriage\.config\.json$/m);
  expect(its.stdout.text).toContain('config.json (not there)');
});
