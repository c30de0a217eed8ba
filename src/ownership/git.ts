import { runProcess } from '../io/process.ts';

/**
 * A checkout may be somebody else's: nothing that its own configuration names is run (git-config(1): fsmonitor, hooks,
 * external diffs, text conversion, signatures by gpg.program, transports of a partial clone), nothing is written or
 * fetched, and no output depends on it.
 */
const quiet = [
  '--no-pager',
  '--literal-pathspecs',
  ...[
    ...['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'protocol.allow=never', 'log.showSignature=false'],
    ...['log.follow=false', 'diff.relative=false', 'diff.orderFile=/dev/null'],
  ].flatMap((setting) => ['-c', setting]),
];

/** What of the surroundings would make git look at another repository: that of a hook that we run in. */
const environment = {
  GIT_DIR: undefined,
  GIT_COMMON_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_OBJECT_DIRECTORY: undefined,
  GIT_PREFIX: undefined,
  // These contradict --literal-pathspecs.
  GIT_GLOB_PATHSPECS: undefined,
  GIT_NOGLOB_PATHSPECS: undefined,
  GIT_ICASE_PATHSPECS: undefined,
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  // Before 2.45 that is not known, and what a checkout says of one protocol counts more than protocol.allow.
  GIT_ALLOW_PROTOCOL: 'none',
  LC_ALL: 'C',
} as const;

/** How a call of git went. */
export interface GitAnswer {
  /** `ok`: exit code 0. `refused`: git said no. Else it did not come to its end; there may be output all the same. */
  readonly outcome: 'ok' | 'refused' | 'timeout' | 'too-much' | 'no-git';
  readonly exitCode?: number;
  /** A char per byte. */
  readonly stdout: string;
  /** What git says of its failure, its first line without `fatal: `. */
  readonly words: string;
}

export interface GitOptions {
  /** Handed to its standard input, a char per byte. */
  readonly input?: string;
  /** Most bytes of output; 32 MiB by default. */
  readonly maxOutputBytes?: number;
  /** How much of the time that is left it may take, 0 to 1; all of it by default. */
  readonly share?: number;
}

export interface GitSettings {
  readonly signal?: AbortSignal | undefined;
  /** The program; `git` of PATH by default. */
  readonly program?: string | undefined;
  /** Milliseconds that are left for all that is still to be asked. */
  readonly left: () => number;
}

/** Says something in the folder of a repository, and nothing in any other way. */
export class Git {
  readonly #folder: string;
  readonly #settings: GitSettings;

  constructor(folder: string, settings: GitSettings) {
    this.#folder = folder;
    this.#settings = settings;
  }

  /** Runs a command of git. Throws the signal's reason if that is aborted, and nothing else. */
  async ask(args: readonly string[], options: GitOptions = {}): Promise<GitAnswer> {
    const { signal, program = 'git', left } = this.#settings;
    signal?.throwIfAborted();
    const timeoutMilliseconds = Math.floor(left() * (options.share ?? 1));
    if (timeoutMilliseconds <= 0) return { outcome: 'timeout', stdout: '', words: 'no time was left' };
    const { input } = options;
    const result = await runProcess(program, [...quiet, '-C', this.#folder, ...args], {
      env: environment,
      encoding: 'latin1',
      signal,
      timeoutMilliseconds,
      maxOutputBytes: options.maxOutputBytes ?? 33_554_432,
      ...(input !== undefined && { input: Buffer.from(input, 'latin1') }),
    });
    signal?.throwIfAborted();
    const { exitCode, failure, stdout } = result;
    const words = firstWords(result.stderr);
    if (failure === 'timeout') return { outcome: 'timeout', stdout, words: 'it took too long' };
    if (failure === 'too much output') return { outcome: 'too-much', stdout, words: failure };
    if (exitCode === undefined && failure !== undefined) return { outcome: 'no-git', stdout: '', words: failure };
    const ended = exitCode === undefined ? {} : { exitCode };
    return { outcome: exitCode === 0 ? 'ok' : 'refused', ...ended, stdout, words };
  }
}

/** What git says of repositories of other users goes over several lines, and tells what to do in the last. */
function firstWords(stderr: string): string {
  const lines = stderr.slice(0, 4096).split('\n');
  const fatal = lines.find((line) => line.startsWith('fatal: ')) ?? lines[0] ?? '';
  return fatal.replace(/^fatal: /, '').trim();
}
