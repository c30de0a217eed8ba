import { releaseAtLeast, type ValueContext } from './context.ts';
import { type AddressHalf, type Layout, type Region, region, words } from './regions.ts';

// Documentation/arch/x86/x86_64/mm.rst (Documentation/x86/x86_64/mm.txt before 4.20).

const terabyte = 1n << 40n;
const pageSize = 0x1000n;

/** The three regions that RANDOMIZE_MEMORY moves (arch/x86/mm/kaslr.c), in the order in which they lie. */
interface MovableRegions {
  readonly direct: readonly [bigint, bigint];
  readonly vmalloc: readonly [bigint, bigint];
  readonly vmemmap: readonly [bigint, bigint];
}

const fourLevels: MovableRegions = {
  direct: [0xffff_8880_0000_0000n, 0xffff_c87f_ffff_ffffn],
  vmalloc: [0xffff_c900_0000_0000n, 0xffff_e8ff_ffff_ffffn],
  vmemmap: [0xffff_ea00_0000_0000n, 0xffff_eaff_ffff_ffffn],
};

/** Up to 4.19 the direct map began lower: page-table isolation moved the LDT in front of it. */
const fourLevelsOld: MovableRegions = { ...fourLevels, direct: [0xffff_8800_0000_0000n, 0xffff_c7ff_ffff_ffffn] };

const fiveLevels: MovableRegions = {
  direct: [0xff11_0000_0000_0000n, 0xff90_ffff_ffff_ffffn],
  vmalloc: [0xffa0_0000_0000_0000n, 0xffd1_ffff_ffff_ffffn],
  vmemmap: [0xffd4_0000_0000_0000n, 0xffd5_ffff_ffff_ffffn],
};

/** The end of what is randomized: CPU_ENTRY_AREA_BASE. */
const movableEnd = 0xffff_fdff_ffff_ffffn;

/** What lies above, the same with four and five levels, and is never moved. */
const top: readonly Region[] = [
  region(0xffff_fe00_0000_0000n, 0xffff_fe7f_ffff_ffffn, 'fixmap', words.entry),
  region(0xffff_ff00_0000_0000n, 0xffff_ff7f_ffff_ffffn, 'stack', words.espfix),
  region(0xffff_ffef_0000_0000n, 0xffff_fffe_ffff_ffffn, 'kernel-pointer', words.efi),
];

const modulesStart = 0xffff_ffff_c000_0000n;
const imageStart = 0xffff_ffff_8000_0000n;

/** Kernel image, modules, fixmap. With RANDOMIZE_BASE the image has the first gigabyte, else the first half of one. */
function image({ kaslrOffset, release }: ValueContext): Region[] {
  // The fixmap grows downwards from 0xffffffffff5ff000 (FIXADDR_TOP): some 4 MiB, with KASAN or NUMA a few more.
  const upper: Region[] = [
    region(0xffff_ffff_ff60_0000n, 0xffff_ffff_ff60_0fffn, 'fixmap', 'the vsyscall page of user space'),
    region(0xffff_ffff_ff00_0000n, 0xffff_ffff_ff5f_ffffn, 'fixmap', words.fixmap),
    region(modulesStart, 0xffff_ffff_feff_ffffn, 'module', words.modules),
  ];
  // An image is some 30 to 100 MiB; 512 MiB is the most that it may have (KERNEL_IMAGE_SIZE).
  const begins = imageStart + 0x100_0000n + (kaslrOffset ?? 0n);
  if (kaslrOffset !== undefined && kaslrOffset > 0n) {
    return [...upper, region(begins, modulesStart - 1n, 'kernel-pointer', words.image)];
  }
  // Without RANDOMIZE_BASE (the default up to 4.11) modules begin at half a gigabyte.
  const modules = kaslrOffset === 0n || releaseAtLeast(release, 4, 12) !== true;
  const second = 0xffff_ffff_a000_0000n;
  return [
    ...upper,
    region(imageStart, second - 1n, 'kernel-pointer', words.image),
    modules
      ? region(second, modulesStart - 1n, 'module', words.modules, false)
      : region(second, modulesStart - 1n, 'kernel-pointer', words.image, false),
  ];
}

/** Where regions are if nothing moved them. */
function fixed(layout: MovableRegions, shadow: Region, certain: boolean): Region[] {
  return [
    region(layout.direct[0], layout.direct[1], 'direct-map', words.direct, certain),
    region(layout.vmalloc[0], layout.vmalloc[1], 'vmalloc', words.vmalloc, certain),
    region(layout.vmemmap[0], layout.vmemmap[1], 'vmemmap', words.vmemmap, certain),
    { ...shadow, certain },
  ];
}

/**
 * Where they are if they were moved: they keep their order, and lie between known bounds. What tells them apart are
 * pointers of known kind: per-CPU data is in the direct map, and stacks are vmalloc memory unless they are near to it.
 */
