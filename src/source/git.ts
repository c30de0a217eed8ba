import { dirname, relative } from 'node:path';
import { runProcess } from '../io/process.ts';

const timeoutMilliseconds = 10_000;

/** Nothing is written, fetched or asked, and no program is run that the repository names. */
const quietly = {
  options: ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '-c', 'protocol.allow=never'],
  env: {
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    // Before 2.45 that is not known, and what a checkout says of one protocol counts more than protocol.allow.
    GIT_ALLOW_PROTOCOL: 'none',
    LC_ALL: 'C',
  },
};

async function git(
  folder: string,
  args: readonly string[],
  input: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { exitCode, stdout } = await runProcess('git', [...quietly.options, '-C', folder, ...args], {
    input,
    env: quietly.env,
    signal,
    timeoutMilliseconds,
    maxOutputBytes: 4_194_304,
  });
  signal?.throwIfAborted();
  return exitCode === 0 ? stdout : undefined;
}

/** What git has of a file in some revision. */
export interface Recorded {
  readonly revision: string;
  /** The name of the file's contents; absent if the revision does not have the file. */
  readonly blob?: string;
}

/** Asks git what it knows of files; without git, or outside of a repository, it knows nothing. */
export class Git {
  readonly #signal: AbortSignal | undefined;
  readonly #tops = new Map<string, Promise<string | undefined>>();
  readonly #recorded = new Map<string, Promise<readonly Recorded[]>>();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** For each revision that the file's repository knows, the file's contents in it. */
  recorded(path: string, revisions: readonly string[]): Promise<readonly Recorded[]> {
    const key = [path, ...revisions].join('\0');
    const known = this.#recorded.get(key);
    if (known !== undefined) return known;
    const asked = this.#ask(path, revisions);
    this.#recorded.set(key, asked);
    return asked;
  }

  async #ask(path: string, revisions: readonly string[]): Promise<readonly Recorded[]> {
    const top = await this.#top(dirname(path));
    if (top === undefined || revisions.length === 0) return [];
    const name = relative(top, path);
    if (name.startsWith('..') || /[\x00-\x1f]/.test(name)) return [];
    const asked = revisions.flatMap((revision) => [`${revision}^{commit}`, `${revision}:${name}`]);
    const answer = await git(top, ['cat-file', '--batch-check'], `${asked.join('\n')}\n`, this.#signal);
    const lines = (answer ?? '').split('\n');
    return revisions.flatMap((revision, nth) => {
      if (objectOf(lines[nth * 2], 'commit') === undefined) return [];
      const blob = objectOf(lines[nth * 2 + 1], 'blob');
      return [{ revision, ...(blob !== undefined && { blob }) }];
    });
  }

  #top(folder: string): Promise<string | undefined> {
    const known = this.#tops.get(folder);
    if (known !== undefined) return known;
    const asked = git(folder, ['rev-parse', '--show-toplevel'], undefined, this.#signal).then((text) => {
      const top = text?.replace(/\n$/, '');
      return top === '' ? undefined : top;
    });
    this.#tops.set(folder, asked);
    return asked;
  }
}

/** `<name> <type> <size>`; `missing` and `ambiguous` stand in place of the type. */
function objectOf(line: string | undefined, type: 'commit' | 'blob'): string | undefined {
  const [, name, found] = /^([0-9a-f]{40}|[0-9a-f]{64}) (\w+) \d+$/.exec(line ?? '') ?? [];
  return found === type ? name : undefined;
}
