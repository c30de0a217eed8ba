import { type RunFormatName, runFormatNames } from '../model/output-formats.ts';
import { type FailOn, failOnWords, parseFailOn } from './fail-on.ts';

/** Values of `--format` of all commands together. */
export const formats = ['text', 'json', 'jsonl', ...runFormatNames] as const;
export type Format = (typeof formats)[number];

/** Whether a format is made when all inputs are known. */
export function isRunFormat(format: Format): format is RunFormatName {
  return runFormatNames.some((name) => name === format);
}

export const colorChoices = ['auto', 'always', 'never'] as const;
export type ColorChoice = (typeof colorChoices)[number];

/** All that flags, environment and configuration files can set. */
export interface Settings {
  readonly format: Format;
  readonly failOn: FailOn;
  readonly exitZero: boolean;
  readonly all: boolean;
  readonly limit: number;
  readonly color: ColorChoice;
  readonly verbose: boolean;
  /** A command, `false` for none, absent for the usual one. */
  readonly pager?: string | false;
}

/** How one setting is called and read in each place. */
export interface Setting<T> {
  readonly key: keyof Settings;
  readonly env: string;
  /** What it may be, in words. */
  readonly allowed: string;
  readonly fallback: T;
  /** Reads a value of the environment. */
  fromText(text: string): T | undefined;
  /** Reads a value of a configuration file or of the command line. */
  fromValue(value: unknown): T | undefined;
}

function choice<T extends string>(key: keyof Settings, env: string, values: readonly T[], fallback: T): Setting<T> {
  const find = (text: unknown): T | undefined => values.find((value) => value === text);
  return { key, env, allowed: values.join(', '), fallback, fromText: find, fromValue: find };
}

function flag(key: keyof Settings, env: string): Setting<boolean> {
  return {
    key,
    env,
    allowed: 'true, false',
    fallback: false,
    fromText: (text) => {
      if (/^(?:1|true|yes|on)$/i.test(text)) return true;
      return /^(?:0|false|no|off|)$/i.test(text) ? false : undefined;
    },
    fromValue: (value) => (typeof value === 'boolean' ? value : undefined),
  };
}

/** Reads what `--limit` takes. */
export function parseCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const limit: Setting<number> = {
  key: 'limit',
  env: 'KTRIAGE_LIMIT',
  allowed: 'a whole number, 0 for no limit',
  fallback: 20,
  fromText: parseCount,
  fromValue: (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 1e9 ? value : undefined,
};

const pager: Setting<string | false | undefined> = {
  key: 'pager',
  env: 'KTRIAGE_PAGER',
  allowed: 'a command, or false',
  fallback: undefined,
  fromText: (text) => (text.trim() === '' ? false : text),
  fromValue: (value) => {
    if (value === false) return false;
    if (typeof value !== 'string') return undefined;
    return value.trim() === '' ? false : value;
  },
};

const asFailOn = (value: unknown): FailOn | undefined =>
  typeof value === 'string' && parseFailOn(value) !== undefined ? value : undefined;

const failOn: Setting<FailOn> = {
  key: 'failOn',
  env: 'KTRIAGE_FAIL_ON',
  allowed: `${failOnWords.join(', ')}, a kind (kasan/invalid-free), all kinds of a family (kasan/*); several apart by commas`,
  fallback: 'warning',
  fromText: asFailOn,
  fromValue: asFailOn,
};

/** Every setting, one entry each. */
export const settingTable = {
  format: choice('format', 'KTRIAGE_FORMAT', formats, 'text'),
  failOn,
  exitZero: flag('exitZero', 'KTRIAGE_EXIT_ZERO'),
  all: flag('all', 'KTRIAGE_ALL'),
  limit,
  color: choice('color', 'KTRIAGE_COLOR', colorChoices, 'auto'),
  verbose: flag('verbose', 'KTRIAGE_VERBOSE'),
  pager,
};

/** The names that a configuration file may hold. */
export const settingKeys: readonly string[] = Object.keys(settingTable);
