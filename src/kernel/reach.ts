import type { Machine } from '../machine/machine.ts';
import type { AddressSpace } from './page-tables/address-space.ts';
import type { Translation } from './translation.ts';

/** A way to memory at virtual addresses. Addresses are within 64 bits, and so is their end; lengths are bounded. */
export interface Reach {
  read(address: bigint, length: number): Promise<Uint8Array | undefined>;
  translate(address: bigint): Promise<Translation>;
  forget(): void;
}

const unitBytes = 4096;

/** Through page tables and physical memory. */
export class PagedReach implements Reach {
  readonly space: AddressSpace;
  readonly #machine: Machine;

  constructor(machine: Machine, space: AddressSpace) {
    this.#machine = machine;
    this.space = space;
  }

  async read(address: bigint, length: number): Promise<Uint8Array | undefined> {
    const offset = Number(address & 0xfffn);
    const found = this.space.physical(address);
    const first = found instanceof Promise ? await found : found;
    if (first === undefined) return undefined;
    if (offset + length <= unitBytes) return this.#machine.readPhysical(first, length);
    return this.#readPages(address, length, first);
  }

  translate(address: bigint): Promise<Translation> {
    return this.space.translate(address);
  }

  forget(): void {
    this.space.forget();
  }

  /** Pages that follow each other in physical memory, as most do, are read at once; the others at the same time. */
  async #readPages(address: bigint, length: number, first: bigint): Promise<Uint8Array | undefined> {
    const rest: Promise<bigint | undefined>[] = [];
    for (let at = unitBytes - Number(address & 0xfffn); at < length; at += unitBytes)
      rest.push(Promise.resolve(this.space.physical(address + BigInt(at))));
    const runs: { start: bigint; bytes: number }[] = [];
    let run = { start: first, bytes: Math.min(length, unitBytes - Number(address & 0xfffn)) };
    let left = length - run.bytes;
    for (const physical of await Promise.all(rest)) {
      if (physical === undefined) return undefined;
      const bytes = Math.min(left, unitBytes);
      if (physical === run.start + BigInt(run.bytes)) run.bytes += bytes;
      else {
        runs.push(run);
        run = { start: physical, bytes };
      }
      left -= bytes;
    }
    runs.push(run);
    const parts = await Promise.all(runs.map(({ start, bytes }) => this.#machine.readPhysical(start, bytes)));
    const [only] = parts;
    if (parts.length === 1) return only;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      if (part === undefined) return undefined;
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}

/** As the CPUs see memory now, for machines whose physical memory nobody can read (KGDB). */
export class CpuReach implements Reach {
  readonly #machine: Machine;
  /** Those that run code of the kernel first. */
  readonly #cpus: readonly number[];

  constructor(machine: Machine, cpus: readonly number[]) {
    this.#machine = machine;
    this.#cpus = cpus;
  }

  async read(address: bigint, length: number): Promise<Uint8Array | undefined> {
    for (const cpu of this.#cpus) {
      const bytes = await this.#machine.readVirtual(cpu, address, length);
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }

  async translate(address: bigint): Promise<Translation> {
    return { address, steps: [], why: 'physical memory cannot be read, and so no page table' };
  }

  forget(): void {
    // Nothing is kept here.
  }
}

/** The kernel's image alone, which lies in one piece: for machines whose page tables are not there yet. */
export class ImageReach implements Reach {
  readonly #machine: Machine;
  readonly #start: bigint;
  readonly #end: bigint;
  readonly #physical: bigint;

  /** `start` to `end` as virtual addresses, and the physical one of the start. */
  constructor(machine: Machine, start: bigint, end: bigint, physical: bigint) {
    this.#machine = machine;
    this.#start = start;
    this.#end = end;
    this.#physical = physical;
  }

  async read(address: bigint, length: number): Promise<Uint8Array | undefined> {
    if (address < this.#start || address + BigInt(length) > this.#end) return undefined;
    return this.#machine.readPhysical(address - this.#start + this.#physical, length);
  }

  async translate(address: bigint): Promise<Translation> {
    const isInside = address >= this.#start && address < this.#end;
    const why = 'no page tables of the kernel were found';
    return { address, steps: [], ...(isInside ? { physical: address - this.#start + this.#physical } : { why }) };
  }

  forget(): void {
    // The image does not move.
  }
}
