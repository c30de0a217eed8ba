import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRandomAccess } from '../../src/io/random-access.ts';
import type { Endpoint } from '../../src/io/socket.ts';
import type { LiveMachine } from '../../src/machine/live-machine.ts';
import { MonitorMachine } from '../../src/machine/monitor-machine.ts';
import { openMachine, openMonitor } from '../../src/machine/open-machine.ts';
import { examine } from '../../src/machine/qmp/examine.ts';
import {
  continueGuest,
  queryCpus,
  queryStatus,
  startGdbServer,
  stopGdbServer,
  stopGuest,
} from '../../src/machine/qmp/monitor.ts';
import { decodeSnapshot, writeSnapshot } from '../../src/machine/snapshot/file.ts';
import { RecordingMachine } from '../../src/machine/snapshot/recording-machine.ts';
import { SnapshotMachine } from '../../src/machine/snapshot/snapshot-machine.ts';

const isInstalled = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const hasX86 = isInstalled('qemu-system-x86_64');
const hasArm64 = isInstalled('qemu-system-aarch64');
const hasGdb = isInstalled('gdb');
if (!hasX86) console.warn('qemu-system-x86_64 is not installed: gdbstub and monitor are tested with scripts only');
if (!hasArm64) console.warn('qemu-system-aarch64 is not installed: arm64 is tested with scripts only');
if (!hasGdb) console.warn("gdb is not installed: what is read is not compared with gdb's own");

const folder = mkdtempSync(join(tmpdir(), 'ktriage-qemu-'));
const guests: Guest[] = [];
afterAll(() => {
  for (const guest of guests) guest.kill();
  rmSync(folder, { recursive: true, force: true });
});

interface Guest {
  readonly gdb: Endpoint;
  readonly qmp: Endpoint;
  readonly kill: () => void;
}

