import type { ArchitectureName } from '../../model/report.ts';
import { hex } from './words.ts';

const all64 = 0xffff_ffff_ffff_ffffn;

/** The first page is never mapped, so that NULL pointers fault: the kernel calls an address in it a NULL dereference. */
const pageSize = 4096n;

/** `include/linux/err.h`: the last page holds error numbers that look like pointers. */
const maxErrno = 4095n;

/** How far an address may be from a marker value: a member of a structure that the marker was taken for. */
const reach = 4096n;

/**
 * Values that somebody put there on purpose (`include/linux/poison.h`; POISON_POINTER_DELTA is 0xdead000000000000 on
 * the 64-bit architectures that have one).
 */
const markers: readonly { readonly value: bigint; readonly words: string }[] = [
  { value: 0xdead_0000_0000_0122n, words: 'the poison of a list entry that was deleted already (LIST_POISON2)' },
  { value: 0xdead_0000_0000_0100n, words: 'the poison of a list entry that was deleted already (LIST_POISON1)' },
  { value: 0x6b6b_6b6b_6b6b_6b6bn, words: 'the poison of freed slab memory (0x6b): a pointer was read after free' },
  { value: 0x5a5a_5a5a_5a5a_5a5an, words: 'the poison of slab memory not yet written (0x5a)' },
  { value: 0xcccc_cccc_cccc_ccccn, words: 'the poison of init memory that was freed (0xcc)' },
];

function is64Bit(architecture: ArchitectureName): boolean {
  return architecture !== 'i386' && architecture !== 'arm' && architecture !== 'mips';
}

function marked(address: bigint): string | undefined {
  for (const { value, words } of markers) {
    if (address >= value && address < value + reach) {
      const distance = address - value;
      return distance === 0n ? words : `${words} plus ${hex(distance)}`;
    }
  }
  return undefined;
}

/** What an address that could not be accessed looks like, as a clause to follow it; absent if it says nothing. */
export function addressWords(address: bigint, architecture: ArchitectureName): string | undefined {
  if (address === 0n) return 'which is NULL itself';
  if (address < pageSize)
    return `which is NULL plus ${hex(address)}: most likely a member at that offset of a structure whose pointer was NULL`;
  const wide = is64Bit(architecture);
  const top = wide ? all64 : 0xffff_ffffn;
  if (address > top - maxErrno && address <= top) {
    return `which is ${address - top - 1n} as a number: an error code or a negative offset from NULL, used as a pointer`;
  }
  if (!wide) return undefined;
  const poison = marked(address);
  if (poison !== undefined) return `which looks like ${poison}`;
  if (architecture === 'x86_64') {
    // Between the halves: not even with five levels of page tables (57 bits) can such an address exist.
    if (address >= 1n << 56n && address < all64 - (1n << 56n) + 1n) return 'which is no valid address (not canonical)';
    if (address < 1n << 47n) return 'which is an address of user space';
  }
  if (architecture === 'arm64' && address < 1n << 48n) return 'which is an address of user space';
  return undefined;
}
