import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { readLog } from '../../src/kernel/log-buffer/read-log.ts';
import { linesOf } from '../../src/kernel/log-buffer/record.ts';
import { readModules } from '../../src/kernel/module.ts';
import { readModuleSymbols } from '../../src/kernel/module-kallsyms.ts';
import { readSections } from '../../src/kernel/module-sections.ts';
import { openKernel } from '../../src/kernel/open-kernel.ts';
import { savedContext } from '../../src/kernel/saved-context.ts';
import { stackOfTask, stacksOfCpu } from '../../src/kernel/stacks.ts';
import { readTasks } from '../../src/kernel/tasks.ts';
import { readSnapshot } from '../../src/machine/snapshot/file.ts';
import { SnapshotMachine } from '../../src/machine/snapshot/snapshot-machine.ts';
import { Image } from '../../src/symbols/image.ts';

/** A folder of `VERSION-ARCH-SCENARIO.snap`, each with all of a lab guest, and its console's log beside it. */
const folder = process.env.KTRIAGE_SNAPSHOTS ?? '';
const lab = process.env.KTLAB_DIR ?? join(homedir(), '.cache', 'ktlab');
/** Level of messages that the lab's consoles print; debugging ones are in the buffer only. */
const consoleLevel = 7;

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

  beforeAll(async () => {
    image = await Image.open(vmlinuxOf(name));
    const opened = await openKernel(new SnapshotMachine(readSnapshot(join(folder, `${name}.snap`))), {
      vmlinux: image,
    });
    if (opened.kind !== 'found') throw new Error(opened.reasons.join('; '));
    kernel = opened.kernel;
  }, 60_000);

  afterAll(() => image?.close());

  test('has tasks whose stacks say where they sleep', async () => {
    const { tasks, cpus, problems } = await readTasks(kernel);
    expect(problems).toEqual([]);
    expect(tasks.length).toBeGreaterThan(40);
    expect(tasks.filter(({ isIdle }) => isIdle).map(({ comm }) => comm)).toEqual(
      cpus.map(({ cpu }) => `swapper/${cpu.id}`),
    );
    expect(tasks.map(({ comm }) => comm)).toContain('kthreadd');
    expect(cpus.map(({ cpu }) => cpu.machineCpu)).toEqual(cpus.map(({ cpu }) => cpu.id));
    expect(cpus.some(({ cpu }) => cpu.isGuess)).toBe(false);
    for (const { current } of cpus) expect(current?.onCpu).toBe(true);
    for (const task of tasks.filter(({ onCpu, stack }) => !onCpu && stack !== undefined)) {
      const stack = await stackOfTask(kernel, task);
      const registers = stack === undefined ? undefined : await savedContext(kernel, task, stack);
      const at = kernel.symbols.at(registers?.rip ?? registers?.pc ?? 0n);
      expect(['__schedule', '__switch_to', 'ret_from_fork', 'ret_from_fork_asm']).toContain(at?.name);
    }
    for (const { cpu } of cpus) {
      const stacks = await stacksOfCpu(kernel, cpu);
      expect(stacks.map((each) => each.name)).toEqual(
        kernel.architecture === 'arm64' ? ['IRQ', 'overflow'] : ['IRQ', '#DF', 'NMI', '#DB', '#MC', 'ENTRY'],
      );
    }
  });

  test('has the module of the lab', async () => {
    const { modules, problems } = await readModules(kernel);
    expect(problems).toEqual([]);
    const module = modules.find((each) => each.name === 'ktlab');
    if (module === undefined) return;
    const [text = { start: 0n, bytes: 0 }] = module.ranges;
    const isText = (address = 0n): boolean => address >= text.start && address < text.start + BigInt(text.bytes);
    const sections = await readSections(kernel, module);
    expect(sections?.find((each) => each.name === '.text')?.address).toSatisfy(isText);
    const symbols = await readModuleSymbols(kernel, module);
    expect(symbols?.find((each) => each.name === 'ktlab_null_write')?.address).toSatisfy(isText);
  });

  test('has in its buffer what the console has, and more where it hangs', async () => {
    const log = await readLog(kernel);
    expect(log.problems).toEqual([]);
    const text = readFileSync(join(folder, `${name}.log`), 'latin1').replaceAll('\r', '');
    const printed = log.records.filter(
      ({ sequence, level }) => level < consoleLevel && sequence < (log.consoleSeq ?? 0n),
    );
    expect(printed.length).toBeGreaterThan(100);
    const missing = printed.flatMap((record) => linesOf(record)).filter((line) => !text.includes(line.trimEnd()));
    expect(missing).toEqual([]);
    if (name.includes('silent-irq')) expect(log.neverPrinted).toBeGreaterThan(0);
    if (name.endsWith('-none')) expect(log.neverPrinted).toBe(0);
  });
});
