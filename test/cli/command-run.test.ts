import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { commandFlags } from '../../src/cli/command/command-flags.ts';
import { parseStat } from '../../src/cli/command/process-tree.ts';
import { noReports, type ReportTarget } from '../../src/cli/report-flags.ts';
import { runCommand } from '../../src/cli/run/command-run.ts';
import type { Settings } from '../../src/cli/settings.ts';
import { projectRoot } from '../helpers/built.ts';
import { defaults, fakeSession } from './fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sample = (name: string): string => join(projectRoot, 'samples', `${name}.log`);
const healthy = sample('healthy-boot');
const panics = sample('oops-then-panic');
const warns = sample('ktsample-warn-x86-64');

/** A stream that keeps bytes. */
class Bytes extends Writable {
  readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(Buffer.from(chunk));
    done();
  }

  get all(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

interface Ran {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly milliseconds: number;
}

interface Wanted {
  readonly given?: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<Settings>;
  readonly reports?: readonly ReportTarget[];
}

/** Runs a command as `ktriage run` does; it has nothing to read. */
async function run(words: readonly string[], { given = {}, settings = {}, reports = [] }: Wanted = {}): Promise<Ran> {
  const stdout = new Bytes();
  // Debug information that is installed on the machine must not be found.
  const env = { PATH: process.env.PATH, KTRIAGE_CACHE: 'off' };
  const session = { ...fakeSession({ env, cwd: folder }), stdout };
  const started = performance.now();
  const flags = {
    command: commandFlags(given),
    policy: {},
    reports: { ...noReports, reports },
    symbols: { debugDir: folder, noExplain: true },
    hasInput: false,
    patience: { quiet: 200, grace: 500, leftovers: 300 },
  };
  const code = await runCommand(words, flags, { ...defaults, ...settings }, session);
  return { code, stdout: stdout.all, stderr: session.stderr.text, milliseconds: performance.now() - started };
}

const shell = (script: string, wanted?: Wanted): Promise<Ran> => run(['sh', '-c', script], wanted);

describe('the output of a command', () => {
  test('passes through untouched, and the report is beside it', async () => {
    const { code, stdout, stderr } = await run(['cat', warns]);
    expect(stdout).toEqual(readFileSync(warns));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^the output of the command: 1 incident in .*\n/);
    expect(stderr).toMatch(/\nCommand: {2}cat ended with exit status 0, after .* s\.\n$/);
  });

  test('is bytes, not text', async () => {
    const file = join(folder, 'bytes');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 5000 }), async (bytes) => {
        writeFileSync(file, bytes);
        const { stdout } = await run(['cat', file], { given: { saveLog: join(folder, 'copy') } });
        expect(stdout).toEqual(Buffer.from(bytes));
        expect(readFileSync(join(folder, 'copy'))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 10 },
    );
  });

  test('may be big', async () => {
    const { code, stdout } = await run([
      process.execPath,
      '-e',
      'process.stdout.write(Buffer.alloc(2e7, "line of it\\n"))',
    ]);
    expect(stdout.equals(Buffer.alloc(2e7, 'line of it\n'))).toBe(true);
    expect(code).toBe(3);
  });

  test('on standard error is passed on and analysed as well', async () => {
    const { code, stdout, stderr } = await shell(`cat ${warns} >&2`);
    expect(stdout).toHaveLength(0);
    expect(stderr.startsWith(readFileSync(warns, 'latin1'))).toBe(true);
    expect(code).toBe(1);
  });

  // Sockets cannot be: virtme-ng's QEMU opens them so, and scripts do.
  test('is in pipes, which can be opened by name', async () => {
    const { stdout, stderr } = await shell(
      'echo one > /dev/stdout; echo two > /proc/self/fd/2; echo three | tee /dev/stderr; test -p /dev/stdout && echo p',
    );
    expect(stdout.toString()).toBe('one\nthree\np\n');
    expect(stderr).toMatch(/^two\nthree\n/);
  });

  test('is saved as one log, line by line', async () => {
    const saveLog = join(folder, 'both.log');
    await shell('printf "one "; echo two >&2; sleep 0.05; echo three', { given: { saveLog } });
    expect(readFileSync(saveLog, 'latin1')).toBe('one three\ntwo\n');
  });

  test('comes as it is printed', async () => {
    const saveLog = join(folder, 'live.log');
    const running = shell('echo now; sleep 1.5', { given: { saveLog } });
    const ended = running.then(() => true);
    while (!(await Promise.race([ended, sleep(20, false)]))) {
      if (fileText(saveLog) === 'now\n') break;
    }
    expect(await Promise.race([ended, sleep(0, false)])).toBe(false);
    await running;
  });
});

function fileText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

