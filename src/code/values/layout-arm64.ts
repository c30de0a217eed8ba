import { releaseAtLeast, type ValueContext } from './context.ts';
import { type AddressHalf, type Layout, type Region, region, words } from './regions.ts';

// Documentation/arch/arm64/memory.rst, arch/arm64/include/asm/memory.h. With 52 bits the kernel must run on machines of
// 48 too: all but the linear map lies where it lies with 48 (VA_BITS_MIN).

const top = 1n << 64n;
const mebibyte = 1n << 20n;
const gibibyte = 1n << 30n;

/** Bits of a kernel address, from where the stack is: it is vmalloc memory, handed out from the beginning. */
export function vaBitsOf({ vaBits, stackPointer }: ValueContext): number {
  if (vaBits !== undefined) return vaBits;
  if (stackPointer !== undefined && stackPointer >= 0xffff_ffc0_0000_0000n) return 39;
  return 48;
}

/** As of 5.4: the linear map first, then modules, vmalloc memory (with the kernel image in it), and the rest. */
function flipped(context: ValueContext, vaBits: number): Region[] {
  const { release, pageSize = 4096, kasan } = context;
  const least = Math.min(vaBits, 48);
  const pageOffset = top - (1n << BigInt(vaBits));
  const pageEnd = top - (1n << BigInt(least - 1));
  // 128 MiB of modules, 2 GiB as of 6.5; from 5.4 to 5.16 they had 128 MiB of bpf programs in front of them.
  const large = releaseAtLeast(release, 6, 5) ?? true;
  const withBpf = releaseAtLeast(release, 5, 17) === false;
  // Up to 5.10 the shadow had the beginning of the upper half, an eighth of all or with tags a sixteenth.
  const shadowFirst = kasan !== undefined && releaseAtLeast(release, 5, 11) === false;
  const begin = shadowFirst ? pageEnd + ((1n << BigInt(least)) >> (kasan === 'tags' ? 4n : 3n)) : pageEnd;
  const modules = begin + (withBpf ? 128n * mebibyte : 0n);
  const vmalloc = modules + (large ? 2n * gibibyte : 128n * mebibyte);
  // VMEMMAP_SIZE: 64 bytes for each page of the linear map of VA_BITS_MIN. As of 6.9 it ends 1 GiB below the top.
  const span = pageEnd - (top - (1n << BigInt(least)));
  const size = (span / BigInt(pageSize)) * 64n;
  const atTop = releaseAtLeast(release, 6, 9);
  const vmemmap = atTop === false ? top - 2n * size : top - gibibyte - size;
  const vmemmapEnd = atTop === false ? top - size - 1n : top - gibibyte - 1n;
  const fixmap: Region[] =
    atTop === false
      ? [region(vmemmap - 256n * mebibyte, vmemmap - 32n * mebibyte - 1n, 'fixmap', words.fixmap, false)]
      : [region(top - 256n * mebibyte, top - 8n * mebibyte - 1n, 'fixmap', words.fixmap, false)];
  const shadow = shadowFirst
    ? [region(pageEnd, begin - 1n, 'kasan-shadow', words.shadow)]
    : kasan === undefined
      ? []
      : [shadowRegion(least, kasan)];
  return [
    ...shadow,
    region(pageOffset, pageEnd - 1n, 'direct-map', 'memory of the linear map (kmalloc, pages)'),
    ...(withBpf ? [region(begin, modules - 1n, 'kernel-text', 'a bpf program')] : []),
    region(modules, vmalloc - 1n, 'module', words.modules, release !== undefined),
    ...fixmap,
    region(vmemmap, vmemmapEnd, 'vmemmap', words.vmemmap, release !== undefined),
    ...vmallocRegions(context, vmalloc, vmemmap - 1n),
  ];
}

/** An image is some 30 to 60 MiB. */
const largestImage = 64n * mebibyte;

/** vmalloc memory is handed out from below; what lies far above is the kernel image and its modules, moved by KASLR. */
function vmallocRegions({ kaslrOffset, stackPointer }: ValueContext, from: bigint, to: bigint): Region[] {
  const image = kaslrOffset === undefined ? undefined : from + kaslrOffset;
  const known =
    image === undefined ? [] : [region(image, image + largestImage - 1n, 'kernel-pointer', words.image, false)];
  if (kaslrOffset === 0n || stackPointer === undefined || stackPointer < from || stackPointer > to) {
    return [...known, region(from, to, 'vmalloc', 'vmalloc memory, the kernel image or a module', false)];
  }
  const far = stackPointer + 256n * gibibyte;
  return [
    ...known,
    region(from, far, 'vmalloc', words.vmalloc, false),
    region(far + 1n, to, 'kernel-pointer', 'the kernel image or a module', false),
  ];
}

/** The lowest and highest shadow address that kernel memory has. */
function shadowRegion(least: number, kasan: 'generic' | 'tags'): Region {
  const shift = kasan === 'generic' ? 3n : 4n;
  const pageEnd = top - (1n << BigInt(least - 1));
  const size = (1n << BigInt(least)) >> shift;
  return region(pageEnd - size, pageEnd - 1n, 'kasan-shadow', words.shadow, false);
}

/** From 4.6 to 5.3: modules and vmalloc memory first, the linear map in the upper half. */
function classic(vaBits: number, pageSize: number): Region[] {
  const start = top - (1n << BigInt(vaBits));
  const pageOffset = top - (1n << BigInt(vaBits - 1));
  const size = ((top - pageOffset) / BigInt(pageSize)) * 64n;
  return [
    region(start, start + 128n * mebibyte - 1n, 'module', words.modules, false),
    region(pageOffset - size, pageOffset - 1n, 'vmemmap', words.vmemmap, false),
    region(
      start + 128n * mebibyte,
      pageOffset - size - 1n,
      'vmalloc',
      'vmalloc memory, the kernel image or a module',
      false,
    ),
    region(pageOffset, top - 1n, 'direct-map', 'memory of the linear map (kmalloc, pages)', false),
  ];
}

function halfOf(value: bigint, vaBits: number): AddressHalf {
  if (value < 1n << BigInt(vaBits)) return 'user';
  return value >= top - (1n << BigInt(vaBits)) ? 'kernel' : 'non-canonical';
}

/** The address space of arm64. */
export function layoutArm64(context: ValueContext): Layout {
  const vaBits = vaBitsOf(context);
  const old = releaseAtLeast(context.release, 5, 4) === false;
  return {
    half: (value) => halfOf(value, vaBits),
    regions: old ? classic(vaBits, context.pageSize ?? 4096) : flipped(context, vaBits),
  };
}
