import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KtriageError } from '../util/errors.ts';
import { debuginfodCachePath } from './places.ts';

/** How servers of debug information are asked; what elfutils' client knows has its names and defaults. */
export interface DebuginfodSettings {
  /** Asked in this order; at least one. */
  readonly servers: readonly URL[];
  /** The folder that elfutils' client keeps its files in as well. */
  readonly cache: string;
  /** Seconds within which 100 KiB must come, or all that is left; 0 for no limit. */
  readonly timeout: number;
  /** Seconds for one file; 0 for no limit. */
  readonly maxTime: number;
  /** Bytes of one file. */
  readonly maxSize: number;
  /** Sent with every request to one of the servers. */
  readonly headers: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** That of elfutils' client. */
const defaultTimeout = 90;
/** elfutils' client has no limit. No kernel has so much, and a body without end must end somewhere. */
const defaultMaxSize = 8_589_934_592;
const maxServers = 32;
const maxHeaders = 64;
const maxHeadersBytes = 65_536;

/** What distributions fill DEBUGINFOD_URLS from, in profile.d; other shells, cron and CI jobs do not go through these. */
const urlFolder = '/etc/debuginfod';
const urlFileBytes = 65_536;

/**
 * Settings from the environment, and from servers that were named on the command line, which count instead of those of
 * the environment.
 * @throws KtriageError KT-DEBUGINFOD-SERVER if there is no server or one that cannot be asked, KT-DEBUGINFOD-SETTING.
 */
export function debuginfodSettings(
  env: Environment,
  home: string,
  named: readonly string[] = [],
  folder = urlFolder,
): DebuginfodSettings {
  const servers = serversOf(named, env, folder);
  const headersFile = env.DEBUGINFOD_HEADERS_FILE ?? '';
  return {
    servers,
    cache: debuginfodCachePath(env, home),
    timeout: numberOf(env, 'DEBUGINFOD_TIMEOUT') ?? defaultTimeout,
    maxTime: numberOf(env, 'DEBUGINFOD_MAXTIME') ?? 0,
    // Zero is no limit there. Here it is the usual one.
    maxSize: numberOf(env, 'DEBUGINFOD_MAXSIZE') || defaultMaxSize,
    headers: headersFile === '' ? {} : readHeaders(headersFile),
  };
}

function serversOf(named: readonly string[], env: Environment, folder: string): URL[] {
  const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
  const own = named.flatMap(words);
  // Words like `ima:enforcing` say how elfutils is to check signatures of the servers behind them.
  const others =
    own.length > 0 ? [] : words(env.DEBUGINFOD_URLS ?? urlsOf(folder)).filter((word) => !word.startsWith('ima:'));
  const all = [...new Set([...own, ...others])];
  if (all.length === 0)
    throw new KtriageError(
      'KT-DEBUGINFOD-SERVER',
      'there is no debuginfod server to ask',
      'DEBUGINFOD_URLS names none',
      'set DEBUGINFOD_URLS, or name one with --debuginfod-url URL (https://debuginfod.elfutils.org/ leads to those of many distributions)',
    );
  return all.slice(0, maxServers).map(serverOf);
}

function serverOf(text: string): URL {
  // As curl takes them: without a scheme it is http.
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new KtriageError(
      'KT-DEBUGINFOD-SERVER',
      `cannot ask ${text}`,
      url === undefined ? 'it is no URL' : `only http: and https: can be asked, not ${url.protocol}`,
      'correct --debuginfod-url or DEBUGINFOD_URLS, which has URLs with spaces between them',
    );
  url.search = '';
  url.hash = '';
  return url;
}

function urlsOf(folder: string): string {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.urls'))
      .sort()
      .map((name) => readFileSync(join(folder, name), 'utf8').slice(0, urlFileBytes))
      .join('\n');
  } catch {
    // Most machines have no such folder.
    return '';
  }
}

function settingError(what: string, why: string, hint: string): KtriageError {
  return new KtriageError('KT-DEBUGINFOD-SETTING', what, why, hint);
}

/** Zero and less are no limit, as in elfutils. */
function numberOf(env: Environment, name: string): number | undefined {
  const text = env[name]?.trim() ?? '';
  if (text === '') return undefined;
  if (!/^-?\d{1,15}$/.test(text))
    throw settingError(
      `${name} has a value that it cannot take: ${JSON.stringify(text)}`,
      'it must be a whole number',
      `change ${name}, or unset it to get the default`,
    );
  return Math.max(0, Number(text));
}

/** Lines of `Name: value`; those that are none are left out, as elfutils does. */
function readHeaders(path: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw settingError(`cannot read ${path}`, why, 'correct DEBUGINFOD_HEADERS_FILE, or unset it');
  }
  const headers: Record<string, string> = {};
  const lines = text.slice(0, maxHeadersBytes).split('\n');
  for (const line of lines) {
    const [, name, value] = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([\x20-\x7e\t]*)$/.exec(line.trim()) ?? [];
    if (name !== undefined && value !== undefined && Object.keys(headers).length < maxHeaders) headers[name] = value;
  }
  return headers;
}
