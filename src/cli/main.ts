import { homedir } from 'node:os';
import { runCall } from './run-call.ts';
import type { Session } from './session.ts';

/** A shell may stand in a folder that somebody removed: absolute paths can be read from there all the same. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

/** The exit status of a program that did not do what it was asked for (exit-codes.ts, which is not loaded here). */
const failed = 2;

/** Something that was printed is lost. */
let streamFailed = false;

/** The process as a session. Streams are opened when somebody asks for them: `--version` needs no standard input. */
function processSession(): Session {
  // A reader that went away (`| head`) is no error; whoever writes much sees it by `Output.closed`.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') streamFailed = true;
    });
  }
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: workingFolder(),
    home: homedir(),
    exitCode: 0,
  };
}

async function run(): Promise<never> {
  const session = processSession();
  const code = await runCall(process.argv.slice(2), session);
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0 && !stream.destroyed)
      await new Promise<void>((done) => stream.write('', () => done()));
  }
  // 130: interrupted.
  if (code !== 130) await session.afterwards?.();
  // A process that ends by itself first waits for V8 to compile all that it thought hot, which in a short run is a good
  // part of it, and may wait for ever: a compiling thread that needs memory waits for the main one (Node 20, its issue
  // 54918).
  process.exit(streamFailed ? failed : code);
}

// With nothing left to wait for Node ends as if all had gone well: no scan that did not end may look clean.
process.exitCode = failed;
run().catch((error: unknown) => {
  console.error(error);
  process.exit(failed);
});
