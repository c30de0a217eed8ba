import type { ValueClass, ValueMeaning } from '../../model/explanation.ts';
import { bitFlip, singleBit } from './bit-flip.ts';
import { distanceWords, hex, type NamedAddress, type ValueContext, wordBits } from './context.ts';
import { errnoName, maxErrno } from './errno.ts';
import { isShadowOffset, shadowOf, shiftedAddress, taggedPointer, unsignedPointer } from './kasan.ts';
import { layoutArm64 } from './layout-arm64.ts';
import { otherLayout } from './layout-others.ts';
import { layoutX8664 } from './layout-x86-64.ts';
import { filler, type MarkerMatch, magic, pointerPoison } from './poison.ts';
import { type Layout, type Region, regionOf } from './regions.ts';
import { stackMeaning } from './stack.ts';
import { textString } from './text-string.ts';

const noLayout: Layout = { half: () => 'unknown', regions: [] };

/** One layout serves all the registers of a report. */
const layouts = new WeakMap<ValueContext, Layout>();

/** The address space of the context's machine. */
export function layoutOf(context: ValueContext): Layout {
  const known = layouts.get(context);
  if (known !== undefined) return known;
  const layout = makeLayout(context);
  layouts.set(context, layout);
  return layout;
}

function makeLayout(context: ValueContext): Layout {
  switch (context.architecture) {
    case 'x86_64':
      return layoutX8664(context);
    case 'arm64':
      return layoutArm64(context);
    default:
      return otherLayout(context) ?? noLayout;
  }
}

/** mmap_min_addr as distributions set it: nothing can be mapped below, so an address there is an offset from NULL. */
const lowestMapping = 0x1_0000n;

/** Numbers up to here are counts and sizes rather than anything else. */
const smallest = 0x1000n;

function poisonMeaning(value: bigint, { class: markerClass, words, distance, certain }: MarkerMatch): ValueMeaning {
  // `LIST_POISON1 plus 0x20, what list_del() leaves in next`
  const name = /^[A-Z_\d]+(?=, )/.exec(words)?.[0] ?? words;
  const said = `${name}${distanceWords(distance)}${words.slice(name.length)}`;
  return { value, class: markerClass, words: said, certain };
}

function lowMeaning(value: bigint, context: ValueContext): ValueMeaning | undefined {
  if (value === 0n) return { value, class: 'zero', words: 'NULL', certain: true };
  const page = BigInt(context.pageSize ?? 4096);
  if (context.asAddress === true && value < lowestMapping) {
    // The kernel itself calls the first page NULL (arch/x86/mm/fault.c, show_fault_oops()).
    return { value, class: 'null-offset', words: `NULL plus ${hex(value)}`, certain: value < page };
  }
  if (value < smallest) return { value, class: 'small', words: `the number ${value}`, certain: true };
  return undefined;
}

/** Numbers this little below zero are no addresses: there is nothing at the very top but error pointers. */
const leastNegative = 0x10_0000n;

function errorMeaning(value: bigint, context: ValueContext): ValueMeaning | undefined {
  const bits = BigInt(wordBits(context.architecture));
  const negative = (1n << bits) - value;
  if (negative <= leastNegative) {
    const name = negative <= maxErrno ? errnoName(Number(negative), context.architecture) : undefined;
    if (name === undefined) {
      const asAddress = context.asAddress === true;
      const words = asAddress ? `NULL minus ${hex(negative)}` : `the number -${negative}`;
      return { value, class: asAddress ? 'null-offset' : 'small', words, certain: false };
    }
    // -1 is as often a mask or a count as it is EPERM.
    if (negative === 1n && context.asAddress !== true) return { value, class: 'small', words: '-1', certain: true };
    return { value, class: 'errno', words: `-${name} (-${negative})`, certain: negative !== 1n };
  }
  const half = (1n << 32n) - value;
  if (bits === 64n && half > 1n && half <= maxErrno && context.asAddress !== true) {
    const name = errnoName(Number(half), context.architecture);
    return name === undefined
      ? undefined
      : { value, class: 'errno', words: `-${name} (-${half}) as an int`, certain: false };
  }
  return undefined;
}

