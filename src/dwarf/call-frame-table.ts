import { type FrameRow, frameRow } from './call-frame-program.ts';
import { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import type { SectionSet } from './sections.ts';
import { readInitialLength } from './unit-header.ts';

const window = 1 << 16;
const longestHead = 64;
/** A kernel has a hundred thousand functions. */
const mostFrames = 1 << 22;
const largestEntry = 1 << 20;
const mostKept = 64;

/** What all functions of a unit have in common (6.4.1). */
interface CommonEntry {
  readonly version: number;
  readonly addressSize: number;
  readonly codeAlignment: bigint;
  readonly dataAlignment: bigint;
  readonly returnAddress: number;
  readonly instructions: Uint8Array;
}

/** The rules of one place, and which column the return address is in. */
export interface CallFrame extends FrameRow {
  readonly returnAddress: number;
}

/** The call frames of `.debug_frame`, in which functions are found by address. Kernels have no `.eh_frame`. */
export class CallFrameTable {
  readonly #set: SectionSet;
  readonly #isArm64: boolean;
  readonly #common = new Map<number, CommonEntry>();
  #cursor: Cursor | undefined;
  /** Ascending starts of functions, where they end, and where their entries begin. */
  #index: { readonly lows: Float64Array; readonly highs: Float64Array; readonly offsets: Float64Array } | undefined;

  constructor(set: SectionSet, isArm64: boolean) {
    this.#set = set;
    this.#isArm64 = isArm64;
  }

  /** The rules at an address of the file; undefined where there are none: most assembly has none. */
  at(address: number): CallFrame | undefined {
    const section = this.#set.get('frame');
    if (section === undefined) {
      return undefined;
    }
    this.#cursor ??= new Cursor(section, this.#set.littleEndian);
    this.#index ??= this.#readIndex(this.#cursor);
    const { lows, highs, offsets } = this.#index;
    let from = 0;
    let to = lows.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((lows[middle] ?? 0) <= address) from = middle + 1;
      else to = middle;
    }
    const found = from - 1;
    if (found < 0 || address >= (highs[found] ?? 0)) {
      return undefined;
    }
    return this.#row(this.#cursor, offsets[found] ?? 0, address);
  }

  /** Goes once through the heads of all entries. */
  #readIndex(cursor: Cursor): { lows: Float64Array; highs: Float64Array; offsets: Float64Array } {
    const { section } = cursor;
    const { addressSize } = this.#set;
    const found: [low: number, high: number, offset: number][] = [];
    let next = 0;
    while (next + 4 <= section.size && found.length < mostFrames) {
      const offset = next;
      cursor.go(offset, Math.min(longestHead, section.size - offset), window);
      const { length, is64 } = readInitialLength(cursor);
      next = cursor.offset + length;
      if (length === 0) {
        continue;
      }
      if (next > section.size) {
        throw dwarfError('TRUNCATED', section.name, offset, `${length} bytes reach beyond the section's end`);
      }
      const id = is64 ? cursor.i64() : cursor.u32();
      if (id !== (is64 ? -1 : 0xffffffff)) {
        const low = cursor.address(addressSize);
        const high = low + cursor.address(addressSize);
        if (high > low) found.push([low, high, offset]);
      }
    }
    found.sort((a, b) => a[0] - b[0]);
    return {
      lows: Float64Array.from(found, ([low]) => low),
      highs: Float64Array.from(found, ([, high]) => high),
      offsets: Float64Array.from(found, ([, , offset]) => offset),
    };
  }

  #row(cursor: Cursor, offset: number, address: number): CallFrame | undefined {
    cursor.seek(offset, longestHead);
    const { length, is64 } = readInitialLength(cursor);
    const start = cursor.offset;
    cursor.load(start, Math.min(length, largestEntry));
    const common = this.#commonAt(is64 ? cursor.sectionOffset(true) : cursor.u32());
    if (common === undefined) {
      return undefined;
    }
    const low = cursor.address(common.addressSize);
    cursor.address(common.addressSize);
    const program = cursor.bytes.slice(cursor.position, cursor.end);
    const format = { ...common, littleEndian: this.#set.littleEndian, isArm64: this.#isArm64 };
    const row = frameRow(common.instructions, program, format, BigInt(low), BigInt(address));
    return row && { ...row, returnAddress: common.returnAddress };
  }

  #commonAt(offset: number): CommonEntry | undefined {
    const known = this.#common.get(offset);
    if (known !== undefined) {
      return known;
    }
    const section = this.#set.get('frame');
    if (section === undefined) {
      return undefined;
    }
    const cursor = new Cursor(section, this.#set.littleEndian);
    cursor.seek(offset, longestHead);
    const { length, is64 } = readInitialLength(cursor);
    cursor.load(cursor.offset, Math.min(length, largestEntry));
    cursor.take(is64 ? 8 : 4);
    const version = cursor.u8();
    const augmentation = cursor.string();
    // 1 is of DWARF 2; there was no 2. Augmentations are those of .eh_frame, whose data may be anything.
    if ((version !== 1 && version !== 3 && version !== 4) || augmentation !== '') {
      return undefined;
    }
    let addressSize: number = this.#set.addressSize;
    if (version >= 4) {
      addressSize = cursor.u8();
      const segmentSize = cursor.u8();
      if (segmentSize !== 0 || addressSize !== this.#set.addressSize) {
        return undefined;
      }
    }
    const codeAlignment = BigInt(Math.min(cursor.uleb(), Number.MAX_SAFE_INTEGER));
    const dataAlignment = BigInt(Math.max(Number.MIN_SAFE_INTEGER, Math.min(cursor.sleb(), Number.MAX_SAFE_INTEGER)));
    const returnAddress = version === 1 ? cursor.u8() : cursor.uleb();
    const instructions = cursor.bytes.slice(cursor.position, cursor.end);
    const common = { version, addressSize, codeAlignment, dataAlignment, returnAddress, instructions };
    if (this.#common.size >= mostKept) {
      this.#common.clear();
    }
    this.#common.set(offset, common);
    return common;
  }
}
