/** How a child process is run. */
export interface ProcessOptions {
  /** Handed to its standard input; without it, it has none. */
  readonly input?: string | Uint8Array | undefined;
  readonly cwd?: string | undefined;
  /** Changes to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** `latin1` gives a char per byte of what it writes; UTF-8 by default. */
  readonly encoding?: 'latin1' | undefined;
  /** Ends the process. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which it is ended. */
  readonly timeoutMilliseconds?: number | undefined;
  /** `inherit` lets it write to our own terminal, as a pager must; `pipe` collects what it writes. */
  readonly output?: 'pipe' | 'inherit' | undefined;
  /**
   * Out of reach of an interrupt typed at our terminal, for what must be done in spite of it; what it started is ended
   * with it if it is ended.
   */
  readonly isDetached?: boolean | undefined;
  /** Bytes of output that are kept of each stream; 64 MiB by default. */
  readonly maxOutputBytes?: number | undefined;
}

/** Milliseconds until one that does not end when its time is up is killed. */
const killAfter = 1000;
/** Milliseconds that others, which it started, may have its output open when it has ended. */
const lingers = 500;

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
  const child = execa(program, args, {
    reject: false,
    stdout: output,
    stderr: output,
    maxBuffer: options.maxOutputBytes ?? 67_108_864,
    stripFinalNewline: false,
    ...(options.isDetached === true && { detached: true, cleanup: false }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    // What ends it is the signal's owner; execa would end us as well at an interrupt that the owner has taken.
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal, cleanup: false }),
    ...(options.timeoutMilliseconds === undefined
      ? {}
      : { timeout: options.timeoutMilliseconds, forceKillAfterDelay: killAfter }),
  });
  let lingering: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    lingering = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, lingers);
  });
  const result = await child;
  clearTimeout(lingering);
  if (options.isDetached === true && (result.timedOut || result.isCanceled || result.isMaxBuffer)) killGroup(child.pid);
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

/** Ends what a process that led a group has left behind. */
function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

function textOf(output: unknown): string {
  return typeof output === 'string' ? output : '';
}

/** How a child process is run that answers line by line. */
export interface LineProcessOptions {
  /** Changes to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends the process. */
  readonly signal?: AbortSignal;
  /** Milliseconds without a line after which a wait for one fails; a minute by default. */
  readonly idleMilliseconds?: number;
}

/** Why a line did not come. */
export type LineFailure =
  | 'ended' // nothing more comes
  | 'idle' // nothing came for too long
  | 'line too long'
  | 'aborted';

/** A child process that is asked on its standard input, and answers in lines. */
export interface LineProcess {
  /** Hands text to it; done when it has taken it. Never throws: a process that is gone shows in the next line. */
  write(text: string): Promise<void>;
  /** The next line, without its end, a character per byte; or why there is none. Ask for one at a time. */
  line(): Promise<{ readonly text: string } | { readonly failure: LineFailure }>;
  /** How it ended, in words, as far as is known: `exit code 1: cannot open it`. Waits for its end for a moment. */
  ending(): Promise<string>;
  /** Ends it at once. */
  kill(): void;
}

/** No tool has such a line; what is longer is no answer. */
const maxLineBytes = 1_048_576;
/** What a process says of its own end, at most. */
const maxLastWords = 400;
/** Milliseconds that a process is given to end by itself when it has nothing more to say. */
const endingMilliseconds = 1_000;

/** Starts a program, without a shell, to be asked many things. What cannot be started ends at once. */
export async function startProcess(
  program: string,
  args: readonly string[],
  options: LineProcessOptions = {},
): Promise<LineProcess> {
  const { execa } = await import('execa');
  const { signal, env = {}, idleMilliseconds = 60_000 } = options;
  const child = execa(program, args, {
    reject: false,
    buffer: false,
    stdin: 'pipe',
    env,
    // It has nothing to put in order, and may be one that does not listen.
    killSignal: 'SIGKILL',
    // When we are gone its input ends, and so does it; execa would end us at an interrupt that somebody has taken.
    cleanup: false,
    ...(signal && { cancelSignal: signal }),
  });
  let lastWords = '';
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    lastWords = `${lastWords}${text}`.slice(-maxLastWords);
  });
  // It may be gone when it is written to; that it is shows when it is read from.
  child.stdin.on('error', () => {});
  const lines = splitLines(child.stdout.setEncoding('latin1'));
  return {
    write: (text) =>
      new Promise((taken) => {
        if (child.stdin.destroyed) taken();
        else child.stdin.write(text, 'latin1', () => taken());
      }),
    async line() {
      let timer: NodeJS.Timeout | undefined;
      const idle = new Promise<{ failure: LineFailure }>((resolve) => {
        timer = setTimeout(() => resolve({ failure: 'idle' }), idleMilliseconds);
      });
      try {
        const next = await Promise.race([nextLine(lines), idle]);
        return signal?.aborted ? { failure: 'aborted' } : next;
      } finally {
        clearTimeout(timer);
      }
    },
    async ending() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), endingMilliseconds);
      });
      const result = await Promise.race([child, late]);
      clearTimeout(timer);
      const words = lastWords.trim().split('\n').at(-1) ?? '';
      const how =
        result === undefined
          ? 'it still runs'
          : (result.code ??
            (result.signal === undefined ? `exit code ${result.exitCode}` : `ended by ${result.signal}`));
      return words === '' ? how : `${how}: ${words}`;
    },
    kill() {
      child.kill('SIGKILL');
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

async function nextLine(
  lines: AsyncGenerator<string, LineFailure>,
): Promise<{ readonly text: string } | { readonly failure: LineFailure }> {
  const { done, value } = await lines.next();
  return done === true ? { failure: value } : { text: value };
}

async function* splitLines(stream: AsyncIterable<string>): AsyncGenerator<string, LineFailure> {
  let rest = '';
  try {
    for await (const chunk of stream) {
      const pieces = `${rest}${chunk}`.split('\n');
      rest = pieces.pop() ?? '';
      yield* pieces;
      if (rest.length > maxLineBytes) return 'line too long';
    }
  } catch {
    // A stream that was destroyed: the process is being ended.
  }
  return 'ended';
}
