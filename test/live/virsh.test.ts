import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VirshMonitor } from '../../src/live/targets/virsh-monitor.ts';
import { humanCommand, queryStatus } from '../../src/machine/qmp/monitor.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktriage-virsh-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A virsh that says what it is told to, and writes down how it was called. */
function virsh(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" >> ${path}.calls\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const answer = (json: string): string => `printf '%s\\n' '${json}'`;

const complain = (...lines: readonly string[]): string =>
  `${lines.map((line) => `echo "error: ${line}" >&2`).join('; ')}; exit 1`;

/** A virsh that answers as many commands as it is given in one line, each with its number. */
const counting = `case "$2" in
qemu-monitor-command) echo '{"return":"alone"}' ;;
*) printf '%s\\n' "$2" | awk '{ n = split($0, each, "; "); for (i = 1; i <= n; i++) printf "{\\"return\\":\\"%d of %d\\"}\\n", i, n }' ;;
esac`;

describe('VirshMonitor', () => {
  test('hands commands on as JSON', async () => {
    const program = virsh(
      'good',
      answer('{"return":{"status":"running","running":true,"singlestep":false},"id":"libvirt-7"}'),
    );
    const monitor = new VirshMonitor('web 1', { program });
    expect(await queryStatus(monitor)).toEqual({ status: 'running', isRunning: true });
    const calls = readFileSync(`${program}.calls`, 'utf8').trim().split('\n');
    expect(calls).toEqual(['-q', 'qemu-monitor-command', 'web 1', '--cmd', '{"execute":"query-status"}']);
  });

  test('hands arguments on', async () => {
    const program = virsh('human', answer('{"return":"VM status: running\\r\\n"}'));
    expect(await humanCommand(new VirshMonitor('a', { program }), 'info status')).toBe('VM status: running\n');
    expect(readFileSync(`${program}.calls`, 'utf8')).toContain('"arguments":{"command-line":"info status"}');
  });

  test.each([
    ['error', answer('{"error":{"class":"GenericError","desc":"no such thing"}}'), 'KT-QMP-REFUSED', /no such thing/],
    ['no-domain', complain("failed to get domain 'a'"), 'KT-LIVE-VIRSH', /virsh says: failed to get domain/],
    ['silent', 'exit 3', 'KT-LIVE-VIRSH', /does not say why/],
    ['garbage', 'echo hello', 'KT-QMP-GARBLED', /no JSON/],
    ['number', 'echo 7', 'KT-QMP-GARBLED', /no answer/],
  ])('understands failure: %s', async (name, script, code, why) => {
    const monitor = new VirshMonitor('a', { program: virsh(name, script) });
    await expect(monitor.execute('query-status')).rejects.toMatchObject({ code, why: expect.stringMatching(why) });
  });

  test('says that virsh is not installed', async () => {
    const monitor = new VirshMonitor('a', { program: join(folder, 'no-such-virsh') });
    await expect(monitor.execute('query-status')).rejects.toMatchObject({ code: 'KT-LIVE-VIRSH' });
  });

  test('heeds an abort, but for what must still be said', async () => {
    const program = virsh('aborted', answer('{"return":{}}'));
    const abort = new AbortController();
    const monitor = new VirshMonitor('a', { program, signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(monitor.execute('stop')).rejects.toThrow('enough');
    monitor.forgive();
    expect(await monitor.execute('cont')).toEqual({});
  });

  // As virsh 9.0 has it, in two lines where it does not reach libvirt.
  test.each([
    ['none', ["failed to get domain 'a'"], /virsh list --all/],
    ['off', ['Requested operation is not valid: domain is not running'], /shut off/],
    ['denied', ['failed to connect to the hypervisor', 'authentication unavailable: no polkit agent'], /group libvirt/],
    ['busy', ['Timed out during operation: cannot acquire state change lock (held by x)'], /busy/],
    ['odd', ['an unheard-of thing'], /virsh domstate/],
  ])('says what to do about it: %s', async (name, lines, hint) => {
    const monitor = new VirshMonitor('a', { program: virsh(`hint-${name}`, complain(...lines)) });
    await expect(monitor.execute('query-status')).rejects.toMatchObject({
      code: 'KT-LIVE-VIRSH',
      why: `virsh says: ${lines.join(': ')}`,
      hint: expect.stringMatching(hint),
    });
  });

  test('hands reads on together, in order, and nothing else', async () => {
    const program = virsh('many', counting);
    const monitor = new VirshMonitor('a "b', { program });
    const read = (address: number) => humanCommand(monitor, `xp /512xg 0x${address.toString(16)}`);
    const all = [read(0), read(4096), monitor.execute('stop'), ...Array.from({ length: 65 }, (_, i) => read(i))];
    const answers = await Promise.all(all);
    expect(answers.slice(0, 5)).toEqual(['1 of 2', '2 of 2', 'alone', '1 of 64', '2 of 64']);
    expect(answers.slice(-2)).toEqual(['64 of 64', 'alone']);
    const calls = readFileSync(`${program}.calls`, 'utf8');
    expect(calls).toContain(
      'qemu-monitor-command "a \\"b" --cmd "{\\"execute\\":\\"human-monitor-command\\",' +
        '\\"arguments\\":{\\"command-line\\":\\"xp /512xg 0x0\\"}}"; qemu-monitor-command',
    );
    // A list of arguments begins with -q.
    expect(calls.match(/^-q$/gm)).toHaveLength(4);
  });

  test('asks one by one if together they do not all answer', async () => {
    const program = virsh('few', 'case "$2" in qemu-monitor-command) echo \'{"return":7}\' ;; esac');
    const monitor = new VirshMonitor('a', { program });
    expect(await Promise.all([monitor.execute('query-a'), monitor.execute('query-b')])).toEqual([7, 7]);
  });

  test('asks nothing more when virsh has failed', async () => {
    const program = virsh('gone', complain('domain is not running'));
    const monitor = new VirshMonitor('a', { program });
    const asked = Array.from({ length: 200 }, (_, i) => monitor.execute(`query-${i}`));
    const failed = await Promise.allSettled(asked);
    expect(failed.every(({ status }) => status === 'rejected')).toBe(true);
    expect(readFileSync(`${program}.calls`, 'utf8').match(/^-q$/gm)).toHaveLength(2);
    await expect(monitor.execute('query-more')).rejects.toMatchObject({ code: 'KT-LIVE-VIRSH' });
  });
});
