import type { Btf } from '../btf/btf.ts';
import type { Machine } from '../machine/machine.ts';
import type { KernelMemory } from './memory.ts';
import type { KernelSymbols } from './symbols.ts';

/** Architectures whose kernels are understood in a machine's memory. */
export type KernelArchitecture = 'x86_64' | 'arm64';

/** Where a kernel lies, and how that was found. */
export interface KernelPlace {
  /** What is added to an address of vmlinux to have that of the running kernel; 0 without KASLR. Modulo 2^64. */
  readonly slide: bigint;
  /** There is no vmlinux, and `slide` is 0: names and their addresses come from the kernel's own memory. */
  readonly isSlideUnknown?: true;
  /** Physical address of `_text`; 0 if that is not known, as physical memory cannot be read. */
  readonly physicalBase: bigint;
  /**
   * Physical address of the kernel's own top page table: `init_top_pgt` of x86, `swapper_pg_dir` of arm64. 0 if none is
   * known: then physical memory cannot be read, or nothing but the image (see the problems of `OpenedKernel`).
   */
  readonly pageTable: bigint;
  /** What told it, for people: `the interrupt descriptor table`, `TTBR1_EL1 of CPU 0`. */
  readonly how: string;
}

/** Which kernel it is, as it says itself in its memory. */
export interface KernelIdentity {
  /** `6.1.0-50-amd64`. */
  readonly release?: string;
  /** `Linux version ...`, one line. */
  readonly banner?: string;
  /** Lower case hex digits. */
  readonly buildId?: string;
}

/** A kernel that was found in a machine, with the vmlinux that was verified to be its own. */
export interface Kernel {
  readonly machine: Machine;
  readonly architecture: KernelArchitecture;
  readonly place: KernelPlace;
  readonly identity: KernelIdentity;
  /** Memory at the kernel's virtual addresses, by walks of its own page tables. */
  readonly memory: KernelMemory;
  /** Names of addresses as they are now, of the kernel and of the modules that were added. */
  readonly symbols: KernelSymbols;
  /** Layouts of the kernel's structures. */
  readonly types: Btf;
}