const sectionClass: Readonly<Record<NamedAddress['section'], ValueClass>> = {
  text: 'kernel-text',
  init: 'init-text',
  data: 'kernel-data',
};

function namedMeaning(value: bigint, context: ValueContext): ValueMeaning | undefined {
  const named = context.nameAddress?.(value);
  if (named === undefined) return undefined;
  const place = named.offset === 0 ? named.name : `${named.name}+${hex(BigInt(named.offset))}`;
  const target = named.module === undefined ? place : `${place} [${named.module}]`;
  const words = { text: 'in the code of', init: 'in freed __init code, of', data: 'in' }[named.section];
  return { value, class: sectionClass[named.section], words: `${words} ${target}`, certain: true, target };
}

/** Whose module memory it is: by ranges, or as there is only one module. */
function moduleMeaning(value: bigint, { moduleRanges = [], moduleNames }: ValueContext, at: Region): ValueMeaning {
  const range = moduleRanges.find(({ from, to }) => value >= from && value < to);
  if (range !== undefined)
    return { value, class: 'module', words: `in module ${range.name}`, certain: true, target: range.name };
  const [only] = moduleNames ?? [];
  if (only !== undefined && moduleNames?.length === 1) {
    return {
      value,
      class: 'module',
      words: `in module ${only}, the only one that is loaded`,
      certain: false,
      target: only,
    };
  }
  return { value, class: 'module', words: `in ${at.words}`, certain: at.certain };
}

/** Bytes of a struct page, as long as nothing is added to it (include/linux/mm_types.h). */
const structPage = 64n;

function regionMeaning(value: bigint, context: ValueContext, layout: Layout): ValueMeaning {
  const at = regionOf(layout, value);
  if (at === undefined) {
    return { value, class: 'kernel-pointer', words: 'a kernel address where nothing should be', certain: false };
  }
  if (at.class === 'module') return moduleMeaning(value, context, at);
  const words = at.class === 'vmemmap' ? at.words : `in ${at.words}`;
  const base = { value, class: at.class, certain: at.certain } as const;
  if (at.class === 'direct-map' && layout.directMap !== undefined) {
    return { ...base, words: `${words}, physical address ${hex(value - layout.directMap)}` };
  }
  if (at.class === 'vmemmap' && layout.vmemmap !== undefined) {
    return { ...base, words: `${words}, of page frame ${hex((value - layout.vmemmap) / structPage)}` };
  }
  return { ...base, words };
}

function kernelMeaning(value: bigint, context: ValueContext, layout: Layout): ValueMeaning {
  const { gsBase, release } = context;
  const named = namedMeaning(value, context);
  if (named !== undefined) return named;
  const stack = stackMeaning(value, context);
  if (stack !== undefined) return stack;
  if (gsBase !== undefined && value === gsBase && gsBase !== 0n) {
    return { value, class: 'per-cpu', words: "the base of this CPU's per-CPU data", certain: true };
  }
  // Chunks of per-CPU data are some hundred KiB; as of 6.15 the base is no address of theirs (arch/x86: per-CPU symbols
  // have addresses of the kernel image since).
  if (
    gsBase !== undefined &&
    value > gsBase &&
    value - gsBase < 0x3_0000n &&
    !/^(6\.(1[5-9]|[2-9]\d)|[7-9]\.)/.test(release ?? '')
  ) {
    return { value, class: 'per-cpu', words: `in this CPU's per-CPU data, at ${hex(value - gsBase)}`, certain: false };
  }
  return regionMeaning(value, context, layout);
}

function userMeaning(value: bigint, context: ValueContext): ValueMeaning | undefined {
  const { asAddress, userNeighbours = [], architecture } = context;
  // Below 4 GiB there are more numbers than addresses.
  const reach = value < 1n << 32n ? 1n << 20n : 1n << 28n;
  const near = userNeighbours.some((n) => n > lowestMapping && (n > value ? n - value : value - n) < reach);
  if (asAddress === true) return { value, class: 'user', words: 'an address of user space', certain: true };
  if (architecture === 's390x') return undefined;
  if (value < 1n << 32n && !near) return undefined;
  return { value, class: 'user', words: 'an address of user space', certain: near };
}

