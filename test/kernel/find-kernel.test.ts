import { describe, expect, test } from 'vitest';
import { findKernel } from '../../src/kernel/find-kernel.ts';
import { identifyMachine } from '../../src/kernel/identify-machine.ts';
import { fileTypes } from '../../src/kernel/kernel-types.ts';
import { openKernel } from '../../src/kernel/open-kernel.ts';
import { AddressSpace } from '../../src/kernel/page-tables/address-space.ts';
import { type Arm64Tables, arm64Format } from '../../src/kernel/page-tables/arm64-format.ts';
import { TableEntries } from '../../src/kernel/page-tables/table-entries.ts';
import { x86Format } from '../../src/kernel/page-tables/x86-format.ts';
import type { RegisterValues } from '../../src/machine/machine.ts';
import { type MadeKernel, makeKernel } from './made-kernel.ts';
import { arm64Entries, MadeMachine, MadeTables, x86Entries } from './made-machine.ts';

const base = 0x460_0000n;
const memory = [{ start: 0n, end: 0x1000_0000n }];
const idt = 0xffff_fe00_0000_0000n;
const idtPage = 0x200_0000n;

interface Guest {
  readonly machine: MadeMachine;
  readonly kernel: MadeKernel;
  readonly slide: bigint;
}

interface X86Options {
  readonly registers?: RegisterValues;
  readonly levels?: 4 | 5;
  readonly kernel?: MadeKernel;
  readonly canReadPhysical?: boolean;
  readonly knowsMemory?: boolean;
  readonly hasIdt?: boolean;
  /** How far phys_base is from what it should be. */
  readonly wrong?: bigint;
}

/** A guest of x86-64, moved by 0x12600000, which has page tables and an IDT. */
function x86Guest(options: X86Options = {}): Guest {
  const { levels = 4, kernel = makeKernel(), hasIdt = true, wrong = 0n } = options;
  const slide = 0x1260_0000n;
  const cr3 = base + kernel.linked('init_top_pgt') - kernel.text;
  const registers: RegisterValues = {
    ...{ cr0: 0x8005_0033n, efer: 0xd01n, cr4: levels === 5 ? 0x75_1ef0n : 0x75_0ef0n, cr3 },
    ...options.registers,
  };
  const machine = new MadeMachine({
    registers: [{ rip: 0xfff0n, cr0: 0x10n, cr3: 0n, efer: 0n }, registers],
    ...(options.knowsMemory !== false && { memory }),
    ...(options.canReadPhysical !== undefined && { canReadPhysical: options.canReadPhysical }),
  });
  const tables = new MadeTables(machine, x86Format(levels), x86Entries, cr3, 0x300_0000n);
  for (let at = 0n; at < 0x80_0000n; at += 0x20_0000n) tables.map(kernel.text + slide + at, base + at, 1);
  if (hasIdt) tables.map(idt, idtPage);
  kernel.load(machine, base);
  const handler = kernel.linked('asm_exc_page_fault') + slide;
  machine.put64(idtPage + 14n * 16n, (handler & 0xffffn) | (((handler >> 16n) & 0xffffn) << 48n) | 0x8e00_0010_0000n);
  machine.put64(idtPage + 14n * 16n + 8n, handler >> 32n);
  const physBase = base - (kernel.text - 0xffff_ffff_8000_0000n + slide);
  machine.put64(base + kernel.linked('phys_base') - kernel.text, physBase + wrong);
  machine.virtual = new AddressSpace(cr3, x86Format(levels), new TableEntries(machine));
  return { machine, kernel, slide };
}

