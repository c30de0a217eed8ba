import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { debuginfodSettings } from '../../src/symbols/debuginfod-settings.ts';
import { debuginfodCachePath } from '../../src/symbols/places.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { temporaryFolder } from './debuginfod-peer.ts';

const none = '/no/such/folder';

function code(env: Record<string, string>, named: readonly string[] = []): string | undefined {
  try {
    debuginfodSettings(env, '/home', named, none);
    return undefined;
  } catch (error) {
    return error instanceof KtriageError ? error.code : String(error);
  }
}

const servers = (env: Record<string, string>, named: readonly string[] = [], folder = none): string[] =>
  debuginfodSettings(env, '/home', named, folder).servers.map(({ href }) => href);

describe('servers', () => {
  test('are those of DEBUGINFOD_URLS, as curl would take them, each once', () => {
    const text = ' https://a.example/  http://b.example/path\nc.example:8002 https://a.example/ ima:enforcing ';
    expect(servers({ DEBUGINFOD_URLS: text })).toEqual([
      'https://a.example/',
      'http://b.example/path',
      'http://c.example:8002/',
    ]);
  });

  test('are those of the command line instead, if it names any', () => {
    expect(servers({ DEBUGINFOD_URLS: 'https://a.example/' }, ['http://b.example/'])).toEqual(['http://b.example/']);
  });

  test('are those of distributions where the environment says nothing, and none where it says none', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'two.urls'), 'https://two.example/\n');
    writeFileSync(join(folder, 'one.urls'), 'https://one.example/\n');
    writeFileSync(join(folder, 'one.certpath'), 'no URL');
    expect(servers({}, [], folder)).toEqual(['https://one.example/', 'https://two.example/']);
    expect(() => servers({ DEBUGINFOD_URLS: '' }, [], folder)).toThrow('there is no debuginfod server to ask');
  });

  test.each([
    [{}, []],
    [{ DEBUGINFOD_URLS: 'file:///mirror' }, []],
    [{}, ['http://[']],
    [{}, ['ftp://a.example/']],
  ])('that are missing or cannot be asked are an error: %j %j', (env, named) => {
    expect(code(env, named)).toBe('KT-DEBUGINFOD-SERVER');
  });
});

describe('limits', () => {
  const urls = { DEBUGINFOD_URLS: 'https://a.example/' };

  test('have the defaults of elfutils, but for the size', () => {
    expect(debuginfodSettings(urls, '/home')).toMatchObject({ timeout: 90, maxTime: 0, maxSize: 8_589_934_592 });
  });

  test('are those of the environment; zero and less are none', () => {
    const env = { ...urls, DEBUGINFOD_TIMEOUT: '7', DEBUGINFOD_MAXTIME: '-1', DEBUGINFOD_MAXSIZE: '1000' };
    expect(debuginfodSettings(env, '/home')).toMatchObject({ timeout: 7, maxTime: 0, maxSize: 1000 });
  });

  test.each(['DEBUGINFOD_TIMEOUT', 'DEBUGINFOD_MAXTIME', 'DEBUGINFOD_MAXSIZE'])('%s must be a number', (name) => {
    for (const value of ['soon', '1.5', '1e3', '9'.repeat(16)])
      expect(code({ ...urls, [name]: value })).toBe('KT-DEBUGINFOD-SETTING');
  });
});

describe('headers', () => {
  test('are lines of a file; what is none is left out', () => {
    const path = join(temporaryFolder(), 'headers');
    writeFileSync(path, 'X-Token: a b\r\n\nno header\nBad Name: x\nX-Bytes: \x01\nX-Empty:\n');
    const env = { DEBUGINFOD_URLS: 'a.example', DEBUGINFOD_HEADERS_FILE: path };
    expect(debuginfodSettings(env, '/home').headers).toEqual({ 'X-Token': 'a b', 'X-Empty': '' });
  });

  test('whose file is not there are an error', () => {
    expect(code({ DEBUGINFOD_URLS: 'a.example', DEBUGINFOD_HEADERS_FILE: '/no/such/file' })).toBe(
      'KT-DEBUGINFOD-SETTING',
    );
  });
});

describe('debuginfodCachePath', () => {
  test.each([
    [{}, '/home/.cache/debuginfod_client'],
    [{ XDG_CACHE_HOME: '/caches' }, '/caches/debuginfod_client'],
    [{ XDG_CACHE_HOME: 'relative' }, '/home/.cache/debuginfod_client'],
    [{ XDG_CACHE_HOME: '/caches', DEBUGINFOD_CACHE_PATH: '/here' }, '/here'],
    [{ DEBUGINFOD_CACHE_PATH: '' }, '/home/.cache/debuginfod_client'],
  ])('%j', (env, expected) => {
    expect(debuginfodCachePath(env, '/home')).toBe(expected);
  });
});
