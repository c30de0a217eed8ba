/** How a child process is run. */
export interface ProcessOptions {
  /** Handed to its standard input; without it, it has none. */
  readonly input?: string | Uint8Array | undefined;
  readonly cwd?: string | undefined;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Ends the process. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which it is ended. */
  readonly timeoutMilliseconds?: number | undefined;
  /** `inherit` lets it write to our own terminal, as a pager must; `pipe` collects what it writes. */
  readonly output?: 'pipe' | 'inherit' | undefined;
  /** Bytes of output that are kept of each stream; 64 MiB by default. */
  readonly maxOutputBytes?: number | undefined;
}

/** How a child process went. */
export interface ProcessResult {
  /** Exit code; absent if it could not be started or was ended by a signal. */
  readonly exitCode?: number;
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not run to its end: the system's code (`ENOENT`: no such program), `timeout`, `aborted`, `too much output`. */
  readonly failure?: string;
}

/**
 * Runs a program, without a shell, and waits for its end. Never throws for what the program does: that is in the
 * result. (The only user of execa.)
 */
export async function runProcess(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  const { execa } = await import('execa');
  const output = options.output ?? 'pipe';
  const result = await execa(program, args, {
    reject: false,
    stdout: output,
    stderr: output,
    maxBuffer: options.maxOutputBytes ?? 67_108_864,
    stripFinalNewline: false,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.timeoutMilliseconds === undefined ? {} : { timeout: options.timeoutMilliseconds }),
  });
  const failure = result.timedOut
    ? 'timeout'
    : result.isCanceled
      ? 'aborted'
      : result.isMaxBuffer
        ? 'too much output'
        : result.code;
  return {
    ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
    ...(result.signal === undefined ? {} : { signal: result.signal }),
    stdout: textOf(result.stdout),
    stderr: textOf(result.stderr),
    ...(failure === undefined ? {} : { failure }),
  };
}

function textOf(output: unknown): string {
  return typeof output === 'string' ? output : '';
}
