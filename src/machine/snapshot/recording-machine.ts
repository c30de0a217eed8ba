import { BlockCache } from '../block-cache.ts';
import type { Machine, MachineArchitecture, RegisterValues } from '../machine.ts';
import { PageCache, pageBytes, pagesOf } from '../page-cache.ts';
import type { MemoryRange } from '../qmp/memory-map.ts';
import type { Snapshot, Space } from './snapshot.ts';

/** Pages that are recorded at most: 512 MiB, half of what a snapshot may hold. */
const mostPages = 131_072;

/** A machine that keeps all that is read of it. Letting it run forgets what was read before. */
export class RecordingMachine implements Machine {
  #machine: Machine;
  readonly #registers = new Map<number, RegisterValues>();
  readonly #info = new Map<string, string | undefined>();
  readonly #pages = new Map<Space, Map<number, Uint8Array | undefined>>();
  readonly #caches = new Map<Space, PageCache | BlockCache>();
  readonly #readsBlocks: boolean;
  #count = 0;
  #isFrozen = false;

  /** @param options `readsBlocks`: no more than that of a machine whose memory takes time; such pages are in no snapshot. */
  constructor(machine: Machine, options: { readonly readsBlocks?: boolean } = {}) {
    this.#machine = machine;
    this.#readsBlocks = options.readsBlocks ?? false;
  }

  get name(): string {
    return this.#machine.name;
  }
  get architecture(): MachineArchitecture {
    return this.#machine.architecture;
  }
  get cpus(): Machine['cpus'] {
    return this.#machine.cpus;
  }
  get wasRunning(): boolean {
    return this.#machine.wasRunning;
  }
  get stoppedMilliseconds(): number {
    return this.#machine.stoppedMilliseconds;
  }
  get canReadPhysical(): boolean {
    return this.#machine.canReadPhysical;
  }
  get memory(): readonly MemoryRange[] | undefined {
    return this.#machine.memory;
  }
  get blockBytes(): number | undefined {
    return this.#readsBlocks ? this.#machine.blockBytes : undefined;
  }

  /** Whether so much was read that the rest is not recorded. */
  get isFull(): boolean {
    return this.#count >= mostPages;
  }

  /** Reads nothing more of the machine: what was not read so far is not there any more. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** Forgets what was read, and reads from now on of the same machine as it is now. */
  thaw(machine: Machine): void {
    this.#machine = machine;
    this.#forget();
    this.#isFrozen = false;
  }

  async registers(cpu: number): Promise<RegisterValues> {
    if (this.#isFrozen) return this.#registers.get(cpu) ?? {};
    const values = await this.#machine.registers(cpu);
    this.#registers.set(cpu, values);
    return values;
  }

  readPhysical(address: bigint, length: number): Promise<Uint8Array | undefined> {
    return this.#cache('physical', (start, bytes) => this.#machine.readPhysical(start, bytes)).read(address, length);
  }

  readVirtual(cpu: number, address: bigint, length: number): Promise<Uint8Array | undefined> {
    return this.#cache(cpu, (start, bytes) => this.#machine.readVirtual(cpu, start, bytes)).read(address, length);
  }

  async info(command: string): Promise<string | undefined> {
    if (this.#isFrozen) return this.#info.get(command);
    const text = await this.#machine.info(command);
    this.#info.set(command, text);
    return text;
  }

  stop(): Promise<void> {
    return this.#machine.stop();
  }

  async resume(): Promise<void> {
    this.#forget();
    await this.#machine.resume();
  }

  close(): Promise<void> {
    return this.#machine.close();
  }

  /** What was read so far; grows no more with what is read after. */
  snapshot(): Snapshot {
    const { name, architecture, cpus, wasRunning, stoppedMilliseconds, canReadPhysical, memory } = this.#machine;
    return {
      ...{ name, architecture, cpus, wasRunning, stoppedMilliseconds, canReadPhysical, memory },
      registers: new Map(this.#registers),
      info: new Map(this.#info),
      pages: new Map([...this.#pages].map(([space, pages]) => [space, new Map(pages)])),
    };
  }

  #forget(): void {
    this.#registers.clear();
    this.#info.clear();
    this.#pages.clear();
    this.#caches.clear();
    this.#count = 0;
  }

  /** Of an address space; the machine below has pages as well, so nothing is read twice. */
  #cache(
    space: Space,
    read: (start: bigint, bytes: number) => Promise<Uint8Array | undefined>,
  ): PageCache | BlockCache {
    const known = this.#caches.get(space);
    if (known !== undefined) return known;
    if (this.blockBytes !== undefined) {
      const fetch = async (start: bigint, bytes: number) => (this.#isFrozen ? undefined : read(start, bytes));
      const blocks = new BlockCache(fetch, this.blockBytes);
      this.#caches.set(space, blocks);
      return blocks;
    }
    const pages = new Map<number, Uint8Array | undefined>();
    const cache = new PageCache(async (first, count) => {
      if (this.#isFrozen) return Array.from({ length: count }, () => undefined);
      const contents = await readPages(read, first, count);
      for (let i = 0; i < count; i++) this.#keep(pages, first + i, contents[i]);
      return contents;
    });
    this.#pages.set(space, pages);
    this.#caches.set(space, cache);
    return cache;
  }

  #keep(pages: Map<number, Uint8Array | undefined>, page: number, contents: Uint8Array | undefined): void {
    if (pages.has(page) || this.isFull) return;
    pages.set(page, contents);
    this.#count++;
  }
}

/** Pages that follow each other, at once where all of them are there. */
async function readPages(
  read: (start: bigint, bytes: number) => Promise<Uint8Array | undefined>,
  first: number,
  count: number,
): Promise<readonly (Uint8Array | undefined)[]> {
  const start = BigInt(first) * BigInt(pageBytes);
  const all = await read(start, count * pageBytes);
  if (all !== undefined) return pagesOf(all);
  if (count === 1) return [undefined];
  return Promise.all(Array.from({ length: count }, (_, i) => read(start + BigInt(i * pageBytes), pageBytes)));
}
