import type { ValueClass } from '../../model/explanation.ts';
import type { ArchitectureName } from '../../model/report.ts';

/** A value that somebody put there on purpose, or a byte that memory is filled with. */
export interface Marker {
  readonly class: ValueClass;
  readonly words: string;
}

interface PointerMarker extends Marker {
  readonly value: bigint;
}

/**
 * CONFIG_ILLEGAL_POINTER_VALUE, which include/linux/poison.h adds to pointer poison: so it can be mapped by nobody.
 * 32-bit architectures have none.
 */
const pointerDelta: Partial<Record<ArchitectureName, bigint>> = {
  x86_64: 0xdead_0000_0000_0000n,
  arm64: 0xdead_0000_0000_0000n,
  riscv64: 0xdead_0000_0000_0000n,
  s390x: 0xdead_0000_0000_0000n,
  loongarch64: 0xdead_0000_0000_0000n,
  ppc64: 0x5dea_dbee_f000_0000n,
};

const listPoison1: PointerMarker = {
  value: 0x100n,
  class: 'list-poison',
  words: 'LIST_POISON1, what list_del() leaves in next',
};
const listPoison2: PointerMarker = {
  value: 0x122n,
  class: 'list-poison',
  words: 'LIST_POISON2, what list_del() leaves in prev',
};

/** include/linux/poison.h: offsets from the delta. List poison was 0x100100 and 0x200200 before 4.3, 0x122 was 0x200 before 5.1. */
const pointerMarkers: readonly PointerMarker[] = [
  listPoison1,
  listPoison2,
  { value: 0x200n, class: 'list-poison', words: 'LIST_POISON2, what list_del() leaves in prev (kernels before 5.1)' },
  {
    value: 0x10_0100n,
    class: 'list-poison',
    words: 'LIST_POISON1, what list_del() leaves in next (kernels before 4.3)',
  },
  {
    value: 0x20_0200n,
    class: 'list-poison',
    words: 'LIST_POISON2, what list_del() leaves in prev (kernels before 4.3)',
  },
  { value: 0x300n, class: 'other-poison', words: 'TIMER_ENTRY_STATIC, a timer that was never armed' },
  { value: 0x400n, class: 'other-poison', words: 'TAIL_MAPPING, the mapping of a tail page' },
  { value: 0x500n, class: 'other-poison', words: 'MUTEX_POISON_WW_CTX, the context of a ww_mutex that has none' },
  { value: 0x800n, class: 'other-poison', words: 'SKB_LIST_POISON_NEXT, an skb that is on no list' },
  { value: 0xeb9fn, class: 'other-poison', words: 'BPF_PTR_POISON' },
];

/** How far an address may be from a marker: a member of the structure that the marker was taken for. */
const reach = 0x1000n;
/** The same downwards, as container_of() goes. */
const reachBelow = 0x400n;

/** A marker and how far the value is from it. */
export interface MarkerMatch extends Marker {
  readonly distance: bigint;
  readonly certain: boolean;
}

/** Poison that stands in place of a pointer, by itself or plus the offset of a member. */
export function pointerPoison(value: bigint, architecture: ArchitectureName): MarkerMatch | undefined {
  const delta = pointerDelta[architecture];
  const offset = value - (delta ?? 0n);
  const exact = pointerMarkers.find((marker) => marker.value === offset);
  // Without a delta most of them are small numbers like any other.
  if (delta === undefined) {
    return exact === undefined || exact.value < 0x10_0000n ? undefined : { ...exact, distance: 0n, certain: false };
  }
  if (exact !== undefined) return { ...exact, distance: 0n, certain: true };
  if (offset >= -reachBelow && offset < 0x100n + reach) {
    // Members are aligned, so what is left over tells the two apart.
    const second = offset > 0x122n && (offset - 0x122n) % 8n === 0n;
    const { value: base, words } = second ? listPoison2 : listPoison1;
    return { class: 'list-poison', words, distance: offset - base, certain: offset >= 0n };
  }
  const old = pointerMarkers.find((m) => m.value >= 0x10_0000n && offset > m.value && offset - m.value < reach);
  return old === undefined ? undefined : { ...old, distance: offset - old.value, certain: false };
}

/** Bytes that memory is filled with: include/linux/poison.h, and what compilers fill stacks with. */
const fillers: Readonly<Record<number, Marker>> = {
  107: { class: 'slab-poison', words: 'freed slab memory (0x6b)' },
  90: { class: 'slab-poison', words: 'slab memory that was never written (0x5a)' },
  165: { class: 'slab-poison', words: "the last byte of a slab object's poison (0xa5)" },
  187: { class: 'slab-poison', words: 'the red zone of a free slab object (0xbb)' },
  204: {
    class: 'init-poison',
    words: 'freed __init memory, the red zone of a slab object, or int3 instructions (0xcc)',
  },
  170: {
    class: 'page-poison',
    words: 'a poisoned free page, or a variable on the stack that was never written (0xaa)',
  },
  254: { class: 'stack-poison', words: 'a variable on the stack that was never written (0xfe, gcc)' },
  91: { class: 'other-poison', words: 'a freed jbd structure (0x5b)' },
  92: { class: 'other-poison', words: 'a freed jbd2 structure (0x5c)' },
  167: { class: 'other-poison', words: 'memory freed to a dma pool (0xa7)' },
  169: { class: 'other-poison', words: 'memory of a dma pool that was never written (0xa9)' },
  189: { class: 'other-poison', words: 'a destroyed key (0xbd)' },
  17: { class: 'other-poison', words: 'a mutex as initialized by its debugging (0x11)' },
  34: { class: 'other-poison', words: 'a destroyed mutex (0x22)' },
  18: { class: 'other-poison', words: 'a freed ATM structure (0x12)' },
};