function moved(layout: MovableRegions, { gsBase, stackPointer }: ValueContext, five: boolean): Region[] {
  const begin = layout.direct[0];
  // vmalloc has 32 TiB, or 12.5 PiB with five levels, and the array of struct page lies behind it.
  const vmallocSize = five ? 12_800n * terabyte : 32n * terabyte;
  const inRange = (value: bigint | undefined): value is bigint =>
    value !== undefined && value >= begin && value <= movableEnd;
  const direct = inRange(gsBase) ? gsBase : undefined;
  const nearDirect = direct !== undefined && inRange(stackPointer) && stackPointer - direct < 2n * terabyte;
  const stack =
    inRange(stackPointer) && !nearDirect && (direct === undefined || stackPointer > direct) ? stackPointer : undefined;
  if (stack !== undefined && (direct !== undefined || stack - begin > 16n * terabyte)) {
    // The stack is near the beginning of vmalloc memory, which is handed out from below.
    const base = (stack >> 40n) << 40n;
    const vmemmap = stack + vmallocSize - terabyte;
    const middle = direct === undefined ? base - terabyte : direct + (stack - direct) / 2n;
    return [
      region(begin, middle, 'direct-map', words.direct, direct !== undefined),
      region(middle + 1n, stack - terabyte, 'kernel-pointer', 'kernel memory (direct map or vmalloc)', false),
      region(stack - terabyte + 1n, stack + vmallocSize / 2n, 'vmalloc', words.vmalloc, direct !== undefined),
      region(stack + vmallocSize / 2n + 1n, vmemmap, 'kernel-pointer', 'kernel memory (vmalloc or struct page)', false),
      region(vmemmap + 1n, movableEnd, 'vmemmap', words.vmemmap, direct !== undefined),
    ];
  }
  if (direct !== undefined) {
    // The direct map has at least what memory there is.
    const near = direct + 2n * terabyte;
    return [
      region(begin, near, 'direct-map', words.direct),
      region(near + 1n, movableEnd, 'kernel-pointer', 'kernel memory (direct map, vmalloc or struct page)', false),
    ];
  }
  return fixed(layout, region(1n, 0n, 'kernel-pointer', ''), false).concat(
    region(begin, movableEnd, 'kernel-pointer', 'kernel memory (direct map, vmalloc or struct page)', false),
  );
}

function halfOf(value: bigint, la57: boolean | undefined): AddressHalf {
  if (value < (1n << 47n) - pageSize) return 'user';
  if (value >= 0xffff_8000_0000_0000n) return 'kernel';
  if (la57 === true) {
    if (value < (1n << 56n) - pageSize) return 'user';
    return value >= 0xff00_0000_0000_0000n ? 'kernel' : 'non-canonical';
  }
  // Without CR4 it is not known; few machines that print a log use the fifth level.
  return 'non-canonical';
}

const inLdt = (value: bigint | undefined): boolean =>
  value !== undefined && value >= 0xffff_8800_0000_0000n && value <= 0xffff_887f_ffff_ffffn;

/** Before 4.20; where the release is not known, pointers where later kernels have nothing but the LDT show it. */
function isOld({ release, gsBase, stackPointer }: ValueContext): boolean {
  return releaseAtLeast(release, 4, 20) === false || (release === undefined && (inLdt(gsBase) || inLdt(stackPointer)));
}

/** The address space of x86-64. */
export function layoutX8664(context: ValueContext): Layout {
  const { la57, kaslrOffset, kasan, release } = context;
  const five = la57 === true;
  const old = !five && isOld(context);
  const movable = five ? fiveLevels : old ? fourLevelsOld : fourLevels;
  const shadow = five
    ? region(0xffdf_0000_0000_0000n, 0xffff_fbff_ffff_ffffn, 'kasan-shadow', words.shadow)
    : region(0xffff_ec00_0000_0000n, 0xffff_fbff_ffff_ffffn, 'kasan-shadow', words.shadow);
  // KASAN's shadow cannot move with the rest, so nothing moves (kaslr_memory_enabled(), arch/x86/mm/kaslr.c).
  const isFixed = kaslrOffset === 0n || kasan !== undefined;
  const hole: Region[] = five
    ? [
        region(0xff00_0000_0000_0000n, 0xff0f_ffff_ffff_ffffn, 'kernel-pointer', 'the hole that hypervisors may use'),
        region(0xff10_0000_0000_0000n, 0xff10_ffff_ffff_ffffn, 'kernel-pointer', 'the LDT'),
      ]
    : [
        region(0xffff_8000_0000_0000n, 0xffff_87ff_ffff_ffffn, 'kernel-pointer', 'the hole that hypervisors may use'),
        ...(old
          ? []
          : [
              region(
                0xffff_8800_0000_0000n,
                0xffff_887f_ffff_ffffn,
                'kernel-pointer',
                'the LDT',
                release !== undefined,
              ),
            ]),
      ];
  return {
    half: (value) => halfOf(value, la57),
    regions: [
      ...hole,
      ...(isFixed ? fixed(movable, shadow, true) : moved(movable, context, five)),
      ...top,
      ...image(context),
    ],
    ...(isFixed && { directMap: movable.direct[0], vmemmap: movable.vmemmap[0] }),
  };
}
