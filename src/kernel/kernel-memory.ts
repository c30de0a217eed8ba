import type { Machine } from '../machine/machine.ts';
import { type KernelMemory, mostReadBytes } from './memory.ts';
import { AddressSpace } from './page-tables/address-space.ts';
import type { PageTableFormat } from './page-tables/format.ts';
import type { TableEntries } from './page-tables/table-entries.ts';
import { PagedReach, type Reach } from './reach.ts';
import type { Translation } from './translation.ts';

/** Bytes of a text that are looked at, at most. */
const mostText = 65_536;
/** Other page tables whose translations are kept. */
const mostSpaces = 64;
const pageBytes = 4096;
const everything = 1n << 64n;

/** How the page tables of tasks are, beside those of the kernel. */
export interface MemoryFormats {
  readonly kernel: PageTableFormat;
  readonly user: PageTableFormat;
}

/** What `GuestMemory` reads through. */
export interface MemoryParts {
  readonly machine: Machine;
  readonly reach: Reach;
  /** Of page tables that were read; shared by all that walk them. */
  readonly entries: TableEntries;
  readonly formats: MemoryFormats;
}

/** Memory of a kernel that was found in a machine. */
export class GuestMemory implements KernelMemory {
  readonly #parts: MemoryParts;
  readonly #spaces = new Map<string, PagedReach>();

  constructor(parts: MemoryParts) {
    this.#parts = parts;
  }

  async read(address: bigint, length: number, pageTable?: bigint): Promise<Uint8Array | undefined> {
    if (!Number.isInteger(length) || length < 0 || length > mostReadBytes) return undefined;
    if (address < 0n || address + BigInt(length) > everything) return undefined;
    if (length === 0) return new Uint8Array(0);
    return this.#reach(address, pageTable).read(address, length);
  }

  async u8(address: bigint): Promise<number | undefined> {
    return (await this.read(address, 1))?.[0];
  }

  async u16(address: bigint): Promise<number | undefined> {
    const bytes = await this.read(address, 2);
    return bytes === undefined ? undefined : view(bytes).getUint16(0, true);
  }

  async u32(address: bigint): Promise<number | undefined> {
    const bytes = await this.read(address, 4);
    return bytes === undefined ? undefined : view(bytes).getUint32(0, true);
  }

  async u64(address: bigint): Promise<bigint | undefined> {
    const bytes = await this.read(address, 8);
    return bytes === undefined ? undefined : view(bytes).getBigUint64(0, true);
  }

  async text(address: bigint, most: number): Promise<string | undefined> {
    const wanted = Math.min(most, mostText);
    let text = '';
    // Piece by piece to the end of each page: the next one may not be there, and need not be.
    for (let done = 0; done < wanted; ) {
      const at = address + BigInt(done);
      const bytes = await this.read(at, Math.min(wanted - done, pageBytes - Number(BigInt.asUintN(12, at))));
      if (bytes === undefined) return done === 0 ? undefined : text;
      const end = bytes.indexOf(0);
      text += printable(end === -1 ? bytes : bytes.subarray(0, end));
      if (end !== -1) return text;
      done += bytes.length;
    }
    return text;
  }

  async translate(address: bigint, pageTable?: bigint): Promise<Translation> {
    if (address < 0n || address >= everything) return { address, steps: [], why: 'the address has more than 64 bits' };
    return this.#reach(address, pageTable).translate(address);
  }

  isKernelAddress(address: bigint): boolean {
    // The upper byte may be ignored, but the tags that are put there leave its upper half (mte_assign_mem_tag_range()).
    return address >= 0xfn << 60n && address < everything && this.#parts.formats.kernel.refuses(address) === undefined;
  }

  forget(): void {
    this.#parts.entries.forget();
    this.#parts.reach.forget();
    this.#spaces.clear();
  }

  #reach(address: bigint, pageTable: bigint | undefined): Reach {
    const { machine, reach, entries, formats } = this.#parts;
    if (pageTable === undefined || !machine.canReadPhysical) return reach;
    const half = address >= 1n << 63n ? 'kernel' : 'user';
    const key = `${half} ${pageTable}`;
    const known = this.#spaces.get(key);
    if (known !== undefined) return known;
    if (this.#spaces.size >= mostSpaces) this.#spaces.clear();
    const made = new PagedReach(machine, new AddressSpace(pageTable, formats[half], entries));
    this.#spaces.set(key, made);
    return made;
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function printable(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, '?');
}
