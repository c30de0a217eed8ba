import type { Cpu, MachineArchitecture, RegisterValues } from '../machine.ts';
import type { MemoryRange } from '../qmp/memory-map.ts';

/** An address space: physical memory, or what a CPU sees. */
export type Space = 'physical' | number;

/** What was read of a machine while it stood still. */
export interface Snapshot {
  readonly name: string;
  readonly architecture: MachineArchitecture;
  readonly cpus: readonly Cpu[];
  readonly wasRunning: boolean;
  readonly stoppedMilliseconds: number;
  readonly canReadPhysical: boolean;
  readonly memory: readonly MemoryRange[] | undefined;
  readonly registers: ReadonlyMap<number, RegisterValues>;
  /** Of the monitor, by command; undefined for one that gave nothing. */
  readonly info: ReadonlyMap<string, string | undefined>;
  /** Pages of 4 KiB by number; undefined for one that was asked for and is not there. */
  readonly pages: ReadonlyMap<Space, ReadonlyMap<number, Uint8Array | undefined>>;
}