describe('x86-64', () => {
  test.each([4, 5] as const)('by the interrupt descriptor table, %i levels', async (levels) => {
    const { machine, kernel, slide } = x86Guest({ levels });
    const found = await findKernel(machine, kernel.image);
    expect(found).toMatchObject({
      kind: 'found',
      place: { slide, physicalBase: base, how: 'the interrupt descriptor table of CPU 1' },
      identity: { release: '6.9.0-made', banner: kernel.banner, buildId: kernel.buildId },
      problems: [],
    });
    if (found.kind !== 'found') return;
    expect(found.place.pageTable).toBe(base + kernel.linked('init_top_pgt') - kernel.text);
    expect(await found.memory.text(kernel.linked('linux_banner') + slide, 13)).toBe('Linux version');
    expect(machine.reads).toBeLessThan(20);
  });

  test('with another place of the IDT, which the monitor tells', async () => {
    const { machine, kernel, slide } = x86Guest({ hasIdt: false, registers: { idt_base: 0xffff_ffff_93c0_6000n } });
    const handler = kernel.linked('asm_exc_page_fault') + slide;
    const gates = base + 0x60_6000n;
    machine.put64(gates + 14n * 16n, (handler & 0xffffn) | (((handler >> 16n) & 0xffffn) << 48n));
    machine.put64(gates + 14n * 16n + 8n, handler >> 32n);
    const found = await findKernel(machine, kernel.image);
    expect(found).toMatchObject({
      kind: 'found',
      place: { slide, physicalBase: base, how: 'the interrupt descriptor table of CPU 1' },
    });
  });

  test('by page tables, where there is no IDT (FRED)', async () => {
    const { machine, kernel, slide } = x86Guest({ hasIdt: false });
    expect(await findKernel(machine, kernel.image)).toMatchObject({
      kind: 'found',
      place: { slide, physicalBase: base, how: 'the page tables of CPU 1' },
    });
  });

  test('with user space on every CPU under page-table isolation', async () => {
    const kernel = makeKernel();
    const cr3 = base + kernel.linked('init_top_pgt') - kernel.text;
    // PCID 0x886 of user space, and the user half.
    const { machine, slide } = x86Guest({ kernel, registers: { cr3: (cr3 + 0x1000n) | 0x886n | (1n << 63n) } });
    new MadeTables(machine, x86Format(4), x86Entries, cr3 + 0x1000n, 0x800_0000n).map(idt, idtPage);
    expect(await findKernel(machine, kernel.image)).toMatchObject({
      kind: 'found',
      place: { slide, physicalBase: base, pageTable: cr3, how: 'the interrupt descriptor table of CPU 1' },
    });
  });

  test('by a search, where no CPU is in 64-bit mode', async () => {
    const { machine, kernel, slide } = x86Guest({ registers: { cr0: 0x10n, efer: 0n } });
    expect(await findKernel(machine, kernel.image)).toMatchObject({
      kind: 'found',
      place: { slide, physicalBase: base, how: 'a search of the physical memory' },
    });
  });

  test('without contents in the file the build ID is enough; without either nothing is', async () => {
    const kernel = makeKernel({ hasContents: false });
    expect(await findKernel(x86Guest({ kernel }).machine, kernel.image)).toMatchObject({ kind: 'found' });
  });

  test('another build is not taken', async () => {
    const { machine } = x86Guest();
    const same = makeKernel({ buildId: 'ff112233445566778899aabbccddeeff00112233' });
    const found = await findKernel(machine, same.image);
    expect(found).toMatchObject({ kind: 'not-found', identity: { buildId: makeKernel().buildId } });
    if (found.kind === 'found') return;
    expect(found.reasons.join('\n')).toContain(
      'has the build ID 00112233445566778899aabbccddeeff00112233, vmlinux has ff11',
    );
    const other = makeKernel({ build: '#2' });
    const result = await findKernel(machine, other.image);
    expect(result).toMatchObject({ kind: 'not-found', identity: { banner: makeKernel().banner } });
    if (result.kind === 'not-found')
      expect(result.reasons.join('\n')).toContain('there is another kernel: Linux version');
  });

  test('a vmlinux of another machine, with what kernel it is instead', async () => {
    const { machine } = x86Guest();
    expect(await findKernel(machine, makeKernel({ architecture: 'arm64' }).image)).toEqual({
      kind: 'not-found',
      reasons: ['vmlinux is of arm64, the machine is of x86_64'],
      identity: { release: '6.9.0-made', banner: makeKernel().banner, buildId: makeKernel().buildId },
      found: await identifyMachine(machine),
    });
  });

  test('what kernel it is instead need not be asked again', async () => {
    for (const image of [makeKernel({ build: '#2' }).image, makeKernel({ architecture: 'arm64' }).image]) {
      const { machine } = x86Guest();
      const result = await findKernel(machine, image);
      if (result.kind === 'found') throw new Error('it is another one');
      expect(result.found).toEqual(await identifyMachine(machine));
      expect(result.found).toMatchObject({ identity: result.identity });
    }
  });

  test('firmware: nothing is there, and every reason is told', async () => {
    const machine = new MadeMachine({
      registers: [{ cr0: 0x10n, cr3: 0n }],
      memory: [{ start: 0n, end: 0x400_0000n }],
    });
    machine.ensure(0n, 0x400_0000);
    const found = await findKernel(machine, makeKernel().image);
    expect(found).toEqual({
      kind: 'not-found',
      reasons: [
        'the interrupt descriptor table of CPU 0: the CPU is not in 64-bit mode',
        'the page tables of CPU 0: the CPU is not in 64-bit mode',
        'a search of the physical memory: the kernel is at none of the places where it can be loaded',
      ],
      found: 'none',
    });
    expect(await identifyMachine(machine)).toBeUndefined();
  });

  test('early boot: the image without its variables', async () => {
    const { machine, kernel } = x86Guest({ wrong: 0x1234n });
    const found = await findKernel(machine, kernel.image);
    expect(found).toMatchObject({ kind: 'not-found', identity: { banner: kernel.banner } });
    if (found.kind === 'not-found') expect(found.reasons.join()).toContain('which cannot be (early boot?)');
  });

  test('a stop that comes from outside', async () => {
    const { machine, kernel } = x86Guest();
    await expect(findKernel(machine, kernel.image, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });

  test('through virtual addresses alone', async () => {
    const { machine, kernel, slide } = x86Guest({ canReadPhysical: false });
    const found = await findKernel(machine, kernel.image);
    expect(found).toMatchObject({
      kind: 'found',
      place: { slide, physicalBase: base, how: 'the interrupt descriptor table' },
      problems: ['physical memory cannot be read: only what the CPUs see now is known'],
    });
    if (found.kind !== 'found') return;
    expect(await found.memory.text(kernel.linked('linux_banner') + slide, 5)).toBe('Linux');
    expect((await found.memory.translate(kernel.text + slide)).why).toMatch(/^physical memory cannot be read/);
  });
});

interface Arm64Options {
  readonly tables?: Arm64Tables;
  /** What TTBR1_EL1 points to. */
  readonly points?: 'swapper_pg_dir' | 'tramp_pg_dir' | 'reserved_pg_dir';
  readonly offset?: bigint;
  readonly registers?: (ttbr: bigint, tcr: bigint) => RegisterValues;
  readonly voffset?: bigint;
}

const usual: Arm64Tables = { addressBits: 48, pageShift: 12, isLpa2: false, ignoresTopByte: false, isUpper: true };

function arm64Guest(options: Arm64Options = {}): Guest {
  const { tables = usual, points = 'swapper_pg_dir', offset = 0n } = options;
  const kernel = makeKernel({ architecture: 'arm64' });
  const slide = 0x3cf1_ab00_0000n;
  const physicalBase = 0x4020_0000n;
  const physical = (name: 'swapper_pg_dir' | 'tramp_pg_dir' | 'reserved_pg_dir'): bigint =>
    physicalBase + kernel.linked(name) - kernel.text;
  const size = BigInt(64 - tables.addressBits);
  const granule = { 14: 1n, 12: 2n, 16: 3n }[tables.pageShift] ?? 0n;
  const lower = { 14: 2n, 12: 0n, 16: 1n }[tables.pageShift] ?? 0n;
  const tcr = size | (size << 16n) | (granule << 30n) | (lower << 14n);
  const ttbr = (0x1en << 48n) | (physical(points) + offset);
  const registers = options.registers?.(ttbr, tcr) ?? { TTBR1_EL1: ttbr, TCR_EL1: tcr, VBAR_EL1: 0n };
  const machine = new MadeMachine({
    architecture: 'arm64',
    registers: [registers],
    memory: [{ start: 0x4000_0000n, end: 0x5000_0000n }],
  });
  const made = new MadeTables(
    machine,
    arm64Format(tables),
    arm64Entries,
    physical('swapper_pg_dir') + offset,
    0x4800_0000n,
  );
  const last = BigInt(1 << tables.pageShift);
  for (let at = 0n; at < 0x70_0000n; at += last) made.map(kernel.text + slide + at, physicalBase + at);
  kernel.load(machine, physicalBase);
  const voffset = options.voffset ?? kernel.text + slide - physicalBase;
  machine.put64(physicalBase + kernel.linked('kimage_voffset') - kernel.text, voffset);
  return { machine, kernel, slide };
}

describe('arm64', () => {
  test.each(['swapper_pg_dir', 'tramp_pg_dir', 'reserved_pg_dir'] as const)('TTBR1 points to %s', async (points) => {
    const { machine, kernel, slide } = arm64Guest({ points });
    const found = await findKernel(machine, kernel.image);
    expect(found).toMatchObject({
      kind: 'found',
      place: { slide, physicalBase: 0x4020_0000n, pageTable: 0x4072_0000n, how: 'TTBR1_EL1 of CPU 0' },
      problems: [],
    });
    expect(machine.reads).toBeLessThan(30);
  });

  test.each([
    ['16 KiB pages', { ...usual, pageShift: 14, addressBits: 47 }, 0n],
    ['64 KiB pages', { ...usual, pageShift: 16 }, 0n],
    ['64 KiB pages of a kernel for 52 bits on a CPU with 48', { ...usual, pageShift: 16 }, 0x1e00n],
  ])('%s', async (_, tables, offset) => {
    const { machine, kernel, slide } = arm64Guest({ tables, offset });
    expect(await findKernel(machine, kernel.image)).toMatchObject({
      kind: 'found',
      place: { slide, pageTable: 0x4072_0000n + offset },
      problems: [],
    });
  });

  test('a kernel that runs at EL2', async () => {
    const { machine, kernel, slide } = arm64Guest({
      registers: (ttbr, tcr) => ({ TTBR1_EL2: ttbr, TCR_EL2: tcr, TTBR1_EL1: 0n }),
    });
    expect(await findKernel(machine, kernel.image)).toMatchObject({
      kind: 'found',
      place: { slide, how: 'TTBR1_EL2 of CPU 0' },
    });
  });

  test('by a search and with the usual tables, where no register tells', async () => {
    const { machine, kernel, slide } = arm64Guest({ registers: () => ({ pc: 0n }) });
    expect(await findKernel(machine, kernel.image)).toMatchObject({
      kind: 'found',
      place: { slide, how: 'a search of the physical memory' },
      problems: [],
    });
  });

  test('early boot', async () => {
    const { machine, kernel } = arm64Guest({ voffset: 0n });
    const found = await findKernel(machine, kernel.image);
    expect(found.kind).toBe('not-found');
    if (found.kind === 'not-found')
      expect(found.reasons.join()).toContain('kimage_voffset is not set yet (early boot)');
  });

  test('without page tables the image can be read', async () => {
    const { machine, kernel, slide } = arm64Guest();
    machine.put(0x4072_0000n, new Uint8Array(4096));
    const found = await findKernel(machine, kernel.image);
    expect(found).toMatchObject({ kind: 'found', place: { slide, pageTable: 0n } });
    if (found.kind !== 'found') return;
    expect(found.problems.join()).toContain('no page tables of the kernel were found');
    expect(await found.memory.text(kernel.linked('linux_banner') + slide, 5)).toBe('Linux');
    expect(await found.memory.u64(0xffff_0000_0000_0000n)).toBeUndefined();
  });

  test('through virtual addresses alone, in a kernel that stopped for its own debugger', async () => {
    const { machine: guest, kernel, slide } = arm64Guest();
    const pc = kernel.linked('kgdb_breakpoint') + slide + 0x14n;
    const machine = new MadeMachine({ architecture: 'arm64', registers: [{ pc }], canReadPhysical: false });
    const space = new AddressSpace(0x4072_0000n, arm64Format(usual), new TableEntries(guest));
    machine.readVirtual = async (_cpu, address, length) => {
      const physical = await space.physical(address);
      return physical === undefined ? undefined : guest.readPhysical(physical, length);
    };
    expect(await findKernel(machine, kernel.image)).toMatchObject({
      kind: 'found',
      place: { slide, physicalBase: 0x4020_0000n, pageTable: 0n, how: 'where CPU 0 stands' },
    });
  });

  test('which kernel it is, without a vmlinux', async () => {
    const { machine, kernel } = arm64Guest();
    expect(await identifyMachine(machine)).toEqual({
      identity: { release: '6.9.0-made', banner: kernel.banner, buildId: kernel.buildId },
      bannerAt: 0x4020_0000n + 0x40_13e0n,
    });
  });
});

describe('openKernel', () => {
  test('memory, symbols and types', async () => {
    const { machine, kernel, slide } = x86Guest();
    expect(fileTypes(kernel.image).btf?.struct('task_struct')?.size).toBe(88);
    const opened = await openKernel(machine, { vmlinux: kernel.image });
    if (opened.kind !== 'found') throw new Error(opened.reasons.join());
    const { symbols, types, architecture } = opened.kernel;
    expect(architecture).toBe('x86_64');
    expect(types.struct('task_struct')?.size).toBe(88);
    expect(symbols.at(kernel.linked('some_function') + slide + 5n)).toMatchObject({ name: 'some_function', offset: 5 });
    // system_state is 0: it still boots.
    expect(symbols.isText(kernel.linked('_sinittext') + slide)).toBe(true);
  });

  test('types from the memory of the guest', async () => {
    const kernel = makeKernel({ hasBtf: false });
    const { machine } = x86Guest({ kernel });
    machine.put(base + kernel.linked('system_state') - kernel.text, Uint8Array.of(2));
    const opened = await openKernel(machine, { vmlinux: kernel.image });
    if (opened.kind !== 'found') throw new Error(opened.reasons.join());
    expect(opened.kernel.types.struct('task_struct')?.size).toBe(88);
    expect(opened.kernel.symbols.isText(kernel.linked('_sinittext') + 0x1260_0000n)).toBe(false);
  });

  test('no types at all', async () => {
    const kernel = makeKernel({ hasBtf: false });
    const { machine } = x86Guest({ kernel });
    machine.put(base + kernel.linked('__start_BTF') - kernel.text, new Uint8Array(64));
    await expect(openKernel(machine, { vmlinux: kernel.image })).rejects.toMatchObject({ code: 'KT-KERNEL-TYPES' });
  });
});
