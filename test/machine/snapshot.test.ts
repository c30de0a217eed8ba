import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { memoryAccess } from '../../src/io/random-access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { decodeSnapshot, readSnapshot, writeSnapshot } from '../../src/machine/snapshot/file.ts';
import { RecordingMachine } from '../../src/machine/snapshot/recording-machine.ts';
import { SnapshotMachine } from '../../src/machine/snapshot/snapshot-machine.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { memoryAt } from './stub.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-snapshot-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'guest.snapshot');

/** A machine of made-up memory; page 0 is not there, physical memory is shifted by one. */
const machine: Machine = {
  name: 'guest',
  architecture: 'arm64',
  cpus: [
    { id: 0, thread: 'p01.01', isHalted: true },
    { id: 1, thread: 'p01.02' },
  ],
  wasRunning: true,
  stoppedMilliseconds: 12.5,
  canReadPhysical: true,
  memory: [{ start: 0x40000000n, end: 0x60000000n }],
  registers: async (cpu) => ({ pc: 0xffff800008000000n + BigInt(cpu), SP_EL0: 0n, big: 2n ** 64n - 1n }),
  readPhysical: async (address, length) => memoryAt(address + 1n, length),
  readVirtual: async (_, address, length) => memoryAt(address, length),
  info: async (command) => (command === 'info status' ? 'VM status: paused\n' : undefined),
  stop: async () => undefined,
  resume: async () => undefined,
  close: async () => undefined,
};

async function record(): Promise<RecordingMachine> {
  const recording = new RecordingMachine(machine);
  await recording.registers(1);
  await recording.info('info status');
  await recording.info('info nothing');
  await recording.readPhysical(0x40000ffcn, 8);
  await recording.readVirtual(0, 0xffff800008000010n, 16);
  await recording.readVirtual(1, 0xffff800008000010n, 16);
  await recording.readVirtual(1, 0x10n, 8);
  return recording;
}

