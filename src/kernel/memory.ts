import type { Translation } from './translation.ts';

/**
 * Memory at virtual addresses of the kernel. Nothing throws for what is not there: it is undefined. Reads go through the
 * kernel's own page tables and physical memory, so they do not depend on what a CPU happens to run.
 */
export interface KernelMemory {
  /**
   * Bytes; undefined if one of them is not there. Not to be written to. At most 1 MiB at once.
   * @param pageTable physical address of another top page table: that of a task, for memory of its user space
   */
  read(address: bigint, length: number, pageTable?: bigint): Promise<Uint8Array | undefined>;
  u8(address: bigint): Promise<number | undefined>;
  u16(address: bigint): Promise<number | undefined>;
  u32(address: bigint): Promise<number | undefined>;
  u64(address: bigint): Promise<bigint | undefined>;
  /** The text up to its NUL, or `most` bytes of it; bytes that are no printable ASCII as `?`. */
  text(address: bigint, most: number): Promise<string | undefined>;
  /** How an address is translated; by default by the kernel's own top page table, else by another one (physical). */
  translate(address: bigint, pageTable?: bigint): Promise<Translation>;
  /** Whether an address can be one of the kernel's: canonical, in the upper half. */
  isKernelAddress(address: bigint): boolean;
  /** Forgets what is known of translations: to be called when the machine has run meanwhile. */
  forget(): void;
}

/** Bytes that one read gives at most. */
export const mostReadBytes = 1_048_576;
