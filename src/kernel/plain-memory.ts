import type { Kernel } from './kernel.ts';

/** From one address to another, the latter not included. */
interface Stretch {
  readonly start: bigint;
  readonly end: bigint;
}

/** Without CONFIG_DYNAMIC_MEMORY_LAYOUT (arch/x86/include/asm/pgtable_64_types.h): __PAGE_OFFSET, __VMALLOC_BASE. */
const fixedPageOffset = 0xffff_8880_0000_0000n;
const fixedVmalloc = 0xffff_c900_0000_0000n;
/** Where the upper half of the kernel's addresses begins, of 48 and 52 bits and of 39; below lies the linear map (5.4). */
const arm64Half = 0xffff_8000_0000_0000n;
const arm64SmallHalf = 0xffff_ffc0_0000_0000n;

/**
 * Tells addresses where nothing but memory is mapped: the kernel's image, its modules, and the map of all memory.
 * Elsewhere there may be a device, whose registers do something when they are read. Where physical addresses are gone
 * through that is known otherwise; a stub that only takes virtual ones (KGDB) would read them.
 */
export async function plainMemory(kernel: Kernel): Promise<(address: bigint) => boolean> {
  const { symbols } = kernel;
  const text = symbols.address('_text');
  const end = symbols.address('_end');
  const stretches: Stretch[] = [
    await (kernel.architecture === 'x86_64' ? x86Map(kernel) : arm64Map(text ?? arm64Half)),
    ...(text === undefined || end === undefined ? [] : [{ start: text, end }]),
    ...symbols.modules.flatMap(({ ranges }) =>
      ranges.map(({ start, bytes }) => ({ start, end: start + BigInt(bytes) })),
    ),
  ];
  return (address) => stretches.some((each) => address >= each.start && address < each.end);
}

async function x86Map({ memory, symbols }: Kernel): Promise<Stretch> {
  const wordOf = async (name: string, otherwise: bigint): Promise<bigint> => {
    const address = symbols.address(name);
    return (address === undefined ? undefined : await memory.u64(address)) ?? otherwise;
  };
  const [start, end] = await Promise.all([
    wordOf('page_offset_base', fixedPageOffset),
    wordOf('vmalloc_base', fixedVmalloc),
  ]);
  return { start, end };
}

function arm64Map(text: bigint): Stretch {
  return { start: 0xfff0_0000_0000_0000n, end: text >= arm64SmallHalf ? arm64SmallHalf : arm64Half };
}
