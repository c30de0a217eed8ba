import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attach } from '../../src/live/attach.ts';
import { openMonitor } from '../../src/machine/open-machine.ts';
import { queryGdbServer, queryStatus } from '../../src/machine/qmp/monitor.ts';
import { ensureBuilt, plainEnvironment, projectRoot } from '../helpers/built.ts';

const qemu = 'qemu-system-x86_64';
const hasQemu = spawnSync(qemu, ['--version']).status === 0;
if (!hasQemu) console.warn(`${qemu} is not installed: attaching is not tested with it`);

interface Guest {
  readonly pid: number;
  readonly gdb: string;
  readonly qmp: string;
}

let folder: string;
const pids: number[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktriage-attach-'));
});
afterAll(() => {
  for (const pid of pids) {
    try {
      process.kill(pid);
    } catch {
      // It has ended.
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A guest without a kernel, which runs the firmware's nothing. */
async function boot(ways: readonly ('gdb' | 'qmp')[]): Promise<Guest> {
  const base = join(folder, `guest${pids.length}`);
  const sockets = ways.flatMap((way) => [`-${way}`, `unix:${base}.${way},server=on,wait=off`]);
  const machine = ['-accel', 'tcg', '-display', 'none', '-nodefaults', '-no-user-config', '-smp', '2', '-m', '32'];
  const { pid = 0 } = spawn(qemu, [...machine, ...sockets], { stdio: 'ignore' });
  pids.push(pid);
  for (let i = 0; i < 300 && !ways.every((way) => existsSync(`${base}.${way}`)); i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return { pid, gdb: `${base}.gdb`, qmp: `${base}.qmp` };
}

async function stateOf({ qmp }: Guest): Promise<{ status: string; stub: string | undefined }> {
  const monitor = await openMonitor({ kind: 'unix', path: qmp }, { timeoutMilliseconds: 20_000 });
  try {
    return { status: (await queryStatus(monitor)).status, stub: await queryGdbServer(monitor) };
  } finally {
    await monitor.close();
  }
}

const unix = (path: string) => ({ kind: 'unix', path }) as const;

describe.skipIf(!hasQemu)('attach (skipped without QEMU)', () => {
  test('starts a stub through the monitor, and stops it', async () => {
    const guest = await boot(['qmp']);
    const attachment = await attach({ kind: 'qmp', endpoint: unix(guest.qmp) });
    expect(attachment.live?.cpus).toHaveLength(2);
    expect(attachment.machine.wasRunning).toBe(true);
    expect(await attachment.machine.registers(0)).toHaveProperty('rip');
    await attachment.close();
    expect(await stateOf(guest)).toEqual({ status: 'running', stub: undefined });
  });

  test('leaves what it was told to hold', async () => {
    const guest = await boot(['qmp']);
    await (await attach({ kind: 'qmp', endpoint: unix(guest.qmp) }, { isHeld: true })).close();
    expect(await stateOf(guest)).toEqual({ status: 'paused', stub: undefined });
    const attachment = await attach({ kind: 'qmp', endpoint: unix(guest.qmp) });
    expect(attachment.machine.wasRunning).toBe(false);
    await attachment.close();
    expect((await stateOf(guest)).status).toBe('paused');
  });

  test('reads how to from a process, and leaves the stub that was there', async () => {
    const guest = await boot(['gdb', 'qmp']);
    const attachment = await attach({ kind: 'process', id: guest.pid });
    expect(attachment.notes).toEqual([]);
    expect(await attachment.machine.info('info status')).toMatch(/paused/);
    await attachment.close();
    const { status, stub } = await stateOf(guest);
    expect(status).toBe('running');
    expect(stub).toContain(guest.gdb);
  });

  test('attaches to a stub alone, or with its monitor', async () => {
    const guest = await boot(['gdb', 'qmp']);
    for (const qmp of [undefined, unix(guest.qmp)]) {
      const attachment = await attach({ kind: 'gdb', endpoint: unix(guest.gdb) }, { qmp });
      expect(attachment.machine.wasRunning).toBe(true);
      await attachment.close();
      expect((await stateOf(guest)).status).toBe('running');
    }
  });

  test('need not stop it', async () => {
    const guest = await boot(['gdb', 'qmp']);
    const { machine, close } = await attach({ kind: 'process', id: guest.pid }, { isLeftRunning: true });
    expect(await machine.info('info status')).toMatch(/running/);
    expect(machine.stoppedMilliseconds).toBe(0);
    await close();
    await expect(attach({ kind: 'gdb', endpoint: unix(guest.gdb) }, { isLeftRunning: true })).rejects.toMatchObject({
      code: 'KT-USAGE',
    });
  });

  test('says that somebody else is attached', async () => {
    const guest = await boot(['qmp']);
    const other = await attach({ kind: 'qmp', endpoint: unix(guest.qmp) });
    try {
      await expect(attach({ kind: 'qmp', endpoint: unix(guest.qmp) })).rejects.toMatchObject({
        code: expect.stringMatching(/^KT-(?:QMP-TIMEOUT|LIVE-BUSY)$/),
      });
    } finally {
      await other.close();
    }
    expect(await stateOf(guest)).toEqual({ status: 'running', stub: undefined });
  }, 20_000);

  test('goes through virsh', async () => {
    const guest = await boot(['qmp']);
    // What libvirt does with a command: it hands it to QEMU's monitor, and prints the answer.
    const virsh = join(folder, 'virsh');
    const script = `import { createConnection } from 'node:net';
const socket = createConnection(${JSON.stringify(guest.qmp)});
let text = '';
socket.on('data', (data) => {
  text += data;
  for (let end = text.indexOf('\\n'); end >= 0; end = text.indexOf('\\n')) {
    const message = JSON.parse(text.slice(0, end));
    text = text.slice(end + 1);
    if (message.QMP) socket.write('{"execute":"qmp_capabilities","id":"c"}\\n');
    else if (message.id === 'c') socket.write(JSON.stringify({ ...JSON.parse(process.argv.at(-1)), id: 'x' }) + '\\n');
    else if (message.id === 'x') { console.log(JSON.stringify(message)); socket.end(); }
  }
});
`;
    writeFileSync(`${virsh}.mjs`, script);
    writeFileSync(virsh, `#!/bin/sh\nexec ${process.execPath} ${virsh}.mjs "$@"\n`);
    chmodSync(virsh, 0o755);
    const attachment = await attach({ kind: 'libvirt', domain: 'web1' }, { virsh });
    expect(attachment.machine.cpus).toHaveLength(2);
    await attachment.close();
    expect(await stateOf(guest)).toEqual({ status: 'running', stub: undefined });
  }, 30_000);
});

describe.skipIf(!hasQemu)('ktriage live (skipped without QEMU)', () => {
  test('lets the guest run on whenever it is ended', async () => {
    ensureBuilt();
    const guest = await boot(['gdb', 'qmp']);
    const outcomes: string[] = [];
    for (let nth = 0; nth < 8; nth++) {
      const signal = (['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)[nth % 4];
      const program = join(projectRoot, 'bin', 'ktriage.js');
      const child = spawn(process.execPath, [program, 'live', guest.gdb], { env: plainEnvironment(), stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await new Promise((resolve) => setTimeout(resolve, 150 + nth * 60));
      child.kill(signal);
      // Again, as people do.
      if (nth >= 4) child.kill(signal);
      await ended;
      await new Promise((resolve) => setTimeout(resolve, 50));
      outcomes.push((await stateOf(guest)).status);
    }
    expect(outcomes).toEqual(Array.from({ length: 8 }, () => 'running'));
  }, 120_000);

  test('says of a machine without a kernel that it has none', async () => {
    ensureBuilt();
    const guest = await boot(['gdb', 'qmp']);
    const program = join(projectRoot, 'bin', 'ktriage.js');
    const child = spawn(process.execPath, [program, 'live', `pid:${guest.pid}`], { env: plainEnvironment() });
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(3);
    expect(text).toMatch(/^unclear: /);
    expect(text).toMatch(/It stood still for [\d,]+ ms, and runs on\.\n$/);
    expect((await stateOf(guest)).status).toBe('running');
  }, 60_000);
});
