import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressSpace } from '../../../src/kernel/page-tables/address-space.ts';
import {
  type Arm64Tables,
  arm64Format,
  arm64Tables,
  tableOfTtbr,
  usualArm64Tables,
} from '../../../src/kernel/page-tables/arm64-format.ts';
import type { PageTableFormat } from '../../../src/kernel/page-tables/format.ts';
import { TableEntries } from '../../../src/kernel/page-tables/table-entries.ts';
import { kernelHalf, levelsOfCr4, tableOfCr3, x86Format } from '../../../src/kernel/page-tables/x86-format.ts';
import { arm64Entries, MadeMachine, MadeTables, x86Entries } from '../made-machine.ts';

const root = 0x10_0000n;
const tablesFrom = 0x100_0000n;
const page = 0x4_0000_0000n;

/** An address of the kernel's half that differs in every index. */
function someAddress(format: PageTableFormat): bigint {
  let address = (1n << 64n) - 1n;
  for (const [nth, { shift, bits }] of format.levels.entries()) {
    // The highest bit of all is the sign.
    const index = nth === 0 ? (1n << BigInt(bits - 1)) | 1n : 1n;
    address &= ~(((1n << BigInt(bits)) - 1n) << BigInt(shift)) | (index << BigInt(shift));
  }
  return address & ~0xfffn;
}

async function both(machine: MadeMachine, format: PageTableFormat, address: bigint) {
  const space = new AddressSpace(root, format, new TableEntries(machine));
  const translation = await space.translate(address);
  expect(await space.physical(address)).toBe(translation.physical);
  // The second time from what is remembered.
  expect(space.physical(address)).toBe(translation.physical);
  return translation;
}

const formats: readonly [string, PageTableFormat, typeof x86Entries][] = [
  ['x86-64, 4 levels', x86Format(4), x86Entries],
  ['x86-64, 5 levels', x86Format(5), x86Entries],
  ...usualArm64Tables.map((tables): [string, PageTableFormat, typeof x86Entries] => {
    const format = arm64Format(tables);
    return [`arm64, ${format.words}`, format, arm64Entries];
  }),
];