const all64 = 0xffff_ffff_ffff_ffffn;
const ones = 0x0101_0101_0101_0101n;

/** Bytes that no ordinary value repeats four times; the others must fill the whole word. */
const telling = new Set([0x6b, 0x5a, 0xa5, 0xbb, 0xcc, 0xaa, 0xfe]);

/** Memory that was filled with a byte and then read as a value of four or eight bytes. */
export function filler(value: bigint, bits: 32 | 64): MarkerMatch | undefined {
  const top = Number(value >> BigInt(bits - 8));
  const marker = fillers[top];
  if (marker !== undefined) {
    const whole = (ones * BigInt(top)) & (bits === 32 ? 0xffff_ffffn : all64);
    const distance = value - whole;
    if (distance >= -reachBelow && distance < reach) return { ...marker, distance, certain: telling.has(top) };
    // Half of it was written since, or an offset was large.
    if (bits === 64 && telling.has(top) && value >> 32n === whole >> 32n) {
      return { ...marker, words: `partly ${marker.words}`, distance: 0n, certain: false };
    }
  }
  if (bits === 32) return undefined;
  // Read as an int: the upper half is zero, or all ones where the sign was extended.
  const high = value >> 32n;
  const low = value & 0xffff_ffffn;
  const byte = Number(low >> 24n);
  const small = fillers[byte];
  const distance = low - (ones & 0xffff_ffffn) * BigInt(byte);
  if (small === undefined || !telling.has(byte) || distance < -16n || distance > 16n) return undefined;
  if (high !== 0n && !(high === 0xffff_ffffn && byte >= 0x80)) return undefined;
  return { ...small, words: `${small.words}, read as an int`, distance, certain: false };
}

/** Values that are unlikely to come about by chance. */
const magics: readonly PointerMarker[] = [
  { value: 0x57ac_6e9dn, class: 'other-poison', words: 'STACK_END_MAGIC, which stands at the end of every task stack' },
  { value: 0xdead_4eadn, class: 'other-poison', words: 'the magic number of a spinlock' },
  { value: 0xdeaf_1eedn, class: 'other-poison', words: 'the magic number of an rwlock' },
  { value: 0xdead_beefn, class: 'other-poison', words: '0xdeadbeef, a marker for freed or unused memory' },
  { value: 0xdead_57acn, class: 'other-poison', words: 'NETFILTER_LINK_POISON, a rule chain that was unlinked' },
  { value: 0xdead_c0den, class: 'other-poison', words: '0xdeadc0de, a marker for freed or unused memory' },
  { value: 0xdead_beef_dead_beefn, class: 'other-poison', words: '0xdeadbeef, a marker for freed or unused memory' },
  { value: 0xbaad_f00dn, class: 'other-poison', words: '0xbaadf00d, a marker for memory that was never written' },
  { value: 0xfeed_facen, class: 'other-poison', words: '0xfeedface, a marker' },
  { value: 0xcafe_baben, class: 'other-poison', words: '0xcafebabe, a marker' },
  // mm/slab.c before 6.8: RED_INACTIVE, RED_ACTIVE.
  { value: 0x09f9_1102_9d74_e35bn, class: 'slab-poison', words: 'the red zone of a free slab object (SLAB)' },
  { value: 0xd841_56c5_6356_88c0n, class: 'slab-poison', words: 'the red zone of a slab object (SLAB)' },
  // mm/kfence/kfence.h: 0xaa ^ (address & 7) in each byte.
  {
    value: 0xadac_afae_a9a8_abaan,
    class: 'slab-poison',
    words: "KFENCE's canary beside an object: nobody wrote there",
  },
  // include/linux/stackleak.h: -0xBEEF.
  {
    value: 0xffff_ffff_ffff_4111n,
    class: 'stack-poison',
    words: 'a part of the stack that was cleared on return (STACKLEAK)',
  },
];

/** A marker value, by itself or plus the offset of a member. */
export function magic(value: bigint, asAddress: boolean): MarkerMatch | undefined {
  const exact = magics.find((m) => m.value === value);
  if (exact !== undefined) return { ...exact, distance: 0n, certain: true };
  // The sign of an int was extended, or the word is two ints of which one is the marker.
  const [high, low] = [value >> 32n, value & 0xffff_ffffn];
  const half = magics.find((m) => m.value >= 1n << 31n && m.value < 1n << 32n && (m.value === high || m.value === low));
  if (half !== undefined && high !== 0n) {
    const words = high === 0xffff_ffffn ? half.words : `half of it is ${half.words}`;
    return { ...half, words, distance: 0n, certain: false };
  }
  if (!asAddress) return undefined;
  const near = magics.find((m) => value > m.value && value - m.value < reach);
  return near === undefined ? undefined : { ...near, distance: value - near.value, certain: false };
}