/** A guest without a kernel, on sockets of its own; ended by itself after a minute whatever happens here. */
async function boot(program: string, ...options: string[]): Promise<Guest> {
  const base = join(folder, `guest${guests.length}`);
  const child = spawn(
    'timeout',
    [
      ...['--kill-after=1', '90', program, '-accel', 'tcg', '-display', 'none', '-nodefaults', '-no-user-config'],
      ...['-gdb', `unix:${base}.gdb,server=on,wait=off`, '-qmp', `unix:${base}.qmp,server=on,wait=off`, ...options],
    ],
    { stdio: 'ignore' },
  );
  const guest: Guest = {
    gdb: { kind: 'unix', path: `${base}.gdb` },
    qmp: { kind: 'unix', path: `${base}.qmp` },
    kill: () => child.kill('SIGTERM'),
  };
  guests.push(guest);
  for (let i = 0; i < 300 && !(existsSync(`${base}.gdb`) && existsSync(`${base}.qmp`)); i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return guest;
}

async function withMonitor<T>(
  guest: Guest,
  use: (monitor: Awaited<ReturnType<typeof openMonitor>>) => Promise<T>,
): Promise<T> {
  const monitor = await openMonitor(guest.qmp, { timeoutMilliseconds: 20_000 });
  try {
    return await use(monitor);
  } finally {
    await monitor.close();
  }
}

const statusOf = (guest: Guest): Promise<string> =>
  withMonitor(guest, async (monitor) => (await queryStatus(monitor)).status);

async function withMachine<T>(guest: Guest, use: (machine: LiveMachine) => Promise<T>, options = {}): Promise<T> {
  const machine = await openMachine({ gdb: guest.gdb, timeoutMilliseconds: 20_000, ...options });
  try {
    return await use(machine);
  } finally {
    await machine.close();
  }
}

/** As its own monitor says, of which QEMU has one. */
const printedStatus = (machine: MonitorMachine): Promise<string | undefined> => machine.info('info status');

describe.skipIf(!hasX86)('a guest of QEMU for x86 (skipped without it)', () => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await boot('qemu-system-x86_64', '-S', '-smp', '2', '-m', '32', '-device', 'isa-debug-exit');
  });

  test('that was never started is left so', async () => {
    await withMachine(guest, async (machine) => {
      expect(machine.architecture).toBe('x86_64');
      expect(machine.wasRunning).toBe(false);
      expect(machine.cpus).toHaveLength(2);
      // The reset vector (Intel SDM, volume 3, 10.1.4), in real mode.
      expect(await machine.registers(0)).toMatchObject({
        rip: 0xfff0n,
        cs: 0xf000n,
        cr0: 0x60000010n,
        idt_limit: 0xffffn,
      });
      // A far jump.
      expect((await machine.readPhysical(0xfffffff0n, 1))?.[0]).toBe(0xea);
    });
    expect(await statusOf(guest)).toBe('prelaunch');
  });

  test('that runs goes on running, however it is left', async () => {
    await withMonitor(guest, continueGuest);
    for (const leave of ['close', 'abandon', 'abort', 'resume'] as const) {
      const abort = new AbortController();
      const machine = await openMachine({ gdb: guest.gdb, signal: abort.signal, timeoutMilliseconds: 20_000 });
      expect(machine.wasRunning).toBe(true);
      await machine.registers(1);
      await machine.readPhysical(0xf0000n, 8);
      expect(await statusOf(guest)).toBe('paused');
      if (leave === 'abandon') machine.abandon();
      if (leave === 'resume') await machine.resume();
      if (leave === 'abort') {
        const reading = Promise.all([machine.readPhysical(0x100000n, 16_000_000), machine.readVirtual(0, 0n, 100_000)]);
        reading.catch(() => undefined);
        setImmediate(() => abort.abort());
        await expect(reading).rejects.toThrow();
      }
      await machine.close();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect([leave, await statusOf(guest)]).toEqual([leave, 'running']);
    }
  });

  test('stops and runs as it is told, and its time is counted', async () => {
    await withMachine(guest, async (machine) => {
      await machine.resume();
      expect(await statusOf(guest)).toBe('running');
      const before = machine.stoppedMilliseconds;
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(machine.stoppedMilliseconds).toBe(before);
      await machine.stop();
      expect(await statusOf(guest)).toBe('paused');
      expect((await machine.registers(0)).cs).toBeDefined();
    });
    expect(await statusOf(guest)).toBe('running');
  });

  test('can be left standing, and be found so', async () => {
    await withMachine(guest, async () => undefined, { isHeld: true });
    expect(await statusOf(guest)).toBe('paused');
    await withMachine(guest, async (machine) => expect(machine.wasRunning).toBe(false));
    expect(await statusOf(guest)).toBe('paused');
    await withMonitor(guest, continueGuest);
  });

  test('has one debugger at a time; one that was turned away does not stop it later', async () => {
    const machine = await openMachine({ gdb: guest.gdb, timeoutMilliseconds: 20_000 });
    await expect(openMachine({ gdb: guest.gdb, timeoutMilliseconds: 300 })).rejects.toMatchObject({
      code: 'KT-GDB-TIMEOUT',
    });
    await machine.close();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await statusOf(guest)).toBe('running');
  });

  test('has the same memory by its stub, its monitor and a snapshot', async () => {
    const path = join(folder, 'guest.snapshot');
    const monitor = await openMonitor(guest.qmp);
    await stopGuest(monitor);
    expect(await queryCpus(monitor)).toHaveLength(2);
    await withMachine(guest, async (machine) => {
      const recording = new RecordingMachine(machine);
      const bytes = await recording.readPhysical(0xe8004n, 60_000);
      const registers = await recording.registers(0);
      expect(Buffer.from(bytes ?? [])).toEqual(await examine(monitor, 'xp', 0xe8004n, 60_000));
      // Not memory.
      expect(await recording.readPhysical(0x40000000n, 8)).toBeUndefined();
      writeSnapshot(path, recording.snapshot());
      const access = openRandomAccess(path);
      const snapshot = new SnapshotMachine(decodeSnapshot(path, access));
      access.close();
      expect(await snapshot.readPhysical(0xe8004n, 60_000)).toEqual(bytes);
      expect(await snapshot.registers(0)).toEqual(registers);
      expect(snapshot.memory).toEqual(machine.memory);
    });
    await monitor.close();
  });

  test('can be looked at through its monitor alone, without being stopped', async () => {
    await withMonitor(guest, continueGuest);
    const machine = await MonitorMachine.open(await openMonitor(guest.qmp), { isLeftRunning: true });
    expect(await printedStatus(machine)).toBe('VM status: running\n');
    expect(machine.architecture).toBe('x86_64');
    expect(machine.cpus).toHaveLength(2);
    expect(await machine.registers(1)).toMatchObject({
      rax: expect.any(BigInt),
      cr3: 0n,
      idt_limit: expect.any(BigInt),
    });
    expect((await machine.readPhysical(0xfffffff0n, 1))?.[0]).toBe(0xea);
    expect(await machine.readVirtual(1, 0xf0000n, 64)).toEqual(await machine.readPhysical(0xf0000n, 64));
    expect(await machine.readPhysical(0x40000000n, 8)).toBeUndefined();
    await machine.close();
    expect(machine.stoppedMilliseconds).toBe(0);
    const stopping = await MonitorMachine.open(await openMonitor(guest.qmp));
    expect(await printedStatus(stopping)).toBe('VM status: paused\n');
    await stopping.close();
    expect(stopping.stoppedMilliseconds).toBeGreaterThan(0);
    expect(await statusOf(guest)).toBe('running');
  });

  test.skipIf(!hasGdb)('is the same to gdb (skipped without it)', async () => {
    await withMonitor(guest, stopGuest);
    const [registers, memory] = await withMachine(guest, (machine) =>
      Promise.all([machine.registers(1), machine.readVirtual(1, 0xf0000n, 4096)]),
    );
    const dump = join(folder, 'dump');
    const names = ['rax', 'rbx', 'rsp', 'rip', 'r15', 'eflags', 'cs', 'gs_base', 'cr0', 'cr3', 'cr4', 'efer'];
    const script = [
      'set pagination off',
      `target remote ${guest.gdb.kind === 'unix' ? guest.gdb.path : ''}`,
      'thread 2',
      ...names.flatMap((name) => [`printf "= ${name} "`, `output/x $${name}`, 'printf "\\n"']),
      `dump binary memory ${dump} 0xf0000 0xf1000`,
      'disconnect',
    ];
    writeFileSync(join(folder, 'script'), script.join('\n'));
    const printed = execFileSync('gdb', ['-nx', '-batch', '-x', join(folder, 'script')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const values = Object.fromEntries(
      [...printed.matchAll(/^= (\w+) (0x[0-9a-f]+)$/gm)].map(([, name = '', value = '0']) => [name, BigInt(value)]),
    );
    expect(values).toEqual(Object.fromEntries(names.map((name) => [name, registers[name]])));
    expect(readFileSync(dump)).toEqual(Buffer.from(memory ?? []));
    await withMonitor(guest, continueGuest);
  });

  test('has its stub started and stopped through its monitor', async () => {
    await withMonitor(guest, async (monitor) => {
      await stopGdbServer(monitor);
      await expect(openMachine({ gdb: guest.gdb })).rejects.toMatchObject({ code: 'KT-SOCKET-UNREACHABLE' });
      const path = join(folder, 'later.gdb');
      await startGdbServer(monitor, `unix:${path},server=on,wait=off`);
      const machine = await openMachine({ gdb: { kind: 'unix', path }, qmp: monitor, timeoutMilliseconds: 20_000 });
      expect(machine.wasRunning).toBe(true);
      expect((await machine.registers(0)).tr_limit).toBeDefined();
      await machine.close();
    });
    expect(await statusOf(guest)).toBe('running');
  });

  test('that is gone is told', async () => {
    const machine = await openMachine({
      gdb: guest.gdb.kind === 'unix' ? { kind: 'unix', path: join(folder, 'later.gdb') } : guest.gdb,
      timeoutMilliseconds: 20_000,
    });
    guest.kill();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await expect(machine.readPhysical(0x1000n, 8)).rejects.toMatchObject({ code: 'KT-GDB-CLOSED' });
    await machine.close();
  });
});

