import { releaseAtLeast, type ValueContext } from './context.ts';
import { vaBitsOf } from './layout-arm64.ts';

/** KASAN_SHADOW_OFFSET, and how many bits of an address a shadow byte stands for. */
interface ShadowRule {
  readonly offset: bigint;
  readonly shift: bigint;
  /** Bytes that a shadow byte guards. */
  readonly granule: bigint;
}

// arch/x86/Kconfig, arch/riscv/Kconfig (5.17).
const x86Generic: ShadowRule = { offset: 0xdfff_fc00_0000_0000n, shift: 3n, granule: 8n };
const riscvGeneric: ShadowRule = { offset: 0xdfff_ffff_0000_0000n, shift: 3n, granule: 8n };

type Offsets = Readonly<Record<number, bigint>>;

// arch/arm64/Kconfig, by bits of a kernel address: since 5.11, and from 5.4 to 5.10.
const arm64Generic: Offsets = {
  52: 0xdfff_8000_0000_0000n,
  48: 0xdfff_8000_0000_0000n,
  47: 0xdfff_c000_0000_0000n,
  42: 0xdfff_fe00_0000_0000n,
  39: 0xdfff_ffc0_0000_0000n,
  36: 0xdfff_fff8_0000_0000n,
};
const arm64GenericOld: Offsets = {
  52: 0xdfff_a000_0000_0000n,
  48: 0xdfff_a000_0000_0000n,
  47: 0xdfff_d000_0000_0000n,
  42: 0xdfff_fe80_0000_0000n,
  39: 0xdfff_ffd0_0000_0000n,
  36: 0xdfff_fffa_0000_0000n,
};
const arm64Tags: Offsets = {
  52: 0xefff_8000_0000_0000n,
  48: 0xefff_8000_0000_0000n,
  47: 0xefff_c000_0000_0000n,
  42: 0xefff_fe00_0000_0000n,
  39: 0xefff_ffc0_0000_0000n,
  36: 0xefff_fff8_0000_0000n,
};
const arm64TagsOld: Offsets = {
  52: 0xefff_9000_0000_0000n,
  48: 0xefff_9000_0000_0000n,
  47: 0xefff_c800_0000_0000n,
  42: 0xefff_fe40_0000_0000n,
  39: 0xefff_ffc8_0000_0000n,
  36: 0xefff_fff9_0000_0000n,
};

const top = 1n << 64n;

/** The rules that may hold, the likeliest first. */
function rulesOf(context: ValueContext): ShadowRule[] {
  switch (context.architecture) {
    case 'x86_64':
      return [x86Generic];
    case 'riscv64':
      return [riscvGeneric];
    case 'arm64': {
      const vaBits = vaBitsOf(context);
      const recent = releaseAtLeast(context.release, 5, 11);
      const tables = [
        ...(recent === false
          ? []
          : [
              { offsets: arm64Generic, shift: 3n },
              { offsets: arm64Tags, shift: 4n },
            ]),
        ...(recent === true
          ? []
          : [
              { offsets: arm64GenericOld, shift: 3n },
              { offsets: arm64TagsOld, shift: 4n },
            ]),
      ];
      return tables.flatMap(({ offsets, shift }) => {
        const offset = offsets[vaBits];
        return offset === undefined ? [] : [{ offset, shift, granule: 1n << shift }];
      });
    }
    default:
      return [];
  }
}

/** Memory that a shadow byte guards. */
export interface ShadowOf {
  /** The first byte of it. */
  readonly address: bigint;
  /** Bytes. */
  readonly granule: bigint;
  /** The value is nothing else, for all that is known. */
  readonly certain: boolean;
}

/**
 * The memory whose shadow an address is: what a check of KASAN read when it faulted. Only the shadow of low addresses
 * (NULL, user space) is told apart from other values without knowing that the kernel has KASAN: nothing else makes
 * values like 0xdffffc0000000004.
 */
export function shadowOf(value: bigint, context: ValueContext): ShadowOf | undefined {
  const rules = rulesOf(context);
  for (const { offset, shift, granule } of rules) {
    const index = value - offset;
    if (index >= 0n && index < 1n << (48n - shift)) return { address: index << shift, granule, certain: true };
  }
  // The shadow of a wild pointer may be anywhere above.
  const [rule] = context.kasan === 'generic' ? rules : [];
  if (rule === undefined) return undefined;
  const index = value - rule.offset;
  if (index < 0n || index >= top >> rule.shift) return undefined;
  return { address: index << rule.shift, granule: rule.granule, certain: false };
}

/** The offset that KASAN adds to make a shadow address: compilers keep it in a register. */
export const isShadowOffset = (value: bigint, context: ValueContext): boolean =>
  rulesOf(context).some(({ offset }) => offset === value);

/** A kernel address shifted to the right, which is what a check of generic KASAN makes before it adds the offset. */
export function shiftedAddress(value: bigint, context: ValueContext): bigint | undefined {
  if (context.architecture !== 'x86_64' || value < 0x1fff_f000_0000_0000n || value >= 1n << 61n) return undefined;
  return value << 3n;
}

/**
 * Whether registers show that the kernel has generic KASAN: one holds the offset, or the shadow address of another.
 * A report says so itself only where it dies.
 */
export function showsKasan(values: readonly bigint[], context: ValueContext): boolean {
  const [rule] = rulesOf(context);
  if (rule === undefined) return false;
  const all = new Set(values);
  return values.some(
    (value) =>
      value === rule.offset || (value >> 55n === 0x1ffn && all.has(((value >> rule.shift) + rule.offset) % top)),
  );
}

/** A pointer with a tag in its top byte. */
export interface TaggedPointer {
  readonly tag: number;
  /** The address without it. */
  readonly address: bigint;
  readonly words: string;
}

/** A kernel address whose top byte holds a tag (arm64: tag-based KASAN, MTE) or part of a pointer's signature. */
export function taggedPointer(value: bigint, context: ValueContext): TaggedPointer | undefined {
  if (context.architecture !== 'arm64') return undefined;
  const topByte = Number(value >> 56n);
  // Bit 55 says which half an address is of; the bits from there to those that are translated are copies of it.
  if (topByte === 0xff) return undefined;
  const rest = value | (0xffn << 56n);
  const vaBits = vaBitsOf(context);
  if (rest < top - (1n << BigInt(vaBits))) return undefined;
  // Tags of hardware have four bits, in the lower half of the byte (MTE); those of software eight.
  if (context.kasan !== 'tags' && topByte >> 4 !== 0xf) return undefined;
  const tag = topByte;
  return { tag, address: rest, words: `with tag 0x${tag.toString(16).padStart(2, '0')}` };
}

/** A return address as pointer authentication signs it: the bits that hold the signature, put back. */
export function unsignedPointer(value: bigint, context: ValueContext): bigint | undefined {
  if (context.architecture !== 'arm64' || (value >> 55n) % 2n === 0n) return undefined;
  const vaBits = BigInt(vaBitsOf(context));
  const address = value | (top - (1n << vaBits));
  return address === value ? undefined : address;
}
