import { describe, expect, test } from 'vitest';
import type { Kernel } from '../../../src/kernel/kernel.ts';
import type { TaskList } from '../../../src/kernel/tasks.ts';
import { isLookWanted, lookTwice } from '../../../src/live/second-look/look-again.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { RecordingMachine } from '../../../src/machine/snapshot/recording-machine.ts';
import { KtriageError } from '../../../src/util/errors.ts';
import { StructureKernel } from '../../kernel/structure-kernel.ts';
import { madeCpu, madeThread } from '../made-threads.ts';

const jiffies = 0xffff_ffff_8200_0000n;
const perCpu = 0x1000n;
const bases = 0xffff_8880_0001_0000n;
const queues = 0xffff_8880_0002_0000n;
const kernelText = 0xffff_ffff_8100_0000n;

/** A guest with one CPU, whose timer is due at that time. */
function made(due: bigint, interruptsOff = true): { kernel: Kernel; machine: Machine } {
  const structures = {
    hrtimer_cpu_base: [['expires_next', 'u64']],
    rq: [
      ['nr_switches', 'u64'],
      ['clock', 'u64'],
    ],
  } as const;
  const guest = new StructureKernel(structures)
    .symbol('jiffies_64', jiffies)
    .symbol('hrtimer_bases', bases)
    .symbol('runqueues', queues)
    .cpu({ rip: kernelText, eflags: interruptsOff ? 2n : 0x202n, rsp: 0n });
  guest.word(jiffies, 77n).put('hrtimer_cpu_base', bases + perCpu, { expires_next: due });
  guest.put('rq', queues + perCpu, { nr_switches: 5n });
  const { kernel } = guest;
  return { kernel, machine: kernel.machine };
}

const cpu = { id: 0, offset: perCpu, isOnline: true, isPresent: true, machineCpu: 0 };

async function look(dues: readonly bigint[], signal?: AbortSignal) {
  const { kernel, machine } = made(500n);
  const list: TaskList = { tasks: [], cpus: [{ cpu }], problems: [] };
  const first = { kernel, list, recorder: new RecordingMachine(machine), at: performance.now() };
  let times = 0;
  const found = await lookTwice(
    first,
    [0],
    async (use) => {
      const due = dues[times++];
      if (due === undefined) throw new KtriageError('KT-GDB-CLOSED', 'it went away', 'it ended', 'start it');
      Object.assign(kernel, { memory: made(due).kernel.memory });
      await use(made(due).machine);
    },
    signal,
  );
  return { found, times };
}

describe('looking again', () => {
  test('is wanted only where one look cannot tell', () => {
    const cpus = [madeCpu(madeThread({ frames: ['frob'] }))];
    expect(isLookWanted('unclear', { cpus })).toBe(true);
    expect(isLookWanted('broken', { cpus })).toBe(false);
    expect(isLookWanted('unclear', { cpus: cpus.map((each) => ({ ...each, state: 'firmware' as const })) })).toBe(
      false,
    );
  });

  test('finds a CPU that takes no tick, twice', async () => {
    const { found, times } = await look([500n, 500n, 500n]);
    expect(times).toBe(2);
    expect(found).toMatchObject({ times: 3, isTimeStill: true });
    if (typeof found === 'string') throw new Error(found);
    expect(found.milliseconds).toBeGreaterThanOrEqual(990);
    expect(found.cpus.get(0)).toMatchObject({ kind: 'stuck', tookNoTick: true });
  });

  test('ends when it has moved', async () => {
    const { found, times } = await look([504n]);
    expect(times).toBe(1);
    if (typeof found === 'string') throw new Error(found);
    expect(found.cpus.get(0)).toEqual({ kind: 'moved' });
  });

  test('says that it could not, and stops when it is told to', async () => {
    expect((await look([])).found).toContain('could not be looked at a second time: it went away');
    const reason = new Error('enough');
    await expect(look([500n], AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
