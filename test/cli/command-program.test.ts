import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseStat } from '../../src/cli/command/process-tree.ts';
import { ensureBuilt, plainEnvironment, projectRoot } from '../helpers/built.ts';

beforeAll(ensureBuilt, 120_000);

const folder = mkdtempSync(join(tmpdir(), 'ktriage-run-program-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = join(projectRoot, 'bin', 'ktriage.js');
const env = plainEnvironment({ KTRIAGE_CACHE: 'off' });
const healthy = join(projectRoot, 'samples', 'healthy-boot.log');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program; `during` is told when the command has printed. */
function start(args: readonly string[], during?: (child: ChildProcess) => void, input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [program, 'run', ...args], { cwd: folder, env, timeout: 50_000 });
  const parts = { stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => {
    if (parts.stdout === '') during?.(child);
    parts.stdout += part.toString('latin1');
  });
  child.stderr.on('data', (part: Buffer) => {
    parts.stderr += part.toString('latin1');
  });
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...parts }));
  });
}

/** Processes whose numbers a command has printed and that still run. */
const living = (stdout: string): string[] =>
  [...stdout.matchAll(/^pid (\d+)$/gm)].flatMap(([, pid = '']) => (isAlive(pid) ? [pid] : []));

function isAlive(pid: string): boolean {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1')) !== undefined;
  } catch {
    return false;
  }
}

describe('ktriage run', () => {
  test('lets the command read what it could read itself', async () => {
    const { stdout } = await start(['--', 'cat'], undefined, 'typed\n');
    expect(stdout).toBe('typed\n');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('hands %s on and leaves nobody behind', async (signal) => {
    const script = `cat ${healthy} >&2; echo pid $$; sh -c 'echo pid $$; sleep 50'; true`;
    const { code, stdout, stderr } = await start(['--', 'sh', '-c', script], (child) => {
      setTimeout(() => child.kill(signal), 300);
    });
    expect(code).toBe(130);
    expect(stdout.match(/pid/g)).toHaveLength(2);
    expect(living(stdout)).toEqual([]);
    expect(stderr).toContain('sh was interrupted');
    expect(stderr).toContain('No crash in the output of the command');
  });

  test('lets the command clean up, and kills it the second time', async () => {
    const polite = `trap 'echo cleaned up; exit 1' INT; echo begin; while :; do sleep 0.1; done`;
    const { code, stdout } = await start(['--', 'sh', '-c', polite], (child) => void child.kill('SIGINT'));
    expect([code, stdout]).toEqual([130, 'begin\ncleaned up\n']);
    const stubborn = `trap '' INT TERM; echo pid $$; while :; do sleep 0.1; done`;
    const killed = await start(['--', 'sh', '-c', stubborn], (child) => {
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), 300);
    });
    expect([killed.code, living(killed.stdout)]).toEqual([130, []]);
  });

  test('ends a command that nobody reads, as a shell would', () => {
    const line = `'${process.execPath}' '${program}' run -- yes | head -n 1; echo "$\{PIPESTATUS[0]}"`;
    const { stdout } = spawnSync('bash', ['-c', line], { cwd: folder, env, encoding: 'utf8', timeout: 50_000 });
    expect(stdout).toBe('y\n141\n');
  });

  test('ends a command whose errors nobody reads, for there the report would go', async () => {
    const { code } = await start(['--', 'sh', '-c', 'echo begin; yes >&2'], (child) => void child.stderr?.destroy());
    expect(code).toBe(141);
  });

  test.skipIf(!existsSync('/dev/full'))('says why standard output takes no more', () => {
    const args = [program, 'run', '--', 'cat', healthy];
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, args, { env, stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    expect(status).toBe(2);
    expect(stderr.toString()).toContain('KT-OUTPUT-UNWRITABLE: cannot write to standard output');
  });

  test('stops and goes on with the command, and that time does not count', async () => {
    const script = 'echo pid $$; for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.1; done';
    const { code, stdout } = await start(['--quiet-timeout', '1', '--', 'sh', '-c', script], (child) => {
      setTimeout(() => child.kill('SIGTSTP'), 200);
      setTimeout(() => child.kill('SIGCONT'), 2500);
    });
    // No kernel has printed anything.
    expect(code).toBe(3);
    expect(stdout).toMatch(/\n8\n$/);
  });

  test.skipIf(spawnSync('mkfifo', [join(folder, 'pipe')]).status !== 0)('is not held up by a pipe', async () => {
    const pipe = join(folder, 'pipe');
    const { code, stderr } = await start(['--save-log', pipe, '--', 'echo', 'begin']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('nobody reads from that pipe')]);
    const reader = spawn('cat', [pipe]);
    let read = '';
    reader.stdout.on('data', (part: Buffer) => {
      read += part.toString('latin1');
    });
    // More than a pipe holds.
    const log = [healthy, healthy, healthy, healthy, healthy, healthy, healthy, healthy, healthy, healthy];
    const { stdout } = await start(['--save-log', pipe, '--', 'sh', '-c', 'sleep 0.3; cat "$@"', 'sh', ...log]);
    expect(read).toBe(stdout);
    // A list that never comes: an interrupt is the end, and no mistake.
    const child = spawn(process.execPath, [program, 'run', '--known-issues', pipe, '--', 'true'], { env });
    setTimeout(() => child.kill('SIGINT'), 1000);
    let said = '';
    child.stderr.on('data', (part: Buffer) => {
      said += part.toString('latin1');
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(130);
    expect(said).toBe('');
  });

  test('goes on without a reader if its log is wanted', () => {
    const script = `'${process.execPath}' '${program}' run --save-log unread.log -- sh -c 'seq 200000; cat ${healthy}' | head -n 1`;
    spawnSync('bash', ['-c', script], { cwd: folder, env, encoding: 'utf8', timeout: 50_000 });
    expect(readFileSync(join(folder, 'unread.log'), 'latin1').endsWith(readFileSync(healthy, 'latin1'))).toBe(true);
  });

  test('takes all words behind -- as the command, and says so', async () => {
    expect((await start(['--', 'echo', '--timeout', '--', '-x'])).stdout).toBe('--timeout -- -x\n');
    const { code, stderr } = await start(['sh', '-c', 'true']);
    expect(code).toBe(2);
    expect(stderr).toContain('next: ktriage run [options] -- COMMAND...');
  });

  test.skipIf(spawnSync('script', ['--version']).status !== 0)(
    'sets a terminal right again that the command has left as it should not (needs script of util-linux)',
    () => {
      const inside = `'${process.execPath}' '${program}' run -- sh -c 'stty -echo raw; kill -9 $$'; stty -a`;
      const words = ['-qec', inside, '/dev/null'];
      const { stdout } = spawnSync('script', words, { cwd: folder, env, encoding: 'utf8', timeout: 50_000 });
      expect(stdout).toMatch(/ echo /);
      expect(stdout).toMatch(/ icanon /);
    },
  );
});
