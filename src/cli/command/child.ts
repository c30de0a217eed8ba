import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { KtriageError } from '../../util/errors.ts';
import { systemCode } from '../errors.ts';
import { openPipes } from './output-pipe.ts';
import { ProcessTree } from './process-tree.ts';

/** How a command ended by itself or by a signal. */
export interface ChildEnd {
  readonly exitCode?: number;
  readonly signal?: string;
}

/** A command that runs in a session of its own, so that all that it starts can be ended with it. */
export interface Child {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly tree: ProcessTree;
  /** The command itself has ended; what it started may still print. */
  readonly ended: Promise<ChildEnd>;
  /** And nobody has its output open any more. */
  readonly closed: Promise<void>;
}

/** How a command is started. */
export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** It may read what we could. */
  readonly hasInput: boolean;
}

/** What a shell exits with for a command that is not there, and for one that cannot be run. */
export const notFound = 127;
export const notRunnable = 126;

/** Why a command could not be started. */
export class StartError extends KtriageError {
  /** What the run ends with. */
  readonly exitCode: number;

  constructor(exitCode: number, code: string, message: string, why: string, hint: string) {
    super(code, message, why, hint);
    this.exitCode = exitCode;
  }
}

/**
 * Starts a command without a shell.
 * @throws StartError KT-COMMAND-MISSING, KT-COMMAND-UNUSABLE.
 */
export async function startChild(words: readonly string[], options: ChildOptions): Promise<Child> {
  const [program = '', ...args] = words;
  const pipes = openPipes(2);
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: [options.hasInput ? 'inherit' : 'ignore', pipes?.[0]?.writer ?? 'pipe', pipes?.[1]?.writer ?? 'pipe'],
      detached: true,
    });
  } catch (error) {
    for (const { reader } of pipes ?? []) reader.destroy();
    throw startError(program, error);
  } finally {
    for (const { closeWriter } of pipes ?? []) closeWriter();
  }
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      resolve({ ...(exitCode !== null && { exitCode }), ...(signal !== null && { signal }) });
    });
  });
  const stdout = pipes?.[0]?.reader ?? child.stdout;
  const stderr = pipes?.[1]?.reader ?? child.stderr;
  if (stdout === null || stderr === null) throw new Error('a child without its streams');
  const closes = [stdout, stderr].map((stream) => new Promise((resolve) => stream.once('close', resolve)));
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  const closed = Promise.all([ended, ...closes]).then(() => undefined);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      for (const stream of [stdout, stderr]) stream.destroy();
      reject(startError(program, error));
    });
  });
  // What fails later is a signal that could not be sent, which whoever sends it sees.
  child.on('error', () => undefined);
  const { pid } = child;
  if (pid === undefined) throw new Error('a child without its number');
  return { stdout, stderr, tree: new ProcessTree(pid), ended, closed };
}

function startError(program: string, error: unknown): StartError {
  const code = systemCode(error);
  if (code === 'ENOENT' && program.includes('/') && existsSync(program)) {
    return unusable(program, 'what its first line (#!) names is not there', 'install that, or name it before the file');
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new StartError(
      notFound,
      'KT-COMMAND-MISSING',
      `cannot run ${program}`,
      program.includes('/') ? 'there is no such file' : 'there is no such program in PATH',
      program.includes(' ')
        ? 'the words of a command are given apart, or to a shell: ktriage run -- sh -c "..."'
        : 'check the name; what a shell knows is run by one: ktriage run -- sh -c "..."',
    );
  }
  const whys: Readonly<Record<string, string>> = {
    EACCES: 'it is no program, or you may not run it',
    ENOEXEC: 'it is of another machine, or a script without a first line that names its shell (#!)',
    E2BIG: 'its arguments are too long for the system',
    EINVAL: 'the system does not take such words',
    ERR_INVALID_ARG_VALUE: 'a name cannot be empty or hold a NUL',
  };
  const why = whys[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
  return unusable(program, why, 'chmod +x makes a script one; or name what runs it: ktriage run -- sh FILE');
}

function unusable(program: string, why: string, hint: string): StartError {
  return new StartError(notRunnable, 'KT-COMMAND-UNUSABLE', `cannot run ${program}`, why, hint);
}
