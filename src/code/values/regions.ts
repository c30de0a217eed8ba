import type { ValueClass } from '../../model/explanation.ts';

/** A part of the address space. */
export interface Region {
  readonly from: bigint;
  /** The last address of it. */
  readonly to: bigint;
  readonly class: ValueClass;
  readonly words: string;
  /** False where another region may lie there too, as KASLR moves them. */
  readonly certain: boolean;
}

/** What an address can be at all, before one asks what lies there. */
export type AddressHalf = 'user' | 'kernel' | 'non-canonical' | 'unknown';

/** The address space of one kernel, as far as the log tells which. */
export interface Layout {
  half(value: bigint): AddressHalf;
  readonly regions: readonly Region[];
  /** Where the direct map begins, if it is certain. */
  readonly directMap?: bigint;
  /** Where the array of struct page begins, if it is certain, and bytes of each. */
  readonly vmemmap?: bigint;
}

export const region = (from: bigint, to: bigint, regionClass: ValueClass, words: string, certain = true): Region => ({
  from,
  to,
  class: regionClass,
  words,
  certain,
});

/** The first region that has the address. */
export function regionOf(layout: Layout, address: bigint): Region | undefined {
  return layout.regions.find(({ from, to }) => address >= from && address <= to);
}

export const words = {
  direct: 'memory of the direct map (kmalloc, pages)',
  vmalloc: 'vmalloc memory',
  vmemmap: 'a struct page (vmemmap)',
  modules: 'module memory',
  image: 'the kernel image (text or data)',
  fixmap: 'the fixmap',
  entry: "a CPU's entry area",
  shadow: "KASAN's shadow memory",
  espfix: 'an espfix stack',
  efi: 'EFI runtime services',
  io: 'PCI I/O space',
} as const;
