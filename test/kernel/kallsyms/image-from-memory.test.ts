import { describe, expect, test } from 'vitest';
import { toBigAddress } from '../../../src/elf/address.ts';
import { identifyMachine } from '../../../src/kernel/identify-machine.ts';
import { imageFromMemory } from '../../../src/kernel/kallsyms/image-from-memory.ts';
import { openFromMemory } from '../../../src/kernel/kallsyms/open-from-memory.ts';
import { GuestSymbols } from '../../../src/kernel/kernel-symbols.ts';
import { MadeMachine } from '../made-machine.ts';
import { layouts, type MadeSymbol, madeSymbols, madeTables } from './made-tables.ts';

const banner = 'Linux version 6.12.0-made (somebody@somewhere) (cc 14) #1 SMP 2026-01-01\n\0';
const text = 0xffff_ffff_9a00_0000n;
const physical = 0x500_0000n;
const kernelMap = 0xffff_ffff_8000_0000n;
const place = { code: 0x4000n, constants: 0x20_0000n, phys: 0x3f_0000n, end: 0x40_0000n };

function marks(names: Readonly<Record<string, bigint>>): MadeSymbol[] {
  return Object.entries(names).map(([name, address]) => ({ name, address: text + address, type: 'T' }));
}

/** The symbols of an image, in their order. */
function allSymbols(): MadeSymbol[] {
  const code = madeSymbols(1500, text + place.code);
  return [
    ...marks({ _text: 0n, _stext: 0n }),
    ...code,
    ...marks({ _etext: 0x10_0000n, linux_banner: place.constants, __end_rodata: 0x30_0000n }),
    ...marks({ phys_base: place.phys, _end: place.end }),
  ];
}

function machineWith(symbols: readonly MadeSymbol[], version: string): MadeMachine {
  const layout = layouts[version];
  if (layout === undefined) throw new Error(`there is no layout ${version}`);
  const first = place.constants + 0x1000n;
  const machine = new MadeMachine({ memory: [{ start: 0n, end: 0x600_0000n }] });
  machine.ensure(physical, Number(place.end));
  machine.put(physical + place.constants, banner);
  machine.put(physical + first, madeTables(symbols, layout, text + first, 64));
  machine.put(physical + place.code, Buffer.from('554889e5', 'hex'));
  return machine.put64(physical + place.phys, physical - (text - kernelMap));
}

describe.each(['5.4 of x86-64', '6.4 of x86-64', '7.2'])('an image in memory, with tables of %s', (version) => {
  const symbols = allSymbols();
  const machine = machineWith(symbols, version);

  test('names, code and banner are there, at the addresses of the running kernel', async () => {
    const found = await identifyMachine(machine);
    if (found === undefined) throw new Error('no banner');
    const made = await imageFromMemory(machine, found);
    if (typeof made === 'string') throw new Error(made);
    const { image } = made;
    expect(made.hasData).toBe(true);
    expect(image.banner).toBe(banner.slice(0, -2));
    expect(image.hasDebugInfo).toBe(false);
    expect(image.hasSymbols).toBe(true);
    const guest = new GuestSymbols(image, { slide: 0n, hasInitCode: false });
    for (const { name, address } of symbols.slice(2, 1500)) expect(guest.addresses(name)).toContain(address);
    const at = guest.at(text + place.code + 5n);
    expect(at).toMatchObject({ name: 'init_lock_0', offset: 5, size: 48 });
    expect(guest.isText(text + place.code)).toBe(true);
    expect(guest.isText(text + place.constants)).toBe(false);
    const [section] = image.elf.sectionsNamed('.text');
    expect(section && toBigAddress(section.address)).toBe(text);
    expect(section && Buffer.from(image.elf.data(section).read(Number(place.code), 4)).toString('hex')).toBe(
      '554889e5',
    );
  });

  test('without types it is told what is missing', async () => {
    const found = await identifyMachine(machine);
    expect(found && (await openFromMemory(machine, found))).toMatch(/layouts of the structures/);
  });
});

test('a kernel without the tables', async () => {
  const machine = new MadeMachine({ memory: [{ start: 0n, end: 0x600_0000n }] });
  machine.ensure(physical, 0x10_0000).put(physical, banner);
  const found = await identifyMachine(machine);
  expect(found && (await openFromMemory(machine, found))).toMatch(/CONFIG_KALLSYMS/);
});

test.each([0n, 1n << 63n, 0x7fff_ffff_ffff_ffffn, 12n])('a place of the image that cannot be: %i', async (value) => {
  const machine = machineWith(allSymbols(), '7.2').put64(physical + place.phys, value);
  const found = await identifyMachine(machine);
  // Whatever comes of it, it ends, and does not throw.
  const made = found && (await imageFromMemory(machine, found));
  expect(made).toBeDefined();
  expect(typeof (found && (await openFromMemory(machine, found)))).toBe('string');
});
