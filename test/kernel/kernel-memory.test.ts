import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GuestMemory } from '../../src/kernel/kernel-memory.ts';
import { mostReadBytes } from '../../src/kernel/memory.ts';
import { AddressSpace } from '../../src/kernel/page-tables/address-space.ts';
import { TableEntries } from '../../src/kernel/page-tables/table-entries.ts';
import { x86Format } from '../../src/kernel/page-tables/x86-format.ts';
import { PagedReach } from '../../src/kernel/reach.ts';
import { MadeMachine, MadeTables, x86Entries } from './made-machine.ts';

const root = 0x10_0000n;
const format = x86Format(4);
const start = 0xffff_c900_0001_0000n;
/** Where the pages from `start` on lie: two that follow each other, one elsewhere, a hole, one more. */
const pages: readonly (bigint | undefined)[] = [0x40_0000n, 0x40_1000n, 0x60_0000n, undefined, 0x70_0000n];

function made() {
  const machine = new MadeMachine();
  const tables = new MadeTables(machine, format, x86Entries, root, 0x100_0000n);
  for (const [nth, page] of pages.entries()) {
    if (page === undefined) continue;
    tables.map(start + BigInt(nth) * 0x1000n, page);
    machine.put(
      page,
      Uint8Array.from({ length: 4096 }, (_, at) => (nth * 31 + at * 7 + (at >> 8)) & 0xff),
    );
  }
  const entries = new TableEntries(machine);
  const reach = new PagedReach(machine, new AddressSpace(root, format, entries));
  return {
    machine,
    tables,
    memory: new GuestMemory({ machine, reach, entries, formats: { kernel: format, user: format } }),
  };
}

/** What the bytes at an offset from `start` are, by the above. */
function expected(offset: number, length: number): Uint8Array | undefined {
  const bytes = Array.from({ length }, (_, nth) => {
    const page = Math.floor((offset + nth) / 4096);
    const at = (offset + nth) % 4096;
    return pages[page] === undefined ? undefined : (page * 31 + at * 7 + (at >> 8)) & 0xff;
  });
  return bytes.includes(undefined) ? undefined : Uint8Array.from(bytes, (byte) => byte ?? 0);
}

describe('read', () => {
  test('any bytes, over pages that lie anywhere', async () => {
    const { memory } = made();
    await fc.assert(
      fc.asyncProperty(fc.nat(5 * 4096), fc.integer({ min: 1, max: 9000 }), async (offset, length) => {
        const bytes = await memory.read(start + BigInt(offset), length);
        expect(bytes === undefined ? undefined : [...bytes]).toEqual(
          ((wanted) => (wanted === undefined ? undefined : [...wanted]))(expected(offset, length)),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('pages that follow each other at once', async () => {
    const { memory, machine } = made();
    await memory.read(start, 2 * 4096);
    const before = machine.reads;
    await memory.read(start + 8n, 2 * 4096 - 8);
    expect(machine.reads - before).toBe(1);
  });

  test('lengths and addresses that cannot be', async () => {
    const { memory } = made();
    for (const length of [-1, 0.5, Number.NaN, mostReadBytes + 1])
      expect(await memory.read(start, length)).toBeUndefined();
    expect(await memory.read(start, 0)).toEqual(new Uint8Array(0));
    expect(await memory.read(-1n, 1)).toBeUndefined();
    expect(await memory.read((1n << 64n) - 4n, 8)).toBeUndefined();
    expect(await memory.read(0x8000_0000_0000_0000n, 8)).toBeUndefined();
    expect(await memory.read(0n, 8)).toBeUndefined();
  });

  test('numbers', async () => {
    const { memory, machine } = made();
    machine.put64(0x40_0010n, 0xf1e2_d3c4_b5a6_9788n);
    expect(await memory.u8(start + 0x10n)).toBe(0x88);
    expect(await memory.u16(start + 0x10n)).toBe(0x9788);
    expect(await memory.u32(start + 0x10n)).toBe(0xb5a6_9788);
    expect(await memory.u64(start + 0x10n)).toBe(0xf1e2_d3c4_b5a6_9788n);
    expect(await memory.u64(start + 0x2ffcn)).toBeUndefined();
  });

  test('through another page table', async () => {
    const { memory, machine } = made();
    new MadeTables(machine, format, x86Entries, 0x20_0000n, 0x300_0000n).map(0x40_0000n, 0x60_0000n);
    expect(await memory.read(0x40_0000n, 4)).toBeUndefined();
    expect(await memory.read(0x40_0000n, 4, 0x20_0000n)).toEqual(expected(0x2000, 4));
    expect((await memory.translate(0x40_0123n, 0x20_0000n)).physical).toBe(0x60_0123n);
    expect((await memory.translate(-5n)).why).toBe('the address has more than 64 bits');
  });

  test('after the machine ran, what is mapped then', async () => {
    const { memory, tables } = made();
    const hole = start + 0x3000n;
    expect(await memory.u8(hole)).toBeUndefined();
    tables.map(hole, 0x40_0000n);
    expect(await memory.u8(hole)).toBeUndefined();
    memory.forget();
    expect(await memory.u8(hole)).toBe(0);
  });
});

describe('text', () => {
  test('to its NUL, to its end, to the end of memory', async () => {
    const { memory, machine } = made();
    machine.put(0x40_0000n, 'hello\0world').put(0x60_0ff8n, 'a\tb\xe9\x1b[31');
    expect(await memory.text(start, 64)).toBe('hello');
    expect(await memory.text(start, 4)).toBe('hell');
    expect(await memory.text(start + 0x2ff8n, 64)).toBe('a?b??[31');
    expect(await memory.text(start + 0x3000n, 64)).toBeUndefined();
    machine.put(0x40_0ffcn, 'over').put(0x40_1000n, 'pages\0');
    expect(await memory.text(start + 0xffcn, 64)).toBe('overpages');
  });
});

test('what can be an address of the kernel', () => {
  const { memory } = made();
  expect(memory.isKernelAddress(start)).toBe(true);
  expect(memory.isKernelAddress(0xffff_ffff_ffff_ffffn)).toBe(true);
  for (const address of [0n, 0x7fff_ffff_f000n, 0x8000_0000_0000_0000n, 0xfff0_0000_0000_0000n, 1n << 64n, -1n])
    expect(memory.isKernelAddress(address)).toBe(false);
});
