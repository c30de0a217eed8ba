import type { Kernel } from './kernel.ts';
import { readSpan, spanOf } from './view.ts';

/** The memory of a process. */
export interface ProcessMemory {
  /** Of its `mm_struct`. */
  readonly address: bigint;
  /** Physical address of its top page table; undefined if its virtual one leads nowhere. */
  readonly pageTable?: bigint;
  /** Threads and others that use it. */
  readonly users?: number;
  readonly startCode?: bigint;
  readonly endCode?: bigint;
  readonly startStack?: bigint;
}

const members = ['pgd', 'mm_users', 'start_code', 'end_code', 'start_stack'];

/** Reads a `mm_struct`. */
export async function readMm(kernel: Kernel, address: bigint): Promise<ProcessMemory | undefined> {
  const span = spanOf(kernel.types, 'mm_struct', members);
  const view = span === undefined ? undefined : await readSpan(kernel, span, address);
  if (view === undefined) return undefined;
  const pgd = view.pointer('pgd');
  const pageTable = pgd === undefined ? undefined : (await kernel.memory.translate(pgd)).physical;
  const users = view.number('mm_users');
  const startCode = view.pointer('start_code');
  const endCode = view.pointer('end_code');
  const startStack = view.pointer('start_stack');
  return {
    address,
    ...(pageTable !== undefined && { pageTable }),
    ...(users !== undefined && { users }),
    ...(startCode !== undefined && { startCode }),
    ...(endCode !== undefined && { endCode }),
    ...(startStack !== undefined && { startStack }),
  };
}