describe('a snapshot', () => {
  test('answers what was asked when it was recorded', async () => {
    const recording = await record();
    const size = writeSnapshot(path, recording.snapshot());
    expect(statSync(path).size).toBe(size);
    expect(statSync(path).mode & 0o077).toBe(0);
    const snapshot = new SnapshotMachine(readSnapshot(path));
    const facts = ({
      name,
      architecture,
      cpus,
      wasRunning,
      stoppedMilliseconds,
      canReadPhysical,
      memory,
    }: Machine) => ({
      ...{ name, architecture, cpus, wasRunning, stoppedMilliseconds, canReadPhysical, memory },
    });
    expect(facts(snapshot)).toEqual(facts(machine));
    expect(await snapshot.registers(1)).toEqual(await machine.registers(1));
    expect(await snapshot.info('info status')).toBe('VM status: paused\n');
    expect(await snapshot.info('info nothing')).toBeUndefined();
    // The whole pages that were touched.
    for (const [address, length] of [
      [0x40000ffcn, 8],
      [0x40000000n, 8192],
    ] as const)
      expect(Buffer.from((await snapshot.readPhysical(address, length)) ?? [])).toEqual(memoryAt(address + 1n, length));
    expect(Buffer.from((await snapshot.readVirtual(0, 0xffff800008000ff0n, 16)) ?? [])).toEqual(
      memoryAt(0xffff800008000ff0n, 16),
    );
    expect(await snapshot.readVirtual(1, 0n, 8)).toBeUndefined();
    expect(snapshot.missing).toBe(0);
    // And counts what was not asked.
    expect(await snapshot.readVirtual(1, 0x5000n, 8)).toBeUndefined();
    expect(await snapshot.registers(0)).toEqual({});
    expect(await snapshot.info('info other')).toBeUndefined();
    expect(snapshot.missing).toBe(3);
    await expect(snapshot.registers(7)).rejects.toThrow(RangeError);
  });

  test('has the same contents once', async () => {
    const recording = new RecordingMachine({ ...machine, readPhysical: async (_, length) => new Uint8Array(length) });
    await recording.readPhysical(0x40000000n, 4_000_000);
    expect(writeSnapshot(path, recording.snapshot())).toBeLessThan(10_000);
    const snapshot = new SnapshotMachine(readSnapshot(path));
    expect(await snapshot.readPhysical(0x40000000n, 4_000_000)).toEqual(new Uint8Array(4_000_000));
  });

  test('forgets what was read before the guest ran', async () => {
    const recording = await record();
    await recording.resume();
    expect(recording.snapshot().pages.size).toBe(0);
    expect(recording.snapshot().registers.size).toBe(0);
  });

  test('reads nothing more when it is frozen, and anew of the machine that it is given then', async () => {
    const recording = await record();
    recording.freeze();
    expect(await recording.readPhysical(0x40000ffcn, 8)).toHaveLength(8);
    expect(await recording.readPhysical(0x40005000n, 8)).toBeUndefined();
    expect(await recording.registers(0)).toEqual({});
    recording.thaw({ ...machine, registers: async () => ({ pc: 1n }) });
    expect(await recording.registers(0)).toEqual({ pc: 1n });
    expect(await recording.readPhysical(0x40005000n, 8)).toHaveLength(8);
  });

  test('of memory that takes time has whole pages, unless only the moment counts', async () => {
    const asked: number[] = [];
    const slow: Machine = {
      ...machine,
      blockBytes: 256,
      readVirtual: async (_, address, length) => {
        asked.push(length);
        return memoryAt(address, length);
      },
    };
    await new RecordingMachine(slow).readVirtual(0, 0xffff800008000010n, 16);
    const moment = new RecordingMachine(slow, { readsBlocks: true });
    await moment.readVirtual(0, 0xffff800008000010n, 16);
    moment.freeze();
    expect(await moment.readVirtual(0, 0xffff800008000020n, 16)).toHaveLength(16);
    expect(await moment.readVirtual(0, 0xffff800008000120n, 16)).toBeUndefined();
    expect(asked).toEqual([4096, 256]);
    expect(moment.snapshot().pages.size).toBe(0);
  });

  test('that cannot be written is not there', async () => {
    const { snapshot } = { snapshot: (await record()).snapshot() };
    expect(() => writeSnapshot(join(folder, 'no', 'such'), snapshot)).toThrow(
      expect.objectContaining({ code: 'KT-OUTPUT-UNWRITABLE' }),
    );
    expect(() => writeSnapshot(folder, snapshot)).toThrow(expect.objectContaining({ code: 'KT-OUTPUT-UNWRITABLE' }));
  });

  test.each([
    ['that is not there', 'KT-FILE-MISSING', undefined],
    ['that is something else', 'KT-SNAPSHOT-UNKNOWN', Buffer.from('a log\n')],
    ['that is empty', 'KT-SNAPSHOT-UNKNOWN', Buffer.alloc(0)],
    ['of a later format', 'KT-SNAPSHOT-VERSION', Buffer.from('KTRIAGE\n\x02\0\0\0')],
    ['that ends', 'KT-SNAPSHOT-DAMAGED', Buffer.from('KTRIAGE\n\x01\0\0\0')],
    [
      'with a block that is too long',
      'KT-SNAPSHOT-DAMAGED',
      Buffer.from('KTRIAGE\n\x01\0\0\0PAGE\xff\xff\xff\xff\x10\0\0\0____', 'latin1'),
    ],
    [
      'with a block of more than there is',
      'KT-SNAPSHOT-DAMAGED',
      Buffer.from('KTRIAGE\n\x01\0\0\0PAGE\0\0\0\x02\0\0\0\x02____', 'latin1'),
    ],
  ])('%s: %s', (name, code, contents) => {
    const file = join(folder, name.replaceAll(' ', '-'));
    if (contents !== undefined) writeFileSync(file, contents);
    expect(() => readSnapshot(file)).toThrow(expect.objectContaining({ code }));
  });

  test('that is damaged anywhere is told, or is the same', async () => {
    const recording = await record();
    writeSnapshot(path, recording.snapshot());
    const bytes = readFileSync(path);
    const whole = decodeSnapshot('x', memoryAccess(bytes));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, isCut) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        let decoded: unknown;
        try {
          decoded = decodeSnapshot('x', memoryAccess(isCut ? damaged.subarray(0, at) : damaged));
        } catch (error) {
          expect(error).toBeInstanceOf(KtriageError);
          return;
        }
        // gzip's own head has bytes that mean nothing.
        expect(decoded).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });
});
