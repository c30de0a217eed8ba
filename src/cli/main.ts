import { homedir } from 'node:os';
import { runCall } from './run-call.ts';
import type { Session } from './session.ts';

/** The process as a session. Streams are opened when somebody asks for them: `--version` needs no standard input. */
function processSession(): Session {
  // A reader that went away (`| head`) is no error; whoever writes much sees it by `Output.closed`.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') process.exitCode = 2;
    });
  }
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    exitCode: 0,
  };
}

process.exitCode = await runCall(process.argv.slice(2), processSession());