function shadowMeaning(value: bigint, context: ValueContext): ValueMeaning | undefined {
  if (context.asAddress !== true && isShadowOffset(value, context)) {
    return { value, class: 'number', words: "KASAN's shadow offset, a constant of its checks", certain: true };
  }
  const shadow = shadowOf(value, context);
  if (shadow === undefined) return undefined;
  const { kasan: _, ...plain } = context;
  const guarded = meaningOf(shadow.address, { ...plain, asAddress: true });
  const what = guarded === undefined ? '' : `, which is ${guarded.words}`;
  const words = `KASAN's shadow of ${hex(shadow.address)}${what}`;
  return { value, class: 'kasan-shadow', words, certain: shadow.certain, address: shadow.address };
}

function taggedMeaning(value: bigint, context: ValueContext): ValueMeaning | undefined {
  const tagged = taggedPointer(value, context);
  const address = tagged?.address ?? unsignedPointer(value, context);
  if (address === undefined) return undefined;
  const plain = meaningOf(address, context);
  if (plain === undefined) return undefined;
  const how = tagged?.words ?? 'as signed by pointer authentication, or with a tag';
  return { ...plain, value, words: `${plain.words}, ${how}`, address, certain: tagged !== undefined && plain.certain };
}

function wildMeaning(value: bigint, context: ValueContext, layout: Layout): ValueMeaning | undefined {
  const shifted = context.kasan === undefined ? undefined : shiftedAddress(value, context);
  if (shifted !== undefined) {
    const words = `${hex(shifted)} shifted by 3, on the way to KASAN's shadow`;
    return { value, class: 'kasan-shadow', words, certain: false, address: shifted };
  }
  const flip = bitFlip(value, context, layout);
  if (flip !== undefined) {
    const words = `${hex(flip.address)} (${flip.near}) with bit ${flip.bit} flipped`;
    return { value, class: 'bit-flip', words, certain: false, address: flip.address };
  }
  if (context.asAddress !== true) return undefined;
  return {
    value,
    class: 'non-canonical',
    words: 'no valid address (not canonical)',
    certain: context.la57 !== undefined,
  };
}

/**
 * What a value is, by where it points or what it is made of; undefined if there is nothing to say of it. Values that
 * somebody put there on purpose come first, then what an address can be. Never throws.
 */
export function meaningOf(given: bigint, context: ValueContext): ValueMeaning | undefined {
  const bits = wordBits(context.architecture);
  const value = BigInt.asUintN(bits, given);
  const asAddress = context.asAddress === true;
  const low = lowMeaning(value, context);
  if (low !== undefined) return low;
  const poison = pointerPoison(value, context.architecture) ?? magic(value, asAddress) ?? filler(value, bits);
  if (poison !== undefined) return poisonMeaning(value, poison);
  const error = errorMeaning(value, context);
  if (error !== undefined) return error;
  // include/linux/refcount.h, REFCOUNT_SATURATED: INT_MIN / 2.
  if (bits === 64 && value === 0xc000_0000n && !asAddress) {
    return { value, class: 'refcount-saturated', words: 'a saturated reference count', certain: false };
  }
  const layout = layoutOf(context);
  const text = textString(value, bits, context.architecture);
  const half = layout.half(value);
  if (text !== undefined && (text.certain || (half !== 'kernel' && !asAddress))) {
    return { value, class: 'text-string', words: `the text ${text.quoted}`, certain: text.certain };
  }
  const shadow = shadowMeaning(value, context);
  switch (half) {
    case 'unknown':
      return namedMeaning(value, context) ?? stackMeaning(value, context);
    case 'kernel': {
      const at = kernelMeaning(value, context, layout);
      const isShadow = at.class === 'kasan-shadow' || (at.class === 'kernel-pointer' && !at.certain);
      return isShadow ? (shadow ?? at) : at;
    }
    case 'user': {
      const bit = asAddress ? singleBit(value) : undefined;
      if (bit === undefined) return userMeaning(value, context);
      return { value, class: 'bit-flip', words: `NULL with bit ${bit} set`, certain: false, address: 0n };
    }
    case 'non-canonical':
      if (shadow?.certain === true || shadow?.class === 'number') return shadow;
      return taggedMeaning(value, context) ?? (asAddress ? shadow : undefined) ?? wildMeaning(value, context, layout);
  }
}
