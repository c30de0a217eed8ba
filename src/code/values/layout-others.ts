import type { ValueContext } from './context.ts';
import { type Layout, type Region, region, words } from './regions.ts';

/** A layout that does not depend on the machine: `user` is the first address behind user space. */
const simple = (user: bigint, kernel: bigint, regions: readonly Region[]): Layout => ({
  half: (value) => (value < user ? 'user' : value >= kernel ? 'kernel' : 'non-canonical'),
  regions,
});

// arch/x86/include/asm/page_32_types.h: 3 GiB for user space (VMSPLIT_3G), unless configured otherwise.
const i386 = simple(0xc000_0000n, 0xc000_0000n, [
  region(0xc000_0000n, 0xf7ff_ffffn, 'direct-map', 'low memory (kmalloc, pages, the kernel image)', false),
  region(0xf800_0000n, 0xff7f_ffffn, 'vmalloc', 'vmalloc memory or a module', false),
  region(0xff80_0000n, 0xffff_efffn, 'fixmap', words.fixmap, false),
]);

// Documentation/arch/arm/memory.rst, with PAGE_OFFSET 0xc0000000.
const arm = simple(0xbf00_0000n, 0xbf00_0000n, [
  region(0xbf00_0000n, 0xbfff_ffffn, 'module', words.modules, false),
  region(0xc000_0000n, 0xefff_ffffn, 'direct-map', 'low memory (kmalloc, pages, the kernel image)', false),
  region(0xf000_0000n, 0xff7f_ffffn, 'vmalloc', words.vmalloc, false),
  region(0xff80_0000n, 0xfffe_ffffn, 'fixmap', words.fixmap, false),
  region(0xffff_0000n, 0xffff_0fffn, 'kernel-text', 'the exception vectors', false),
]);

// Documentation/arch/riscv/vm-layout.rst: Sv39, Sv48 and Sv57 do not overlap.
const riscvImage: readonly Region[] = [
  region(0xffff_ffff_0000_0000n, 0xffff_ffff_7fff_ffffn, 'module', 'module memory or bpf programs', false),
  region(0xffff_ffff_8000_0000n, 0xffff_ffff_ffff_efffn, 'kernel-pointer', words.image, false),
];
const riscv64 = simple(1n << 56n, 0xff00_0000_0000_0000n, [
  ...riscvImage,
  region(0xff1b_ffff_fea0_0000n, 0xff1f_ffff_ffff_ffffn, 'vmemmap', 'a struct page, the fixmap or PCI I/O', false),
  region(0xff20_0000_0000_0000n, 0xff5f_ffff_ffff_ffffn, 'vmalloc', words.vmalloc, false),
  region(0xff60_0000_0000_0000n, 0xffde_ffff_ffff_ffffn, 'direct-map', words.direct, false),
  region(0xffdf_0000_0000_0000n, 0xffff_8d7f_fe9f_ffffn, 'kasan-shadow', words.shadow, false),
  region(0xffff_8d7f_fea0_0000n, 0xffff_8f7f_ffff_ffffn, 'vmemmap', 'a struct page, the fixmap or PCI I/O', false),
  region(0xffff_8f80_0000_0000n, 0xffff_af7f_ffff_ffffn, 'vmalloc', words.vmalloc, false),
  region(0xffff_af80_0000_0000n, 0xffff_ef7f_ffff_ffffn, 'direct-map', words.direct, false),
  region(0xffff_ffc4_fea0_0000n, 0xffff_ffc6_ffff_ffffn, 'vmemmap', 'a struct page, the fixmap or PCI I/O', false),
  region(0xffff_ffc7_0000_0000n, 0xffff_ffd7_ffff_ffffn, 'vmalloc', words.vmalloc, false),
  region(0xffff_ffd8_0000_0000n, 0xffff_fff6_ffff_ffffn, 'direct-map', words.direct, false),
  region(0xffff_fff7_0000_0000n, 0xffff_fffe_ffff_ffffn, 'kasan-shadow', words.shadow, false),
]);

// arch/powerpc/include/asm/book3s/64/radix.h; with the hash MMU vmalloc memory was at 0xd000... up to 4.x.
const ppc64 = simple(1n << 52n, 0xc000_0000_0000_0000n, [
  region(
    0xc000_0000_0000_0000n,
    0xc007_ffff_ffff_ffffn,
    'direct-map',
    'memory of the linear map, or the kernel image',
    false,
  ),
  region(0xc008_0000_0000_0000n, 0xc00b_ffff_ffff_ffffn, 'vmalloc', 'vmalloc memory or a module', false),
  region(0xc00c_0000_0000_0000n, 0xc00f_ffff_ffff_ffffn, 'vmemmap', words.vmemmap, false),
  region(0xd000_0000_0000_0000n, 0xd00f_ffff_ffff_ffffn, 'vmalloc', 'vmalloc memory or a module', false),
  region(0xf000_0000_0000_0000n, 0xf00f_ffff_ffff_ffffn, 'vmemmap', words.vmemmap, false),
]);

// Documentation/arch/loongarch: direct mapping windows 0x8000... (uncached) and 0x9000... (cached), then page tables.
const loongarch64 = simple(1n << 47n, 0x8000_0000_0000_0000n, [
  region(
    0x8000_0000_0000_0000n,
    0x8fff_ffff_ffff_ffffn,
    'direct-map',
    'memory of the uncached direct map (devices)',
    false,
  ),
  region(
    0x9000_0000_0000_0000n,
    0x9fff_ffff_ffff_ffffn,
    'direct-map',
    'memory of the direct map, or the kernel image',
    false,
  ),
  region(0xffff_8000_0000_0000n, 0xffff_ffff_ffff_efffn, 'vmalloc', 'vmalloc memory, a struct page or a module', false),
]);

/** The address space of the architectures that have a simple one, undefined for those that are not known. */
export function otherLayout({ architecture }: ValueContext): Layout | undefined {
  switch (architecture) {
    case 'i386':
      return i386;
    case 'arm':
      return arm;
    case 'riscv64':
      return riscv64;
    case 'ppc64':
      return ppc64;
    case 'loongarch64':
      return loongarch64;
    default:
      // s390x has kernel and user space in address spaces of their own: an address does not tell.
      return undefined;
  }
}
