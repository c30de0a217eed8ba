import {
  bitMask,
  type EntryTarget,
  levelNames,
  type PageTableFormat,
  type PageTableLevel,
  withoutLow,
} from './format.ts';

// Arm ARM D8.2 and D8.3 (VMSAv8-64); arch/arm64/include/asm/pgtable-hwdef.h.

const absent: EntryTarget = { kind: 'nothing', why: 'not valid' };
const reserved: EntryTarget = { kind: 'nothing', why: 'of a kind that is reserved' };

/** How one half of the address space is translated. */
export interface Arm64Tables {
  /** Bits of an address that are translated: 64 - TxSZ, 16 to 52. */
  readonly addressBits: number;
  /** Bits within a page: 12, 14, 16. */
  readonly pageShift: number;
  /** Descriptors have 52-bit addresses as LPA2 has them (TCR_EL1.DS), of 4 KiB and 16 KiB pages. */
  readonly isLpa2: boolean;
  /** The upper byte of an address is not looked at (TBI). */
  readonly ignoresTopByte: boolean;
  /** The half that begins with ones: TTBR1's. */
  readonly isUpper: boolean;
}

/** TG0 and TG1 have different codes for the same. */
const upperGranules: Readonly<Record<number, number>> = { 1: 14, 2: 12, 3: 16 };
const lowerGranules: Readonly<Record<number, number>> = { 0: 12, 1: 16, 2: 14 };

const field = (value: bigint, high: number, low: number): number => Number((value & bitMask(high, low)) >> BigInt(low));

/** What TCR_EL1 (or TCR_EL2 of a kernel that runs there) says of one half; undefined if that is nothing possible. */
export function arm64Tables(tcr: bigint, isUpper: boolean): Arm64Tables | undefined {
  const size = isUpper ? field(tcr, 21, 16) : field(tcr, 5, 0);
  const pageShift = isUpper ? upperGranules[field(tcr, 31, 30)] : lowerGranules[field(tcr, 15, 14)];
  const addressBits = 64 - size;
  if (pageShift === undefined || addressBits < 25 || addressBits > 52) return undefined;
  return {
    addressBits,
    pageShift,
    isLpa2: pageShift !== 16 && field(tcr, 59, 59) === 1,
    ignoresTopByte: (isUpper ? field(tcr, 38, 38) : field(tcr, 37, 37)) === 1,
    isUpper,
  };
}

/** What kernels are configured to have, for a machine that does not tell its TCR_EL1: the likelier first. */
export const usualArm64Tables: readonly Arm64Tables[] = [
  [48, 12, false],
  [48, 16, false],
  [48, 14, false],
  [52, 12, true],
  [52, 16, false],
  [52, 14, true],
  [48, 12, true],
  [48, 14, true],
  [47, 14, false],
  [42, 16, false],
  [39, 12, false],
].map(([addressBits, pageShift, isLpa2]) => ({
  addressBits: Number(addressBits),
  pageShift: Number(pageShift),
  isLpa2: isLpa2 === true,
  ignoresTopByte: false,
  isUpper: true,
}));

/** Where TTBR0 or TTBR1 point to: without the ASID and the CnP bit. */
export function tableOfTtbr(ttbr: bigint, { pageShift, isLpa2 }: Arm64Tables): bigint {
  const low = ttbr & bitMask(47, 6);
  // phys_to_ttbr() in arch/arm64/include/asm/assembler.h: bits 51 to 48 lie in 5 to 2.
  return pageShift === 16 || isLpa2 ? low | ((ttbr & bitMask(5, 2)) << 46n) : low;
}

/** Page tables of arm64. */
export function arm64Format(tables: Arm64Tables): PageTableFormat {
  const { addressBits, pageShift, isLpa2, ignoresTopByte, isUpper } = tables;
  const perLevel = pageShift - 3;
  const count = Math.ceil((addressBits - pageShift) / perLevel);
  const levels = levelNames(count).map((name, nth): PageTableLevel => {
    const below = count - 1 - nth;
    const shift = pageShift + perLevel * below;
    const bits = nth === 0 ? addressBits - shift : perLevel;
    return { name, shift, bits, canBePage: below <= 1 || canBeLargeBlock(pageShift, below, isLpa2) };
  });
  const ignored = ignoresTopByte ? 56 : 64;
  const ones = bitMask(ignored - 1, addressBits);
  return {
    words: `${count} levels of ${2 ** (pageShift - 10)} KiB pages, ${addressBits} bits${isLpa2 ? ', LPA2' : ''}`,
    levels,
    refuses(address) {
      const high = address & ones;
      if (high === (isUpper ? ones : 0n)) return undefined;
      if (high === (isUpper ? 0n : ones)) return `it is an address of ${isUpper ? 'user space' : 'the kernel'}`;
      return `the address does not have ${addressBits} bits`;
    },
    target(entry, level) {
      if ((entry & 1n) === 0n) return absent;
      const isTableOrPage = (entry & 2n) !== 0n;
      const isLast = level.shift === pageShift;
      const address = addressOf(entry, pageShift, isLpa2);
      if (!isLast && isTableOrPage) return { kind: 'table', address };
      if (isLast ? !isTableOrPage : !level.canBePage) return reserved;
      return { kind: 'page', address: withoutLow(address, level.shift) };
    },
  };
}

/** Blocks of 1 GiB with 4 KiB pages; with 52-bit addresses also of 512 GiB, 64 GiB (16 KiB pages) and 4 TiB (64 KiB). */
function canBeLargeBlock(pageShift: number, below: number, isLpa2: boolean): boolean {
  if (pageShift === 12) return below === 2 || (below === 3 && isLpa2);
  if (pageShift === 14) return below === 2 && isLpa2;
  return below === 2;
}

function addressOf(entry: bigint, pageShift: number, isLpa2: boolean): bigint {
  // __pte_to_phys() in arch/arm64/include/asm/pgtable.h; what a CPU of 48 bits has there is reserved and zero.
  if (pageShift === 16) return (entry & bitMask(47, 16)) | ((entry & bitMask(15, 12)) << 36n);
  if (isLpa2) return (entry & bitMask(49, pageShift)) | ((entry & bitMask(9, 8)) << 42n);
  return entry & bitMask(47, pageShift);
}
