import type { Machine, RegisterValues } from '../../machine/machine.ts';
import type { PageTableFormat } from '../page-tables/format.ts';
import type { TableEntries } from '../page-tables/table-entries.ts';
import type { KernelFile } from './kernel-file.ts';

/** A place where the kernel may lie, or why something that could tell does not. */
export type Lead =
  | { readonly how: string; readonly physicalBase: bigint }
  | { readonly how: string; readonly why: string };

/** A CPU's registers. */
export interface CpuState {
  readonly id: number;
  readonly registers: RegisterValues;
}

/** What leads are drawn from. */
export interface Scene {
  readonly machine: Machine;
  readonly file: KernelFile;
  readonly cpus: readonly CpuState[];
  readonly entries: TableEntries;
}

/** Page tables that may be the kernel's own. */
export interface Tables {
  readonly root: bigint;
  readonly format: PageTableFormat;
  /** Of the tables of user space. */
  readonly userFormat: PageTableFormat;
  /** `init_top_pgt`, `CR3 of CPU 0`. */
  readonly name: string;
  /** Whether they are the tables that the kernel keeps for itself. */
  readonly isKernels: boolean;
}

/** What differs between architectures in how a kernel is found. */
export interface Finder {
  /** Places in the order of what it costs to look. */
  leads(scene: Scene): AsyncIterable<Lead>;
  /** What a kernel that lies at a physical address says of its virtual one: the slide, or why it does not say. */
  slide(scene: Scene, physicalBase: bigint): Promise<bigint | string>;
  /** Page tables to be tried, the kernel's own first. */
  tables(scene: Scene, physicalBase: bigint): readonly Tables[];
  /** Formats where no tables are found. */
  formats(scene: Scene): { readonly kernel: PageTableFormat; readonly user: PageTableFormat };
  /** Bytes between the places where an image can be loaded. */
  readonly steps: readonly bigint[];
  /** Physical memory, likely places first, where an image may be that nothing is known of. */
  likelyImages(scene: Omit<Scene, 'file'>): Promise<readonly { readonly start: bigint; readonly end: bigint }[]>;
}

/** Modulo 2^64. */
export function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** An address as messages have it. */
export function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** A word of the image, if that lies at a physical address. */
export async function imageWord(scene: Scene, physicalBase: bigint, symbol: bigint): Promise<bigint | undefined> {
  const at = symbol - scene.file.text + physicalBase;
  const bytes = at < 0n ? undefined : await scene.machine.readPhysical(at, 8);
  return bytes === undefined ? undefined : Buffer.from(bytes).readBigUInt64LE(0);
}
