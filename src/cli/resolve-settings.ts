import { KtriageError } from '../util/errors.ts';
import { type Setting, type Settings, settingTable } from './settings.ts';

/** Where settings come from, in order of precedence. */
export interface Layers {
  /** Values of the command line, only those that were given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Configuration files, the project's first. */
  readonly files: readonly { readonly path: string; readonly values: Readonly<Record<string, unknown>> }[];
}

/** A value with where it came from. */
export interface Chosen<T> {
  readonly value: T;
  readonly source: string;
}

function refuse(setting: Setting<unknown>, where: string, value: unknown): KtriageError {
  return new KtriageError(
    'KT-CONFIG-VALUE',
    `${where} has a value that ${setting.key} cannot take: ${JSON.stringify(value)}`,
    `${setting.key} can be: ${setting.allowed}`,
    `change the value of ${where}, or remove it to get the default`,
  );
}

/** The value of one setting: flag, else environment, else project's file, else user's file, else the default. */
export function choose<T>(setting: Setting<T>, layers: Layers): Chosen<T> {
  const given = layers.flags[setting.key];
  if (given !== undefined) {
    const value = setting.fromValue(given);
    if (value !== undefined) return { value, source: 'command line' };
  }
  const text = layers.env[setting.env];
  if (text !== undefined) {
    const value = setting.fromText(text);
    if (value === undefined) throw refuse(setting, setting.env, text);
    return { value, source: setting.env };
  }
  for (const { path, values } of layers.files) {
    if (!Object.hasOwn(values, setting.key)) continue;
    const value = setting.fromValue(values[setting.key]);
    if (value === undefined) throw refuse(setting, path, values[setting.key]);
    return { value, source: path };
  }
  return { value: setting.fallback, source: 'default' };
}

/** All settings of a run. */
export function resolveSettings(layers: Layers): Settings {
  const pagerValue = choose(settingTable.pager, layers).value;
  return {
    format: choose(settingTable.format, layers).value,
    failOn: choose(settingTable.failOn, layers).value,
    exitZero: choose(settingTable.exitZero, layers).value,
    all: choose(settingTable.all, layers).value,
    limit: choose(settingTable.limit, layers).value,
    color: choose(settingTable.color, layers).value,
    verbose: choose(settingTable.verbose, layers).value,
    ...(pagerValue === undefined ? {} : { pager: pagerValue }),
  };
}
