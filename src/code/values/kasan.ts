import type { ArchitectureName } from '../../model/report.ts';
import type { ValueContext } from './context.ts';
import { vaBitsOf } from './layout-arm64.ts';

/** KASAN_SHADOW_OFFSET, and how many bits of an address a shadow byte stands for. */
interface ShadowRule {
  readonly offset: bigint;
  readonly shift: bigint;
  /** Bytes that a shadow byte guards. */
  readonly granule: bigint;
}

// arch/x86/Kconfig.
const x86Generic: ShadowRule = { offset: 0xdfff_fc00_0000_0000n, shift: 3n, granule: 8n };

// arch/arm64/Kconfig since 5.4, by bits of a kernel address; 4.x had 0xdfff200000000000 for 48.
const arm64Offsets: Readonly<Record<'generic' | 'tags', Readonly<Record<number, bigint>>>> = {
  generic: {
    52: 0xdfff_8000_0000_0000n,
    48: 0xdfff_8000_0000_0000n,
    47: 0xdfff_c000_0000_0000n,
    42: 0xdfff_fe00_0000_0000n,
    39: 0xdfff_ffc0_0000_0000n,
    36: 0xdfff_fff8_0000_0000n,
  },
  tags: {
    52: 0xefff_8000_0000_0000n,
    48: 0xefff_8000_0000_0000n,
    47: 0xefff_c000_0000_0000n,
    42: 0xefff_fe00_0000_0000n,
    39: 0xefff_ffc0_0000_0000n,
    36: 0xefff_fff8_0000_0000n,
  },
};

const top = 1n << 64n;

function ruleOf(context: ValueContext, mode: 'generic' | 'tags'): ShadowRule | undefined {
  switch (context.architecture) {
    case 'x86_64':
      return mode === 'generic' ? x86Generic : undefined;
    case 'arm64': {
      const offset = arm64Offsets[mode][vaBitsOf(context)];
      if (offset === undefined) return undefined;
      return mode === 'generic' ? { offset, shift: 3n, granule: 8n } : { offset, shift: 4n, granule: 16n };
    }
    default:
      return undefined;
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
 * (NULL, user space) is told apart from other values without knowing that the kernel has KASAN.
 */
export function shadowOf(value: bigint, context: ValueContext): ShadowOf | undefined {
  const modes = context.kasan === undefined ? (['generic', 'tags'] as const) : [context.kasan];
  for (const mode of modes) {
    const rule = ruleOf(context, mode);
    if (rule === undefined) continue;
    const { offset, shift, granule } = rule;
    const size = top >> shift;
    const index = value - offset;
    if (index < 0n || index >= size) continue;
    const address = index << shift;
    // Shadow of the first 256 TiB: values like these (0xdffffc0000000004) come about in no other way.
    if (address < 1n << 48n) return { address, granule, certain: true };
    // That of kernel memory is memory that is there, and where it is there may be other things in other kernels.
    if (context.kasan !== undefined && value < topOfShadow(context.architecture)) {
      return { address, granule, certain: address < 0xff00_0000_0000_0000n };
    }
  }
  return undefined;
}

/** Where the shadow of the highest kernel address ends: above, addresses are those of ordinary kernel memory. */
function topOfShadow(architecture: ArchitectureName): bigint {
  return architecture === 'x86_64' ? 0xffff_fc00_0000_0000n : 0xffff_8000_0000_0000n;
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
