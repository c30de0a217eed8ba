import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toBigAddress } from '../../../src/elf/address.ts';
import { identifyMachine } from '../../../src/kernel/identify-machine.ts';
import { readModuleImage } from '../../../src/kernel/kallsyms/module-image.ts';
import { openFromMemory } from '../../../src/kernel/kallsyms/open-from-memory.ts';
import type { Kernel } from '../../../src/kernel/kernel.ts';
import { readLog } from '../../../src/kernel/log-buffer/read-log.ts';
import { readModules } from '../../../src/kernel/module.ts';
import { readSections } from '../../../src/kernel/module-sections.ts';
import { readTasks } from '../../../src/kernel/tasks.ts';
import { readSnapshot } from '../../../src/machine/snapshot/file.ts';
import { RecordingMachine } from '../../../src/machine/snapshot/recording-machine.ts';
import { SnapshotMachine } from '../../../src/machine/snapshot/snapshot-machine.ts';
import { Image } from '../../../src/symbols/image.ts';

/** A folder of `VERSION-ARCH-SCENARIO.snap`, each with all memory of a lab guest; one of each kernel is enough here. */
const folder = process.env.KTRIAGE_SNAPSHOTS ?? '';
const lab = process.env.KTLAB_DIR ?? join(homedir(), '.cache', 'ktlab');
const kernelOf = (name: string): string => /^[\d.]+-[a-z]+\d+/.exec(name)?.[0] ?? '';
const vmlinuxOf = (name: string): string => join(lab, kernelOf(name), 'vmlinux');
const names = (folder === '' ? [] : readdirSync(folder))
  .filter((name) => name.endsWith('.snap') && existsSync(vmlinuxOf(name)))
  .filter((name, nth, all) => all.findIndex((each) => kernelOf(each) === kernelOf(name)) === nth);

/** What is made up where an image has no such symbol that tells. */
const rounded = new Set(['_text', '_end']);

test.skipIf(names.length === 0)('snapshots are there (skipped: KTRIAGE_SNAPSHOTS names no folder of them)', () => {
  expect(names.length).toBeGreaterThan(0);
});

describe.each(names)('without a vmlinux, the guest %s', (name) => {
  let vmlinux: Image | undefined;
  let kernel: Kernel;

  beforeAll(async () => {
    const machine = new RecordingMachine(new SnapshotMachine(readSnapshot(join(folder, name))));
    const found = await identifyMachine(machine);
    const opened = found && (await openFromMemory(machine, found));
    if (opened === undefined || typeof opened === 'string') throw new Error(opened ?? 'no kernel');
    kernel = opened.kernel;
    vmlinux = await Image.open(vmlinuxOf(name));
  }, 60_000);

  afterAll(() => vmlinux?.close());

  test('every symbol is where the vmlinux has it, moved by the same distance', () => {
    const table = vmlinux?.elf.symbols();
    const known = new Map<string, bigint[]>();
    for (let index = 1; index < (table?.count ?? 0); index++) {
      const symbol = table?.entry(index);
      if (symbol === undefined || symbol.name === '') continue;
      const addresses = known.get(symbol.name);
      if (addresses === undefined) known.set(symbol.name, [toBigAddress(symbol.address)]);
      else addresses.push(toBigAddress(symbol.address));
    }
    const own = kernel.symbols.vmlinux.elf.symbols();
    const slide = (kernel.symbols.address('_stext') ?? 0n) - (known.get('_stext')?.[0] ?? 0n);
    const wrong: string[] = [];
    for (let index = 1; index < own.count; index++) {
      const symbol = own.entry(index);
      if (symbol === undefined || rounded.has(symbol.name)) continue;
      const address = toBigAddress(symbol.address);
      const isRight = known
        .get(symbol.name)
        ?.some((each) => (each < 1n << 63n ? each : BigInt.asUintN(64, each + slide)) === address);
      if (isRight !== true) wrong.push(symbol.name);
    }
    expect(own.count).toBeGreaterThan(40_000);
    expect(wrong).toEqual([]);
  });

  test('tasks, modules and the printk buffer are read', async () => {
    const [{ tasks }, { modules }, { lines }] = await Promise.all([
      readTasks(kernel),
      readModules(kernel),
      readLog(kernel),
    ]);
    expect(tasks.find(({ pid }) => pid === 1)?.comm).toBe('init');
    expect(lines.some((line) => line.includes('Linux version'))).toBe(true);
    const module = modules.find((each) => each.name === 'ktlab');
    const image = module && (await readModuleImage(kernel, module, (await readSections(kernel, module)) ?? []));
    const symbol = image?.elf.symbols().named('ktlab_port_irq')[0];
    expect(symbol?.section.name).toBe('.text');
    expect(image?.elf.symbols().named('_printk').length).toBeGreaterThan(0);
  });
});
