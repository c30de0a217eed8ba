import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KtriageError } from '../util/errors.ts';
import { systemCode } from './errors.ts';
import { nearest } from './near.ts';
import type { Layers } from './resolve-settings.ts';
import type { Session } from './session.ts';
import { settingKeys } from './settings.ts';

/** A place where configuration may be, and what users call it. */
export interface ConfigPlace {
  readonly path: string;
  readonly name: string;
}

/** Where configuration is looked for, the project's first. */
export function configPlaces(session: Pick<Session, 'cwd' | 'env' | 'home'>): ConfigPlace[] {
  const base = session.env.XDG_CONFIG_HOME;
  // The XDG specification has relative paths ignored.
  const folder = base?.startsWith('/') ? base : join(session.home, '.config');
  const user = join(folder, 'ktriage', 'config.json');
  const atHome = user.startsWith(`${session.home}/`) ? `~${user.slice(session.home.length)}` : user;
  return [
    { path: join(session.cwd, 'ktriage.config.json'), name: 'ktriage.config.json' },
    { path: user, name: atHome },
  ];
}

function invalid(path: string, why: string): KtriageError {
  return new KtriageError('KT-CONFIG-INVALID', `cannot use ${path}`, why, 'repair the file, or remove it');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkKeys(path: string, values: Record<string, unknown>): void {
  for (const key of Object.keys(values)) {
    // Editors find the form of a file by this key.
    if (settingKeys.includes(key) || key === '$schema') continue;
    const meant = nearest(key, settingKeys);
    throw new KtriageError(
      'KT-CONFIG-KEY',
      `${path} has a key that ktriage does not know: ${key}`,
      `the keys are ${settingKeys.join(', ')}`,
      meant === undefined ? 'remove the key' : `did you mean ${meant}?`,
    );
  }
}

/** One configuration file's values; absent if there is no such file. */
export function readConfig(path: string, name = path): Record<string, unknown> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw invalid(name, `it cannot be read (${code ?? 'unknown error'})`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(name, `it is no valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(value)) throw invalid(name, 'it holds no JSON object');
  checkKeys(name, value);
  return value;
}

/** All layers of a run, configuration files read. */
export function readLayers(session: Session, flags: Readonly<Record<string, unknown>>): Layers {
  const files = configPlaces(session).flatMap(({ path, name }) => {
    const values = readConfig(path, name);
    return values === undefined ? [] : [{ path: name, values }];
  });
  return { flags, env: session.env, files };
}
