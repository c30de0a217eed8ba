import type { Kernel } from '../kernel/kernel.ts';

/** The `struct page` of a page of memory. */
export interface PageInfo {
  /** Where the `struct page` is. */
  readonly address: bigint;
  /** Its flags by name: `locked`, `uptodate`; the section, node and zone that are kept with them are not among these. */
  readonly flags: readonly string[];
  /** `_refcount`. */
  readonly references?: number;
}

/** Flags of a page; the kernel has less than 30 (include/linux/page-flags.h). */
const mostFlags = 40n;

/**
 * What the kernel knows of a page. Undefined where its `struct page` cannot be found: of kernels without a virtual memory
 * map, and of arm64, whose map is at a place that no variable holds.
 */
export async function pageInfo(kernel: Kernel, physical: bigint): Promise<PageInfo | undefined> {
  const { symbols, memory, types, architecture } = kernel;
  if (architecture !== 'x86_64') return undefined;
  // Since 4.10 a variable, as KASLR moves it (arch/x86/mm/kaslr.c).
  const variable = symbols.address('vmemmap_base');
  const base = variable === undefined ? undefined : await memory.u64(variable);
  const size = types.sizeof('page');
  if (base === undefined || size === undefined) return undefined;
  const address = BigInt.asUintN(64, base + (physical >> 12n) * BigInt(size));
  const flags = await memory.u64(address);
  if (flags === undefined) return undefined;
  const references = await referencesOf(kernel, address);
  return { address, flags: flagNames(kernel, flags), ...(references !== undefined && { references }) };
}

/** Names by `enum pageflags`, in which some flags have several: the first counts. */
function flagNames({ types }: Kernel, flags: bigint): string[] {
  const names: string[] = [];
  const seen = new Set<bigint>();
  const id = types.find('pageflags')[0];
  for (const { name, value } of id === undefined ? [] : types.enumerators(id)) {
    if (value < 0n || value >= mostFlags || seen.has(value) || !name.startsWith('PG_') || name === '__NR_PAGEFLAGS')
      continue;
    seen.add(value);
    if ((flags & (1n << value)) !== 0n) names.push(name.slice(3));
  }
  return names;
}

async function referencesOf({ types, memory }: Kernel, address: bigint): Promise<number | undefined> {
  const member = types.member('page', '_refcount');
  return member === undefined ? undefined : memory.u32(address + BigInt(member.offset));
}
