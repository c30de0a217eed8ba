import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { plainEnvironment, projectRoot } from '../helpers/built.ts';

/** How a run of the program ended, and what it said. */
export interface LiveRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** Runs the built program's `live` with these arguments, in a folder; it is ended after two minutes. */
export function runLive(args: readonly string[], cwd = projectRoot): Promise<LiveRun> {
  const started = Date.now();
  const program = join(projectRoot, 'bin', 'ktriage.js');
  const env = plainEnvironment({ KTRIAGE_CACHE: 'off' });
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, 'live', ...args], { cwd, env, timeout: 120_000, stdio: 'pipe' });
    const parts: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    child.stdin.end();
    child.stdout.on('data', (part: Buffer) => parts.stdout.push(part));
    child.stderr.on('data', (part: Buffer) => parts.stderr.push(part));
    child.once('error', reject);
    child.once('close', (status) =>
      resolve({
        status,
        stdout: Buffer.concat(parts.stdout).toString('utf8'),
        stderr: Buffer.concat(parts.stderr).toString('utf8'),
        milliseconds: Date.now() - started,
      }),
    );
  });
}
