import { describe, expect, test } from 'vitest';
import { LiveMachine, type LiveOptions } from '../../src/machine/live-machine.ts';
import type { Monitor } from '../../src/machine/qmp/monitor.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { memoryAt, packet, qemuLike, type ScriptedStub } from './stub.ts';

const hex = (text: string): string => Buffer.from(text).toString('hex');

const printed: Readonly<Record<string, string>> = {
  'info version': '7.2.22 (made up)\r\n',
  'info status': 'VM status: paused\r\n',
  'info mtree -f':
    'FlatView #0\r\n AS "memory", root: system\r\n  0000000000000000-000000000009ffff (prio 0, ram): pc.ram\r\n  0000000000100000-00000000001fffff (prio 0, ram): pc.ram\r\n',
  'info registers -a':
    '\r\nCPU#0\r\nRAX=0000000000000001\r\nIDT=     fffffe0000000000 00000fff\r\nCR2=0000000000000077\r\n',
};

/** A stub with the monitor of QEMU. */
function stubWith(options: { version?: string; status?: string; wasRunning?: boolean } = {}): ScriptedStub {
  const answers = {
    ...printed,
    'info version': options.version ?? '7.2.22',
    'info status': options.status ?? 'VM status: paused',
  };
  return qemuLike((request, stub) => {
    if (request.startsWith('qSupported') && options.wasRunning === true) stub.send(packet('T02thread:01;'));
    if (!request.startsWith('qRcmd,')) return 'default';
    const command = Buffer.from(request.slice(6), 'hex').toString();
    const text = Object.entries(answers).find(([name]) => name === command)?.[1];
    return text === undefined ? [`O${hex('unknown command\r\n')}`, 'OK'] : [`O${hex(text)}`, 'OK'];
  });
}

function open(stub: ScriptedStub, options: Partial<LiveOptions> = {}): Promise<LiveMachine> {
  return LiveMachine.open(stub.line, { peer: 'guest', timeoutMilliseconds: 5000, ...options });
}

/** A monitor that keeps what it is told. */
function fakeMonitor(isRunning: boolean): Monitor & { readonly commands: string[] } {
  const commands: string[] = [];
  return {
    peer: 'monitor',
    commands,
    execute: async (command, parameters) => {
      const line = parameters?.['command-line'];
      commands.push(typeof line === 'string' ? line : command);
      if (command === 'query-status') return { running: isRunning, status: isRunning ? 'running' : 'paused' };
      return typeof line === 'string' ? (printed[line] ?? '') : {};
    },
    forgive: () => undefined,
    close: async () => void commands.push('close'),
  };
}