describe('the exit status', () => {
  test.each<[string, string, number]>([
    ['is 0 for a boot that went well', `cat ${healthy}`, 0],
    ["is the command's own", `cat ${healthy}; exit 7`, 7],
    ['is that of its signal', `cat ${healthy}; kill -KILL $$`, 137],
    ['is 1 for a crash, whatever the command says', `cat ${warns}; exit 7`, 1],
    ['is 3 where no kernel printed anything', 'echo hello', 3],
  ])('%s', async (_name, script, code) => {
    expect((await shell(script)).code).toBe(code);
  });

  test("is the command's own where the log is not to count", async () => {
    expect((await shell(`cat ${warns}; exit 7`, { settings: { exitZero: true } })).code).toBe(7);
    expect((await shell(`cat ${warns}`, { settings: { failOn: 'fatal' } })).code).toBe(0);
  });

  test('says of a command that cannot be started why', async () => {
    const missing = await run(['no-such-command']);
    expect(missing).toMatchObject({ code: 127, stderr: expect.stringContaining('KT-COMMAND-MISSING') });
    const unusable = await run([healthy]);
    expect(unusable).toMatchObject({ code: 126, stderr: expect.stringContaining('KT-COMMAND-UNUSABLE') });
    const script = join(folder, 'script');
    writeFileSync(script, '#!/no/such/shell\n', { mode: 0o755 });
    expect(await run([script])).toMatchObject({ code: 126, stderr: expect.stringContaining('#!') });
  });
});

describe('a command that does not end', () => {
  test('is stopped after a crash that no kernel goes on from', async () => {
    const { code, stderr, milliseconds } = await shell(`cat ${panics}; sleep 60`, { given: { afterCrash: 0.2 } });
    expect(code).toBe(1);
    expect(stderr).toContain('note: BUG: unable to handle kernel NULL pointer dereference');
    expect(stderr).toContain('sh was stopped because the kernel had crashed');
    expect(milliseconds).toBeLessThan(30_000);
  });

  test('is not stopped after another one, unless that is wanted', async () => {
    expect((await shell(`cat ${warns}; sleep 1; exit 9`, { given: { afterCrash: 0.1 } })).stderr).toContain(
      'exit status 9',
    );
    const stopped = await shell(`cat ${warns}; sleep 60`, { given: { afterCrash: 0.1, stopOn: 'warning' } });
    expect(stopped.stderr).toContain('because the kernel had crashed');
  });

  test('is told with what the guest did last', async () => {
    const script = `cat ${healthy}; echo '# selftests: mm: hugetlb'; sleep 60`;
    const { code, stderr } = await shell(script, { given: { timeout: 0.5 } });
    expect(code).toBe(124);
    expect(stderr).toContain('kselftest mm: hugetlb had begun and not ended.');
    expect(stderr).toContain("The kernel's last time stamp is 2.093365 s.");
    expect(stderr).toContain('(--timeout)');
  });

  test('is no clean run in any format', async () => {
    const file = join(folder, 'x.xml');
    const script = `cat ${healthy}; printf 'vm login: '; sleep 60`;
    const { code } = await shell(script, {
      given: { quietTimeout: 0.5, output: join(folder, 'x.json') },
      settings: { format: 'json' },
      reports: [{ format: 'junit', file }],
    });
    expect(code).toBe(124);
    const { path, command } = JSON.parse(readFileSync(join(folder, 'x.json'), 'utf8')).files[0];
    expect(path).toBe('<command>');
    expect(command).toMatchObject({ program: 'sh', stopped: 'quiet', last: { state: 'prompt' } });
    const junit = readFileSync(file, 'utf8');
    expect(junit).toContain('ktriage/no-verdict');
    expect(junit.match(/<testsuite /g)).toHaveLength(1);
  });

  test('is killed if it does not listen, with all that it started', async () => {
    const pids = join(folder, 'pids');
    const script = `trap '' TERM; sh -c 'echo $$ >>${pids}; sleep 60' & setsid sh -c 'echo $$ >>${pids}; sleep 60' & while :; do sleep 1; done`;
    const { code } = await shell(script, { given: { timeout: 0.5 } });
    expect(code).toBe(124);
    for (const pid of readFileSync(pids, 'latin1').trim().split('\n'))
      expect(parseStat(fileText(`/proc/${pid}/stat`))).toBeUndefined();
  });

  test('may be one that something else is left of', async () => {
    const { code, stderr, milliseconds } = await shell(`cat ${healthy}; sleep 60 &`);
    expect(code).toBe(0);
    expect(stderr).toContain('what it started had not, and was stopped');
    expect(milliseconds).toBeLessThan(30_000);
  });

  test.skipIf(spawnSync('setsid', ['true']).status !== 0)(
    'may be one that something out of reach is left of (needs setsid of util-linux)',
    async () => {
      const { code, stdout, stderr } = await shell(
        `cat ${healthy}; setsid sh -c 'echo pid $$; exec sleep 20' & sleep 0.3`,
      );
      process.kill(Number(/pid (\d+)/.exec(stdout.toString())?.[1]), 'SIGKILL');
      expect(code).toBe(0);
      expect(stderr).toContain('in a session of its own, and may still run');
    },
  );
});
