import { describe, expect, test } from 'vitest';
import { LiveMachine } from '../../src/machine/live-machine.ts';
import { memoryAt, registerPacket, ScriptedStub } from './stub.ts';

/** As kernel/debug/gdbstub.c: CPUs are -2 and -3, then come tasks; requests that it does not know have empty answers. */
function kernelStub(signal = '05', threads = ['mfffffffe,fffffffd,01,02', 'm51,52']): ScriptedStub {
  let list = threads;
  return new ScriptedStub((request) => {
    if (request === '?') return `S${signal}`;
    if (request === 'qfThreadInfo') list = threads;
    if (/^q[fs]ThreadInfo$/.test(request)) {
      const [first = '', ...rest] = list;
      list = rest;
      return first;
    }
    const thread = /^qThreadExtraInfo,(.*)$/.exec(request)?.[1];
    if (thread === 'fffffffe') return Buffer.from('shadowCPU0').toString('hex');
    if (thread === 'fffffffd') return Buffer.from('shadowCPU1').toString('hex');
    if (thread !== undefined) return Buffer.from('a task\0\0\0\0\0\0\0\0\0\0').toString('hex');
    if (request.startsWith('Hg') || request === 'D') return 'OK';
    if (request === 'g') return registerPacket;
    const read = /^m([0-9a-f]+),([0-9a-f]+)$/.exec(request);
    if (read === null) return '';
    const length = Number.parseInt(read[2] ?? '', 16);
    if (length * 2 >= 1024) throw new Error('it would write beyond its buffer');
    return memoryAt(BigInt(`0x${read[1]}`), length)?.toString('hex') ?? 'E22';
  });
}

const open = (stub: ScriptedStub, isHeld = false): Promise<LiveMachine> =>
  LiveMachine.open(stub.line, { peer: 'a serial line', isKernelStub: true, isLossy: true, isHeld });

describe("the kernel's own stub", () => {
  test('has CPUs, the same memory for all, and goes on when it is left', async () => {
    const stub = kernelStub();
    const machine = await open(stub);
    expect(machine.architecture).toBe('x86_64');
    expect(machine.cpus).toEqual([
      { id: 0, thread: 'fffffffe' },
      { id: 1, thread: 'fffffffd' },
    ]);
    expect(stub.requests.filter((request) => request.startsWith('qThreadExtraInfo'))).toHaveLength(2);
    expect(machine.canReadPhysical).toBe(false);
    expect((await machine.registers(1)).rip).toBe(17n);
    const address = 0xffff_ffff_8100_0ff0n;
    expect(Buffer.from((await machine.readVirtual(0, address, 64)) ?? [])).toEqual(memoryAt(address, 64));
    const asked = stub.requests.length;
    expect(await machine.readVirtual(1, address + 8n, 16)).toHaveLength(16);
    expect(await machine.readVirtual(0, 16n, 8)).toBeUndefined();
    // Nothing more of what is known, and one block of what is not there.
    expect(stub.requests.length).toBe(asked + 1);
    expect(stub.requests.filter((request) => request.startsWith('m'))).toEqual([
      'mffffffff81000f00,100',
      'mffffffff81001000,100',
      'm0,100',
    ]);
    expect(machine.wasRunning).toBe(true);
    await machine.close();
    expect(stub.requests.at(-1)).toBe('D');
    // What it does not know it was never asked to do, and nothing was written.
    expect(stub.requests.filter((request) => /^[GPMXRckC]|^Z/.test(request))).toEqual([]);
  });

  test('stays where it is after an exception, which would come again', async () => {
    const stub = kernelStub('0b');
    const machine = await open(stub);
    expect(machine.wasRunning).toBe(false);
    await machine.close();
    expect(stub.requests).not.toContain('D');
  });

  test('and where it is to be held', async () => {
    const stub = kernelStub();
    await (await open(stub, true)).close();
    expect(stub.requests).not.toContain('D');
  });
});
