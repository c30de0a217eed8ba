import type { DecodedField, PageTableEntry } from './report.ts';

/** A `pt_regs` somewhere in memory. */
export interface DecodedPtRegs {
  readonly address: bigint;
  readonly isUser: boolean;
  /** By the names of `RegisterSet.values`. */
  readonly registers: Readonly<Record<string, bigint>>;
  readonly decoded?: Readonly<Record<string, readonly DecodedField[]>>;
  /** What registers point to, where it has a name: `rip` to `ktlab_port_irq+0x44 [ktlab]`. */
  readonly names: Readonly<Record<string, string>>;
}

/** Memory at an address. */
export interface MemoryDump {
  readonly address: bigint;
  /** What is there. */
  readonly symbol?: string;
  /** In hex, in the order of memory. */
  readonly bytes: string;
  /** Names of what its 8-byte words point to, by the offset of the word. */
  readonly names: Readonly<Record<number, string>>;
}

/** How a virtual address is translated. */
export interface DecodedTranslation {
  readonly address: bigint;
  readonly symbol?: string;
  /** From the top; with where each entry lies. */
  readonly steps: readonly (PageTableEntry & { readonly at: bigint; readonly isRead: boolean })[];
  /** What the entries come to, in words. */
  readonly words?: string;
  readonly physical?: bigint;
  readonly pageBytes?: number;
  /** Why it leads nowhere. */
  readonly why?: string;
  /** What the kernel knows of the page. */
  readonly page?: { readonly address: bigint; readonly flags: readonly string[]; readonly references?: number };
}