describe.each(formats)('%s', (_, format, entries) => {
  const levels = format.levels.length;
  const sizes = format.levels.flatMap(({ canBePage }, nth) => (canBePage ? [levels - 1 - nth] : []));

  test.each(sizes)('a page %i levels above the last', async (fromLast) => {
    const machine = new MadeMachine();
    const shift = format.levels[levels - 1 - fromLast]?.shift ?? 0;
    const address = (someAddress(format) >> BigInt(shift)) << BigInt(shift);
    const physical = (page >> BigInt(shift)) << BigInt(shift);
    new MadeTables(machine, format, entries, root, tablesFrom).map(address, physical, fromLast);
    const found = await both(machine, format, address + 0x123n);
    expect(found).toMatchObject({ physical: physical + 0x123n, pageBytes: 2 ** shift });
    expect(found.steps).toHaveLength(levels - fromLast);
    const last = address + (1n << BigInt(shift)) - 1n;
    expect((await both(machine, format, last)).physical).toBe(physical + (1n << BigInt(shift)) - 1n);
  });

  test('what is not mapped, cannot be read, or is no address', async () => {
    const machine = new MadeMachine();
    const address = someAddress(format);
    const tables = new MadeTables(machine, format, entries, root, tablesFrom);
    expect((await both(machine, format, address)).why).toMatch(/^the PGD entry is not (?:present|valid)$/);
    tables.map(address, page);
    const beside = address + (1n << BigInt(format.levels.at(-1)?.shift ?? 12));
    expect((await both(machine, format, beside)).why).toMatch(/^the PTE entry is not (?:present|valid)$/);
    const far = 0x1234_5678_9abc_d000n;
    expect(await both(machine, format, far)).toMatchObject({ steps: [] });
    expect((await both(new MadeMachine(), format, address)).why).toBe('the PGD entry could not be read');
  });

  test('tables that lead to themselves', async () => {
    const machine = new MadeMachine();
    for (let at = root; at < root + 0x1_0000n; at += 8n) machine.put64(at, entries.table(root));
    const found = await both(machine, format, someAddress(format));
    expect(found.steps).toHaveLength(levels);
  });

  test('random tables: always an end, and the same from both walks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { minLength: 1, maxLength: 64 }),
        fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        async (words, address) => {
          const machine = new MadeMachine();
          for (let at = 0n; at < 0x2000n; at += 8n) {
            const word = words[Number(at / 8n) % words.length] ?? 0n;
            // Near memory that is there, so that walks go on.
            machine.put64(root + at, word % 3n === 0n ? word : entries.table(root + ((word & 1n) << 12n)));
          }
          const found = await both(machine, format, address);
          expect(found.steps.length).toBeLessThanOrEqual(levels);
          expect(found.physical === undefined).toBe(found.why !== undefined);
          if (found.physical !== undefined) expect(found.physical).toBeLessThan(1n << 52n);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('registers of x86', () => {
  test('CR3 and CR4', () => {
    expect(tableOfCr3(0x8000_0000_1234_5abcn)).toBe(0x1234_5000n);
    expect(kernelHalf(0x1234_5000n)).toBe(0x1234_4000n);
    expect(levelsOfCr4(0x750ef0n)).toBe(4);
    expect(levelsOfCr4(0x751ef0n)).toBe(5);
  });

  test('a large page where none can be', async () => {
    const machine = new MadeMachine();
    machine.put64(root + 0xff8n, page | 0xe3n);
    const found = await both(machine, x86Format(4), 0xffff_ffff_ffff_f000n);
    expect(found.why).toBe('the PGD entry is a large page where only a table can be');
  });
});

describe('registers of arm64', () => {
  test('TCR_EL1 as kernels set it on a Cortex-A72', () => {
    const tcr = 0x0450_0074_b550_3510n;
    const expected: Arm64Tables = {
      ...{ addressBits: 48, pageShift: 12, isLpa2: false },
      // As kernels that know MTE do.
      ignoresTopByte: true,
      isUpper: true,
    };
    expect(arm64Tables(tcr, true)).toEqual(expected);
    expect(arm64Tables(tcr, false)).toEqual({ ...expected, isUpper: false });
  });

  test.each([
    [1, 14],
    [2, 12],
    [3, 16],
  ])('granule TG1 %i', (code, pageShift) => {
    expect(arm64Tables((BigInt(code) << 30n) | (16n << 16n), true)?.pageShift).toBe(pageShift);
  });

  test.each([
    [0, 12],
    [1, 16],
    [2, 14],
  ])('granule TG0 %i', (code, pageShift) => {
    expect(arm64Tables((BigInt(code) << 14n) | 16n, false)?.pageShift).toBe(pageShift);
  });

  test('what cannot be', () => {
    expect(arm64Tables(0n, true)).toBeUndefined();
    expect(arm64Tables((2n << 30n) | (50n << 16n), true)).toBeUndefined();
  });

  test('TTBR1: no ASID, no CnP, and 52 bits where there are as many', () => {
    const [small] = usualArm64Tables;
    const large = usualArm64Tables.find(({ pageShift, addressBits }) => pageShift === 16 && addressBits === 52);
    const lpa2 = usualArm64Tables.find(({ isLpa2 }) => isLpa2);
    if (small === undefined || large === undefined || lpa2 === undefined) throw new Error('no such tables');
    expect(tableOfTtbr(0x001e_0000_4270_3001n, small)).toBe(0x4270_3000n);
    expect(tableOfTtbr(0x001e_0000_4270_1e3dn, large)).toBe(0xf_0000_4270_1e00n);
    expect(tableOfTtbr(0x001e_0000_4270_3004n, lpa2)).toBe(0x1_0000_4270_3000n);
  });

  test('52-bit addresses in entries', () => {
    const lpa2 = arm64Format({
      addressBits: 52,
      pageShift: 12,
      isLpa2: true,
      ignoresTopByte: false,
      isUpper: true,
    });
    const last = lpa2.levels.at(-1);
    if (last === undefined) throw new Error('no levels');
    expect(lpa2.target(0x0003_4567_89ab_c303n, last)).toEqual({ kind: 'page', address: 0xf_4567_89ab_c000n });
    const wide = arm64Format({ addressBits: 52, pageShift: 16, isLpa2: false, ignoresTopByte: false, isUpper: true });
    const wideLast = wide.levels.at(-1);
    if (wideLast === undefined) throw new Error('no levels');
    expect(wide.target(0x0000_4567_89ab_f703n, wideLast)).toEqual({ kind: 'page', address: 0xf_4567_89ab_0000n });
  });

  test('tags in the upper byte, where they are ignored', () => {
    const [tables] = usualArm64Tables;
    if (tables === undefined) throw new Error('no tables');
    const tagged = 0xf4ff_8000_1234_5000n;
    expect(arm64Format(tables).refuses(tagged)).toBeDefined();
    expect(arm64Format({ ...tables, ignoresTopByte: true }).refuses(tagged)).toBeUndefined();
    expect(arm64Format(tables).refuses(0x7fff_1234_5000n)).toBe('it is an address of user space');
  });
});
