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
    [
      'missing-domain',
      'echo "error: failed to get domain \'a\'" >&2; exit 1',
      'KT-QMP-REFUSED',
      /failed to get domain/,
    ],
    ['silent', 'exit 3', 'KT-QMP-REFUSED', /does not say why/],
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
});