describe('a guest behind a stub', () => {
  test('registers, memory, what the monitor prints', async () => {
    const machine = await open(stubWith({ wasRunning: true }));
    expect(machine.architecture).toBe('x86_64');
    expect(machine.cpus).toEqual([{ id: 0, thread: 'p01.01', isHalted: true }]);
    expect(machine.memory).toHaveLength(2);
    const registers = await machine.registers(0);
    expect(registers).toMatchObject({ rax: 1n, rip: 17n, idt_base: 0xfffffe0000000000n, idt_limit: 0xfffn });
    // What the stub has is not taken from elsewhere, and of the rest only what is known to be of use.
    expect(registers.cr2).toBeUndefined();
    expect(Buffer.from((await machine.readVirtual(0, 0x12345n, 10)) ?? [])).toEqual(memoryAt(0x12345n, 10));
    expect(Buffer.from((await machine.readPhysical(0x12345n, 10)) ?? [])).toEqual(memoryAt(0x12346n, 10));
    expect(await machine.readVirtual(0, 0n, 8)).toBeUndefined();
    await expect(machine.registers(5)).rejects.toThrow(RangeError);
    await expect(machine.readVirtual(5, 0n, 8)).rejects.toThrow(RangeError);
    await machine.close();
    expect(machine.stoppedMilliseconds).toBeGreaterThan(0);
  });

  test('physical addresses of devices are never read', async () => {
    const stub = stubWith();
    const machine = await open(stub);
    expect(await machine.readPhysical(0xa0000n, 8)).toBeUndefined();
    expect(await machine.readPhysical(0xfec00000n, 8)).toBeUndefined();
    expect(await machine.readPhysical(0x9f000n, 4096)).toBeDefined();
    // Nor with what lies before it.
    expect(await machine.readPhysical(0x9e000n, 4096)).toBeDefined();
    expect(await machine.readPhysical(0x9f000n, 4096)).toBeDefined();
    expect(await machine.readPhysical(0x9ffffn, 2)).toBeUndefined();
    await machine.close();
    const addresses = stub.requests.flatMap((request) => /^m([0-9a-f]+),/.exec(request)?.[1] ?? []);
    expect(addresses.every((address) => Number.parseInt(address, 16) < 0xa0000)).toBe(true);
  });

  test('only commands that print are run', async () => {
    const stub = stubWith();
    const machine = await open(stub);
    expect(await machine.info('info status')).toBe('VM status: paused');
    const before = stub.requests.length;
    for (const command of ['quit', 'system_reset', 'info status\nquit', 'infoquit'])
      expect(await machine.info(command)).toBeUndefined();
    expect(stub.requests).toHaveLength(before);
    await machine.close();
  });

  test('is read anew after it ran', async () => {
    const stub = stubWith();
    const machine = await open(stub);
    await machine.readPhysical(0x1000n, 8);
    await machine.readPhysical(0x1000n, 8);
    const reads = (): number => stub.requests.filter((request) => request.startsWith('m')).length;
    expect(reads()).toBe(2);
    await machine.resume();
    await machine.stop();
    await machine.readPhysical(0x1000n, 8);
    expect(reads()).toBe(4);
    await machine.close();
  });

  test.each([
    ['a stop says that it ran', { wasRunning: true }, true],
    ['no stop, of a QEMU that sends one', { version: '7.2.22 (Debian)' }, false],
    ['no stop, of a QEMU that sends none', { version: '8.1.0' }, true],
    ['the same, with a state of its own', { version: '9.0.1', status: 'VM status: paused (guest-panicked)' }, false],
    ['the same, before it was started', { version: '10.0.0', status: 'VM status: paused (prelaunch)' }, false],
    ['what is no QEMU', { version: 'unknown' }, true],
  ])('it ran before: %s', async (_, options, wasRunning) => {
    const stub = stubWith(options);
    const machine = await open(stub);
    expect(machine.wasRunning).toBe(wasRunning);
    await machine.close();
    expect(stub.requests.includes('D;1')).toBe(wasRunning);
    if (!wasRunning) expect(machine.stoppedMilliseconds).toBe(0);
  });

  test('is left standing where that is wanted', async () => {
    const stub = stubWith({ wasRunning: true });
    const machine = await open(stub, { isHeld: true });
    await machine.close();
    expect(stub.requests).not.toContain('D;1');
  });

  test('the monitor is asked where there is one, and helps a guest whose stub is gone', async () => {
    const stub = stubWith();
    const monitor = fakeMonitor(false);
    const machine = await open(stub, { monitor, wasRunning: true });
    expect(machine.memory).toHaveLength(2);
    stub.die();
    await machine.close();
    expect(monitor.commands).toEqual(['info mtree -f', 'query-status', 'cont', 'close']);
  });

  test('of an architecture that is not known', async () => {
    const stub = qemuLike((request) => {
      if (request.startsWith('qSupported')) return 'PacketSize=400;qXfer:features:read+';
      return request.startsWith('qXfer')
        ? 'l<target><architecture>riscv:rv64</architecture><feature><reg name="zero" bitsize="64"/></feature></target>'
        : 'default';
    });
    const monitor = fakeMonitor(true);
    await expect(open(stub, { monitor, wasRunning: true })).rejects.toMatchObject({ code: 'KT-MACHINE-ARCHITECTURE' });
    expect(stub.requests.at(-1)).toBe('D');
    expect(monitor.commands.slice(-2)).toEqual(['query-status', 'close']);
  });

  test('of more CPUs, numbered as the stub says; other threads are no CPUs', async () => {
    const texts: Readonly<Record<string, string>> = {
      'p01.01': 'shadowCPU1',
      'p01.02': 'shadowCPU0',
      'p01.03': 'kworker/0:1',
    };
    const stub = qemuLike((request) => {
      if (request === 'qfThreadInfo') return 'mp01.01,p01.02,p01.03';
      const thread = /^qThreadExtraInfo,(.*)$/.exec(request)?.[1];
      if (request.startsWith('qqemu')) return '';
      return thread === undefined ? 'default' : hex(texts[thread] ?? '');
    });
    const machine = await open(stub);
    expect(machine.cpus).toEqual([
      { id: 0, thread: 'p01.02' },
      { id: 1, thread: 'p01.01' },
    ]);
    expect(machine.canReadPhysical).toBe(false);
    expect(await machine.readPhysical(0x1000n, 8)).toBeUndefined();
    expect(await machine.info('info status')).toBeUndefined();
    await machine.close();
  });

  test('at a signal everything ends, and the guest is left as it was', async () => {
    const stub = stubWith({ wasRunning: true });
    const abort = new AbortController();
    const machine = await open(stub, { signal: abort.signal });
    const reading = machine.readPhysical(0x100000n, 500_000);
    abort.abort(new Error('stop it'));
    await expect(reading).rejects.toThrow('stop it');
    await machine.close();
    expect(stub.requests.at(-1)).toBe('D;1');
    await expect(machine.readPhysical(0x1000n, 8)).rejects.toThrow(KtriageError);
  });
});
