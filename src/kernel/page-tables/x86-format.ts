import {
  bitMask,
  type EntryTarget,
  levelNames,
  type PageTableFormat,
  type PageTableLevel,
  withoutLow,
} from './format.ts';

// Intel SDM 3A, 4.5 (4-level and 5-level paging); arch/x86/include/asm/pgtable_types.h.

const present = 1n;
const pageSize = 1n << 7n;
/** Bits 51 to 12; above are software bits, the protection key and XD. */
const addressMask = bitMask(51, 12);

const absent: EntryTarget = { kind: 'nothing', why: 'not present' };
const reserved: EntryTarget = { kind: 'nothing', why: 'a large page where only a table can be' };

/** Page tables of x86-64. */
export function x86Format(levelCount: 4 | 5): PageTableFormat {
  const names = levelNames(levelCount);
  const levels = names.map((name, nth): PageTableLevel => {
    const shift = 12 + 9 * (levelCount - 1 - nth);
    // Pages of 1 GiB and 2 MiB are there since long before any kernel that is understood here.
    return { name, shift, bits: 9, canBePage: shift <= 30 };
  });
  const highest = levelCount === 5 ? 56 : 47;
  return {
    words: `${levelCount} levels of 4 KiB pages`,
    levels,
    refuses(address) {
      const sign = address >> BigInt(highest);
      const all = (1n << BigInt(64 - highest)) - 1n;
      return sign === 0n || sign === all ? undefined : 'the address is not canonical';
    },
    target(entry, level) {
      if ((entry & present) === 0n) return absent;
      const isPage = level.shift === 12 || (entry & pageSize) !== 0n;
      if (!isPage) return { kind: 'table', address: entry & addressMask };
      // A large page has its PAT bit where a small one has its address.
      return level.canBePage ? { kind: 'page', address: withoutLow(entry & addressMask, level.shift) } : reserved;
    },
  };
}

/** Whether CR4 says that there are five levels (LA57). */
export function levelsOfCr4(cr4: bigint): 4 | 5 {
  return (cr4 & (1n << 12n)) === 0n ? 4 : 5;
}

/** What CR3 points to: without the PCID, flags, and bits of address masking (LAM, bits 61 and 62). */
export function tableOfCr3(cr3: bigint): bigint {
  return cr3 & addressMask;
}

/**
 * The tables of the kernel's half, if `table` is of the pair that page-table isolation has
 * (PTI_USER_PGTABLE_BIT, arch/x86/include/asm/pgtable.h): the kernel's is the lower page.
 */
export function kernelHalf(table: bigint): bigint {
  return table & ~0x1000n;
}
