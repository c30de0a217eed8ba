import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { readModules } from '../../src/kernel/module.ts';
import { loadedModule } from '../../src/kernel/module-kallsyms.ts';
import { openKernel } from '../../src/kernel/open-kernel.ts';
import { stackOfTask, stacksOfCpu } from '../../src/kernel/stacks.ts';
import { readTasks, type TaskList } from '../../src/kernel/tasks.ts';
import { readSnapshot } from '../../src/machine/snapshot/file.ts';
import { SnapshotMachine } from '../../src/machine/snapshot/snapshot-machine.ts';
import { Image } from '../../src/symbols/image.ts';
import type { RawStack } from '../../src/unwind/frame.ts';
import { isReturnAddress } from '../../src/unwind/guess.ts';
import { unwind } from '../../src/unwind/unwind.ts';

/** A folder of `VERSION-ARCH-SCENARIO.snap`, each with all of a lab guest. */
const folder = process.env.KTRIAGE_SNAPSHOTS ?? '';
const lab = process.env.KTLAB_DIR ?? join(homedir(), '.cache', 'ktlab');

const vmlinuxOf = (name: string): string => join(lab, /^[\d.]+-[a-z]+\d+/.exec(name)?.[0] ?? '', 'vmlinux');
const names = (folder === '' ? [] : readdirSync(folder))
  .filter((name) => name.endsWith('.snap') && existsSync(vmlinuxOf(name)))
  .map((name) => name.slice(0, -'.snap'.length));

test.skipIf(names.length === 0)('snapshots are there (skipped: KTRIAGE_SNAPSHOTS names no folder of them)', () => {
  expect(names.length).toBeGreaterThan(0);
});

describe.each(names)('the guest %s', (name) => {
  let image: Image | undefined;
  let kernel: Kernel;
  let list: TaskList;

  beforeAll(async () => {
    image = await Image.open(vmlinuxOf(name));
    const opened = await openKernel(new SnapshotMachine(readSnapshot(join(folder, `${name}.snap`))), {
      vmlinux: image,
    });
    if (opened.kind !== 'found') throw new Error(opened.reasons.join('; '));
    kernel = opened.kernel;
    for (const module of (await readModules(kernel)).modules)
      kernel.symbols.addModule(await loadedModule(kernel, module));
    list = await readTasks(kernel);
  }, 60_000);

  afterAll(() => image?.close());

  const nameOf = ({ pc, isReturn }: { readonly pc: bigint; readonly isReturn: boolean }): string =>
    kernel.symbols.at(isReturn ? pc - 1n : pc)?.name ?? '';

  const cpuStacks = (): Promise<RawStack[]> =>
    Promise.all(
      list.cpus.map(async ({ cpu, current }) => {
        const own = current && (await stackOfTask(kernel, current));
        const stacks = [...(await stacksOfCpu(kernel, cpu)), ...(own === undefined ? [] : [own])];
        return unwind(kernel, { registers: await kernel.machine.registers(cpu.machineCpu ?? 0), stacks });
      }),
    );

  test('has stacks that lead from call to call to their start, without a guess', async () => {
    const tasks = await Promise.all(
      list.tasks.map(async (task) => {
        const stack = task.onCpu ? undefined : await stackOfTask(kernel, task);
        return stack === undefined ? [] : [await unwind(kernel, { saved: task.saved, stacks: [stack] })];
      }),
    );
    for (const raw of [...(await cpuStacks()), ...tasks.flat()]) {
      expect(raw.endsBecause, raw.frames.map(nameOf).join(' ')).toBeUndefined();
      expect(raw.frames.every(({ reliable }) => reliable)).toBe(true);
      for (const frame of raw.frames)
        if (frame.isReturn && kernel.symbols.isText(frame.pc) && !nameOf(frame).startsWith('secondary_startup'))
          expect(await isReturnAddress(kernel, frame.pc), nameOf(frame)).toBe(true);
    }
  }, 60_000);

  test.runIf(/silent-(irq|task|mixed)/.test(name))(
    'has the page fault that hangs it',
    async () => {
      // One died of something else before.
      if (!kernel.symbols.modules.some((module) => module.name === 'ktlab')) return;
      const entries = (await cpuStacks()).flatMap(({ frames }) => frames.flatMap(({ entry }) => entry ?? []));
      const faults = entries.filter(({ kind, isUser }) => kind === 'page-fault' && !isUser);
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatchObject({ faultAddress: name.includes('task') ? 0x28n : 0x20n });
      expect(faults[0]?.errorCode).toBe(kernel.architecture === 'arm64' ? 0x9600_0006n : 0n);
    },
    60_000,
  );
});
