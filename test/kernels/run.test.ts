import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { plainEnvironment, projectRoot } from '../helpers/built.ts';
import { guestModules } from './guest-files.ts';
import { isInstalled } from './tools.ts';

/** Guests that `ktriage run` boots itself, on a loaded machine; each is a minute at most. */
const kernel = '6.1-amd64';
const guest = inject('guests').find(({ name }) => name === kernel);
const why = isInstalled('qemu-system-x86_64')
  ? guest === undefined
    ? `the kernel ${kernel} is not there`
    : guest.hasModule
      ? undefined
      : `there is no kthang.ko of ${guest.release}`
  : 'qemu-system-x86_64 is not installed (Debian: qemu-system-x86)';
if (why !== undefined) process.stderr.write(`test:kernels: run: SKIPPED, ${why}\n`);

const folder = mkdtempSync(join(tmpdir(), 'ktriage-run-guest-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function boot(options: readonly string[], ...words: readonly string[]): Promise<Ran> {
  const args = [join(projectRoot, 'bin', 'ktriage.js'), 'run', ...options, '--', 'test/guest/boot', kernel, ...words];
  const env = { ...process.env, ...plainEnvironment({ KTRIAGE_CACHE: 'off' }), HOME: process.env.HOME };
  const child = spawn(process.execPath, args, {
    cwd: projectRoot,
    env,
    timeout: 280_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const parts = { stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => {
    parts.stdout += part.toString('latin1');
  });
  child.stderr.on('data', (part: Buffer) => {
    parts.stderr += part.toString('latin1');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...parts }));
  });
}

const document = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));

describe.skipIf(why !== undefined)(`ktriage run${why === undefined ? '' : `: SKIPPED, ${why}`}`, () => {
  const symbols = ['--vmlinux', guest?.vmlinux ?? '', '--modules', guestModules(guest?.release ?? '')];

  test('a boot that goes well', { timeout: 300_000 }, async () => {
    const { code, stdout, stderr } = await boot(['--timeout', '240'], 'sysrq-o');
    expect(stdout).toContain('reboot: Power down');
    expect(stderr).toContain(`No crash in the output of the command`);
    expect(code).toBe(0);
  });

  test('a panic, after which QEMU would stay for ever', { timeout: 300_000 }, async () => {
    const options = [...symbols, '--timeout', '240', '--after-crash', '2', '--format', 'json', '-o', at('panic.json')];
    const { code, stdout, stderr } = await boot(options, 'sysrq-c');
    expect(code, stderr).toBe(1);
    expect(stdout).toContain('---[ end Kernel panic');
    const [file] = document('panic.json').files;
    expect(file.command).toMatchObject({ program: 'test/guest/boot', stopped: 'crash' });
    expect(file.reports[0]).toMatchObject({ kind: 'panic/sysrq', culprit: { function: 'sysrq_handle_crash' } });
  });

  test('a hang, of which no console says anything', { timeout: 300_000 }, async () => {
    const qmp = at('qmp');
    const options = [...symbols, '--quiet-timeout', '15', '--timeout', '240', '--qmp', qmp];
    const outputs = ['--save-log', at('hang.log'), '--guest-report', at('guest.json'), '-o', at('hang.txt')];
    const reports = ['--report', `json=${at('hang.json')}`, '--report', `junit=${at('hang.xml')}`];
    const { code, stdout, stderr } = await boot([...options, ...outputs, ...reports], 'spin-pair', '--qmp', qmp);
    // What is found in the guest makes a crash of it.
    expect(code, stderr).toBe(1);
    expect(readFileSync(at('hang.log'), 'latin1').startsWith(stdout)).toBe(true);
    expect(document('guest.json')).toMatchObject({
      outcome: 'broken',
      verdict: { rule: 'lock-cycle' },
      isLeftRunning: true,
    });
    const text = readFileSync(at('hang.txt'), 'utf8');
    expect(text).toMatch(/^Command: {2}test\/guest\/boot printed nothing for too long/);
    expect(text.replace(/\s+/g, ' ')).toContain('CPU 0 and CPU 1 deadlocked on each other');
    const hang = { unprinted: true, kind: 'hang/deadlock', title: 'possible deadlock in move_cents' };
    expect(document('hang.json').files[0]).toMatchObject({ reports: [hang], incidents: [{ root: 0 }] });
    expect(readFileSync(at('hang.xml'), 'utf8')).toMatch(
      /<testsuites name="ktriage" tests="2" failures="1" errors="1">/,
    );
  });
});