describe.skipIf(!hasArm64)('a guest of QEMU for arm64 (skipped without it)', () => {
  test('has its system registers', async () => {
    const program = join(folder, 'program');
    // movz x1, #0x1800; msr vbar_el1, x1; msr sp_el0, x1; b .
    const code = Buffer.concat(
      [0xd2830001, 0xd518c001, 0xd5184101, 0x14000000].map((word) => {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(word);
        return bytes;
      }),
    );
    writeFileSync(program, code);
    const guest = await boot(
      'qemu-system-aarch64',
      ...['-machine', 'virt', '-cpu', 'cortex-a72', '-smp', '2', '-m', '32'],
      ...['-device', `loader,file=${program},addr=0x41000000,cpu-num=0`],
    );
    // Until it has come to its end.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await withMachine(guest, async (machine) => {
      expect(machine.architecture).toBe('arm64');
      expect(machine.wasRunning).toBe(true);
      expect(machine.cpus).toHaveLength(2);
      expect(machine.memory).toEqual([{ start: 0x40000000n, end: 0x42000000n }]);
      const registers = await machine.registers(0);
      expect(registers).toMatchObject({ x1: 0x1800n, VBAR_EL1: 0x1800n, SP_EL0: 0x1800n, pc: 0x4100000cn });
      expect(registers.lr).toBe(registers.x30);
      expect(registers.pstate).toBe(registers.cpsr);
      for (const read of [machine.readPhysical(0x41000000n, 16), machine.readVirtual(0, 0x41000000n, 16)])
        expect(Buffer.from((await read) ?? [])).toEqual(code);
      // The interrupt controller, whose registers reading changes.
      expect(await machine.readPhysical(0x08010000n, 8)).toBeUndefined();
    });
    expect(await statusOf(guest)).toBe('running');
  });
});
