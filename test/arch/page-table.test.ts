import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePageTable } from '../../src/arch/page-table.ts';
import type { ArchitectureName, PageMapping, PageTableEntry } from '../../src/model/report.ts';

/** `pgd=0x1 p4d=0x2` as entries. */
const entries = (text: string): PageTableEntry[] =>
  text.split(' ').map((part) => {
    const [level = '', value = '0'] = part.split('=');
    return { level, value: BigInt(`0x${value}`) };
  });

const mapping = (architecture: ArchitectureName, text: string, release?: string): PageMapping | undefined =>
  decodePageTable(entries(text), { architecture, ...(release !== undefined && { release }) }).mapping;

describe('x86', () => {
  // The lab's faults: a write to read-only data, a NULL pointer, user memory under SMAP.
  test.each<[string, Partial<PageMapping>]>([
    [
      'pgd=1ac27067 p4d=1ac27067 pud=1ac29067 pmd=1bd18067 pte=800000001b6d2121',
      {
        state: 'mapped',
        words: 'the page is mapped read-only and not executable',
        physical: 0x1b6d_2000n,
        size: 4096,
        writable: false,
        executable: false,
        user: false,
      },
    ],
    ['pgd=1ff14067 p4d=1ffcd067 pud=1ffce067 pmd=0', { state: 'unmapped', level: 'pmd' }],
    ['pgd=0 p4d=0', { state: 'unmapped', level: 'pgd', words: 'nothing is mapped there: the PGD is empty' }],
    [
      'pgd=2259067 p4d=2259067 pud=1104067 pmd=21ea067 pte=800000001ff30867',
      {
        state: 'mapped',
        writable: true,
        user: true,
        words: 'the page is mapped writable and not executable, as a page of user space',
      },
    ],
    ['pgd=1000067 p4d=1000067 pud=11b8067 pmd=80000000012000e3', { state: 'mapped', level: 'pmd', size: 0x20_0000 }],
    // KFENCE takes the present bit away and inverts the address (L1TF).
    ['pgd=1234067 p4d=1234067 pud=1235063 pmd=15aab7063 pte=800fffffedcba062', { state: 'guarded', level: 'pte' }],
    ['pgd=abc1067 pud=abc2067 pmd=7cdef067 pte=800000002cdef060', { state: 'guarded' }],
    ['pgd=1067 p4d=1067 pud=2067 pmd=3067 pte=7ffffffff8a00000', { state: 'swapped' }],
    ['pgd=1067 p4d=1067 pud=2067 pmd=3067 pte=8000000001234100', { state: 'unmapped', level: 'pte' }],
    ['pgd=4801067 p4d=4801067 pud=4804067', { state: 'incomplete', level: 'pud' }],
  ])('%s', (text, expected) => {
    expect(mapping('x86_64', text)).toMatchObject(expected);
  });

  test("page-table isolation's NX on a PGD of user space", () => {
    const walk = decodePageTable(entries('pgd=80000000028fb067 p4d=80000000028fb067 pud=0'), {
      architecture: 'x86_64',
    });
    expect(walk.entries[0]?.fields?.at(-1)?.meaning).toContain('page-table isolation');
    expect(walk.entries[1]?.fields?.[0]?.name).toBe('folded');
  });

  test('i386 with and without PAE', () => {
    expect(mapping('i386', 'pde=0')).toMatchObject({ state: 'unmapped', level: 'pde' });
    expect(mapping('i386', 'pde=10001e3')).toMatchObject({ size: 0x40_0000, writable: true });
    expect(mapping('i386', 'pdpt=31b3f001 pde=80000000012001e3 pte=1')).toMatchObject({ size: 0x20_0000 });
  });
});

describe('arm64', () => {
  test.each<[string, Partial<PageMapping>]>([
    [
      'pgd=100000005ffff003 p4d=100000005ffff003 pud=1000000043827003 pmd=1000000043828003 pte=00e8000043825f03',
      { state: 'mapped', writable: true, executable: false, user: false, physical: 0x4382_5000n },
    ],
    [
      'pgd=0800000042d82003 p4d=0800000042d82003 pud=0800000042d8b003 pmd=0800000042d87003 pte=00e800004186af43',
      { state: 'mapped', user: true, executable: false },
    ],
    ['pgd=080000004331c003 p4d=080000004331c003 pud=080000004330c003 pmd=0', { state: 'unmapped', level: 'pmd' }],
    [
      'pgd=1000000045671003 p4d=1000000045672003 pud=0060000040200781',
      { state: 'mapped', size: 0x4000_0000, writable: false },
    ],
    // Built for 52 bits of addresses, on a machine with 48: the top level is not used.
    [
      'pgd=0 p4d=10000000430ec003 pud=1000000044806403 pmd=1000000044805403 pte=00e0000044807f83',
      { state: 'mapped', words: 'the page is mapped read-only and not executable', physical: 0x4480_7000n },
    ],
    ['pgd=0 p4d=10000000435db403 pud=10000000435e0403 pmd=10000000435e1403 pte=0', { state: 'unmapped', level: 'pte' }],
    ['pgd=1067003 pud=2003 pmd=3003 pte=0068000043825f02', { state: 'guarded' }],
  ])('%s', (text, expected) => {
    expect(mapping('arm64', text)).toMatchObject(expected);
  });

  test('memory types changed with the kernel', () => {
    const type = (release: string): string | undefined =>
      decodePageTable(entries('pte=0068000043825f0f'), { architecture: 'arm64', release }).entries[0]?.fields?.find(
        ({ name }) => name === 'AttrIndx',
      )?.meaning;
    expect(type('4.19.1')).toBe('memory that is not cached');
    expect(type('6.1.0')).toBe('device memory (nGnRnE)');
  });
});

test('other architectures stay as they are', () => {
  const walk = decodePageTable(entries('pgd=1'), { architecture: 'arm' });
  expect(walk).toEqual({ entries: entries('pgd=1') });
});

test('any entries come to something, and none of them is lost', () => {
  const entry = fc.record({
    level: fc.constantFrom('pgd', 'p4d', 'pud', 'pmd', 'pte', 'pdpt', 'pde', 'ppte', ''),
    value: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  });
  const architecture = fc.constantFrom<ArchitectureName>('x86_64', 'i386', 'arm64', 'arm');
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), architecture, (list, name) => {
      const walk = decodePageTable(list, { architecture: name });
      expect(walk.entries.map(({ level, value }) => ({ level, value }))).toEqual(list);
    }),
  );
});
