import type { AddressSpace } from '../../src/kernel/page-tables/address-space.ts';
import { entryAddress } from '../../src/kernel/page-tables/address-space.ts';
import type { PageTableFormat } from '../../src/kernel/page-tables/format.ts';
import type { Machine, MachineArchitecture, RegisterValues } from '../../src/machine/machine.ts';

const pageBytes = 4096;

/** What a made machine is like. */
export interface MadeOptions {
  readonly architecture?: MachineArchitecture;
  /** Of each CPU. */
  readonly registers?: readonly RegisterValues[];
  readonly memory?: Machine['memory'];
  readonly canReadPhysical?: boolean;
}

/** A machine whose memory a test writes, page by page; what was not written is not there. */
export class MadeMachine implements Machine {
  readonly name = 'made';
  readonly architecture: MachineArchitecture;
  readonly cpus: Machine['cpus'];
  readonly wasRunning = true;
  readonly stoppedMilliseconds = 0;
  readonly canReadPhysical: boolean;
  readonly memory: Machine['memory'];
  /** Of physical memory. */
  reads = 0;
  /** What a CPU sees, where that is to be read at all. */
  virtual: AddressSpace | undefined;
  readonly #pages = new Map<bigint, Uint8Array>();
  readonly #registers: readonly RegisterValues[];

  constructor({ architecture = 'x86_64', registers = [{}], memory, canReadPhysical = true }: MadeOptions = {}) {
    this.architecture = architecture;
    this.#registers = registers;
    this.memory = memory;
    this.canReadPhysical = canReadPhysical;
    this.cpus = registers.map((_, id) => ({ id, thread: `p01.0${id + 1}` }));
  }

  /** Puts bytes at a physical address. */
  put(address: bigint, bytes: Uint8Array | string): this {
    const from = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    for (let at = 0; at < from.length; ) {
      const where = address + BigInt(at);
      const offset = Number(where % BigInt(pageBytes));
      const part = from.subarray(at, at + pageBytes - offset);
      this.#page(where).set(part, offset);
      at += part.length;
    }
    return this;
  }

  /** Has memory there, zeros where nothing was written. */
  ensure(address: bigint, bytes: number): this {
    for (let at = 0n; at < BigInt(bytes); at += BigInt(pageBytes)) this.#page(address + at);
    return this;
  }

  put64(address: bigint, value: bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
    return this.put(address, bytes);
  }

  #page(address: bigint): Uint8Array {
    const number = address / BigInt(pageBytes);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = new Uint8Array(pageBytes);
      this.#pages.set(number, page);
    }
    return page;
  }

  async registers(cpu: number): Promise<RegisterValues> {
    const values = this.#registers[cpu];
    if (values === undefined) throw new RangeError(`there is no CPU ${cpu}`);
    return values;
  }

  async readPhysical(address: bigint, length: number): Promise<Uint8Array | undefined> {
    this.reads++;
    return this.#read(address, length);
  }

  async readVirtual(_cpu: number, address: bigint, length: number): Promise<Uint8Array | undefined> {
    const physical = await this.virtual?.physical(address);
    return physical === undefined ? undefined : this.#read(physical, length);
  }

  #read(address: bigint, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const where = address + BigInt(at);
      const page = this.#pages.get(where / BigInt(pageBytes));
      const offset = Number(where % BigInt(pageBytes));
      if (page === undefined) return undefined;
      const part = page.subarray(offset, offset + length - at);
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  async info(): Promise<string | undefined> {
    return undefined;
  }
  async stop(): Promise<void> {}
  async resume(): Promise<void> {}
  async close(): Promise<void> {}
}

/** How entries are written. */
export interface EntryWriter {
  table(address: bigint): bigint;
  page(address: bigint, isLast: boolean): bigint;
}

export const x86Entries: EntryWriter = {
  table: (address) => address | 0x67n,
  page: (address, isLast) => address | (isLast ? 0x8000_0000_0000_0163n : 0x8000_0000_0000_01e3n),
};

/** Of all sizes of pages; without what 52-bit addresses take from the attributes. */
export const arm64Entries: EntryWriter = {
  table: (address) => address | 0x1000_0000_0000_0003n,
  page: (address, isLast) => address | (isLast ? 0x0060_0000_0000_0483n : 0x0060_0000_0000_0481n),
};

/** Writes page tables into a made machine, taking memory for tables from `next` on. */
export class MadeTables {
  readonly root: bigint;
  readonly format: PageTableFormat;
  readonly #machine: MadeMachine;
  readonly #entries: EntryWriter;
  readonly #tables = new Map<string, bigint>();
  #next: bigint;

  constructor(machine: MadeMachine, format: PageTableFormat, entries: EntryWriter, root: bigint, next: bigint) {
    this.#machine = machine;
    this.format = format;
    this.#entries = entries;
    this.root = root;
    this.#next = next;
    machine.ensure(root, 0x1_0000);
  }

  /** Maps a page, at a level counted from the last, which is 0. */
  map(address: bigint, physical: bigint, fromLast = 0): this {
    let table = this.root;
    let path = '';
    for (const [nth, level] of this.format.levels.entries()) {
      const at = entryAddress(table, level, address);
      const below = this.format.levels.length - 1 - nth;
      if (below === fromLast) {
        this.#machine.put64(at, this.#entries.page(physical, below === 0));
        break;
      }
      path += `/${at}`;
      let next = this.#tables.get(path);
      if (next === undefined) {
        next = this.#next;
        this.#next += 0x1_0000n;
        this.#machine.ensure(next, 0x1_0000);
        this.#tables.set(path, next);
        this.#machine.put64(at, this.#entries.table(next));
      }
      table = next;
    }
    return this;
  }
}
