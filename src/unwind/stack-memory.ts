import type { KernelMemory } from '../kernel/memory.ts';
import type { StackRange } from '../kernel/stacks.ts';

/** No kernel has larger stacks: 64 KiB with KASAN on arm64's largest pages, and some more. */
const mostBytes = 262_144;
const pageBytes = 4096n;
/** Below a stack nothing is mapped, a page at least; what is used of it at once is seldom more. */
const guardBytes = 16_384n;

interface LoadedPart {
  readonly range: StackRange;
  readonly start: bigint;
  readonly view: DataView;
}

/** The used parts of stacks, each read at once, so that unwinding itself waits for nothing. */
export class StackMemory {
  readonly ranges: readonly StackRange[];
  readonly #memory: KernelMemory;
  readonly #parts: LoadedPart[] = [];
  /** Where something was asked for that had not been read. */
  #missed: bigint | undefined;

  constructor(memory: KernelMemory, ranges: readonly StackRange[]) {
    this.#memory = memory;
    this.ranges = ranges.filter(({ start, end }) => start < end && end - start <= BigInt(mostBytes));
  }

  /** The stack that an address lies in. The end itself is in none. */
  rangeAt(address: bigint): StackRange | undefined {
    return this.ranges.find(({ start, end }) => address >= start && address < end);
  }

  /** The stack that an address lies in, or right below, as the stack pointer does when a stack has been used up. */
  rangeNear(address: bigint): StackRange | undefined {
    return this.rangeAt(address) ?? this.ranges.find(({ start }) => address < start && start - address <= guardBytes);
  }

  /** Reads what was missed since the last time this was called; false if there was nothing, or it is not there. */
  async loadMissed(): Promise<boolean> {
    const missed = this.#missed;
    this.#missed = undefined;
    if (missed === undefined) return false;
    await this.load(missed);
    return this.#partAt(missed, 1) !== undefined;
  }

  /** Reads the stack that an address is in from there to its end, if that was not read yet. */
  async load(address: bigint): Promise<StackRange | undefined> {
    const range = this.rangeNear(address);
    if (range === undefined) return undefined;
    const lowest = BigInt.asUintN(64, address & ~7n);
    const start = lowest < range.start ? range.start : lowest;
    const known = this.#parts.find((part) => part.range === range);
    if (known !== undefined && known.start <= start) return range;
    const bytes = await this.#read(start, known?.start ?? range.end);
    const joined = new Uint8Array(bytes.length + (known?.view.byteLength ?? 0));
    joined.set(bytes);
    if (known !== undefined) {
      // What was read before is right above, if all was there.
      if (BigInt(bytes.length) !== known.start - start) return range;
      joined.set(new Uint8Array(known.view.buffer, known.view.byteOffset, known.view.byteLength), bytes.length);
      this.#parts.splice(this.#parts.indexOf(known), 1);
    }
    this.#parts.push({ range, start, view: new DataView(joined.buffer) });
    return range;
  }

  /** A word that was read; undefined elsewhere. */
  word(address: bigint): bigint | undefined {
    return this.number(address, 8);
  }

  /** A number of 1, 2, 4 or 8 bytes that were read; undefined elsewhere. */
  number(address: bigint, size: number): bigint | undefined {
    const part = this.#partAt(address, size);
    if (part === undefined) return undefined;
    const offset = Number(address - part.start);
    switch (size) {
      case 1:
        return BigInt(part.view.getUint8(offset));
      case 2:
        return BigInt(part.view.getUint16(offset, true));
      case 4:
        return BigInt(part.view.getUint32(offset, true));
      case 8:
        return part.view.getBigUint64(offset, true);
      default:
        return undefined;
    }
  }

  /** Bytes that were read; undefined if they were not. */
  bytes(address: bigint, length: number): Uint8Array | undefined {
    const part = this.#partAt(address, length);
    if (part === undefined) return undefined;
    return new Uint8Array(part.view.buffer, part.view.byteOffset + Number(address - part.start), length);
  }

  /** All bytes that were read from an address on. */
  bytesFrom(address: bigint): Uint8Array {
    const part = this.#partAt(address, 1);
    if (part === undefined) return new Uint8Array(0);
    const skipped = Number(address - part.start);
    return new Uint8Array(part.view.buffer, part.view.byteOffset + skipped, part.view.byteLength - skipped);
  }

  #partAt(address: bigint, length: number): LoadedPart | undefined {
    for (const part of this.#parts) {
      const distance = address - part.start;
      if (distance >= 0n && distance <= BigInt(part.view.byteLength - length)) return part;
    }
    if (this.rangeAt(address) !== undefined) this.#missed = address;
    return undefined;
  }

  /** The whole part, else as many of its pages from the start on as are there. */
  async #read(start: bigint, end: bigint): Promise<Uint8Array> {
    const length = Number(end - start);
    const whole = await this.#memory.read(start, length);
    if (whole !== undefined) return whole;
    const pieces: { from: bigint; to: bigint }[] = [];
    for (let from = start; from < end; ) {
      const next = BigInt.asUintN(64, (from & ~(pageBytes - 1n)) + pageBytes);
      const to = next < end ? next : end;
      pieces.push({ from, to });
      from = to;
    }
    const read = await Promise.all(pieces.map(({ from, to }) => this.#memory.read(from, Number(to - from))));
    const missing = read.indexOf(undefined);
    return Buffer.concat(read.slice(0, missing < 0 ? read.length : missing).filter((each) => each !== undefined));
  }
}
