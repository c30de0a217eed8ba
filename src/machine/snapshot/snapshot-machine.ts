import type { Machine, MachineArchitecture, RegisterValues } from '../machine.ts';
import { PageCache } from '../page-cache.ts';
import type { MemoryRange } from '../qmp/memory-map.ts';
import type { Snapshot, Space } from './snapshot.ts';

/** What was recorded of a machine, in its place. */
export class SnapshotMachine implements Machine {
  readonly name: string;
  readonly architecture: MachineArchitecture;
  readonly cpus: Machine['cpus'];
  readonly wasRunning: boolean;
  readonly stoppedMilliseconds: number;
  readonly canReadPhysical: boolean;
  readonly memory: readonly MemoryRange[] | undefined;
  /**
   * Pages, registers and answers that were asked for here and not when it was recorded. They are said not to be there,
   * which may be wrong.
   */
  missing = 0;
  readonly #snapshot: Snapshot;
  readonly #caches = new Map<Space, PageCache>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    this.name = snapshot.name;
    this.architecture = snapshot.architecture;
    this.cpus = snapshot.cpus;
    this.wasRunning = snapshot.wasRunning;
    this.stoppedMilliseconds = snapshot.stoppedMilliseconds;
    this.canReadPhysical = snapshot.canReadPhysical;
    this.memory = snapshot.memory;
  }

  async registers(cpu: number): Promise<RegisterValues> {
    if (!this.cpus.some(({ id }) => id === cpu)) throw new RangeError(`there is no CPU ${cpu}`);
    const values = this.#snapshot.registers.get(cpu);
    if (values === undefined) this.missing++;
    return values ?? {};
  }

  readPhysical(address: bigint, length: number): Promise<Uint8Array | undefined> {
    return this.#cache('physical').read(address, length);
  }

  readVirtual(cpu: number, address: bigint, length: number): Promise<Uint8Array | undefined> {
    return this.#cache(cpu).read(address, length);
  }

  async info(command: string): Promise<string | undefined> {
    if (!this.#snapshot.info.has(command)) this.missing++;
    return this.#snapshot.info.get(command);
  }

  /** It stands still. */
  async stop(): Promise<void> {}

  /** It stands still for ever. */
  async resume(): Promise<void> {}

  async close(): Promise<void> {}

  #cache(space: Space): PageCache {
    const known = this.#caches.get(space);
    if (known !== undefined) return known;
    const pages = this.#snapshot.pages.get(space);
    const cache = new PageCache(async (first, count) =>
      Array.from({ length: count }, (_, i) => {
        if (pages?.has(first + i) !== true) this.missing++;
        return pages?.get(first + i);
      }),
    );
    this.#caches.set(space, cache);
    return cache;
  }
}
