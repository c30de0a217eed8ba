import type { ArchitectureName } from '../../model/report.ts';

/** What a symbol table says of an address at run time. */
export interface NamedAddress {
  /** The symbol's name. */
  readonly name: string;
  /** Bytes from its start. */
  readonly offset: number;
  readonly module?: string;
  /** `init`: code that is freed once the kernel, or the module, has started. */
  readonly section: 'text' | 'init' | 'data';
}

/** Bounds of a stack: `from` is its lowest address, `to` the one behind it. */
export interface StackBounds {
  readonly from: bigint;
  readonly to: bigint;
  /** `task`, `IRQ`, `overflow`: as the kernel calls it. */
  readonly name: string;
  /** Read off the log, not worked out from the stack pointer. */
  readonly printed: boolean;
}

/** What is known of the machine that a value is of. Whatever the log does not say is absent, and then not assumed. */
export interface ValueContext {
  readonly architecture: ArchitectureName;
  /** `uname -r`. */
  readonly release?: string;
  /** x86-64: five levels of page tables. */
  readonly la57?: boolean;
  /** arm64: bits of a kernel address. */
  readonly vaBits?: number;
  /** Bytes. */
  readonly pageSize?: number;
  /** What KASLR added to the kernel image; 0n if it is off. */
  readonly kaslrOffset?: bigint;
  /** The kernel is built with KASAN: there is a shadow, and the regions of x86 are not randomized. */
  readonly kasan?: 'generic' | 'tags';
  readonly stackPointer?: bigint;
  readonly stacks?: readonly StackBounds[];
  /** x86-64: the base of the kernel's GS segment, which is that of this CPU's per-CPU data. */
  readonly gsBase?: bigint;
  /** The modules that are loaded. */
  readonly moduleNames?: readonly string[];
  /** Where modules are loaded, where it is known. */
  readonly moduleRanges?: readonly { readonly name: string; readonly from: bigint; readonly to: bigint }[];
  /** Values of other registers: pointers that a value may be a damaged copy of. */
  readonly neighbours?: readonly bigint[];
  /** Values of user space's registers. */
  readonly userNeighbours?: readonly bigint[];
  /** The value was used as an address. Small numbers are then offsets from NULL, large ones wild pointers. */
  readonly asAddress?: boolean;
  /** Names what is at an address of the running kernel. */
  readonly nameAddress?: (address: bigint) => NamedAddress | undefined;
}

/** True if the release is that version or a later one; undefined if it is not known. */
export function releaseAtLeast(release: string | undefined, major: number, minor: number): boolean | undefined {
  const match = /^(\d{1,3})\.(\d{1,4})/.exec(release ?? '');
  if (match === null) return undefined;
  const [a, b] = [Number(match[1]), Number(match[2])];
  return a > major || (a === major && b >= minor);
}

/** Bits of a register. */
export function wordBits(architecture: ArchitectureName): 32 | 64 {
  return architecture === 'i386' || architecture === 'arm' ? 32 : 64;
}

/** An address without leading zeros. */
export const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** ` plus 0x20`, ` minus 0x8`, nothing for 0. */
export function distanceWords(distance: bigint): string {
  if (distance === 0n) return '';
  return distance > 0n ? ` plus ${hex(distance)}` : ` minus ${hex(-distance)}`;
}
