import { type FrameRow, frameRow } from './call-frame-program.ts';
import { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import type { SectionSet } from './sections.ts';
import { readInitialLength } from './unit-header.ts';

const window = 1 << 16;
const longestHead = 64;
/** A kernel has a hundred thousand functions. */
const mostFrames = 1 << 22;
const firstFrames = 1 << 13;
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

/** Where functions begin and end, and where their entries begin, as many as `count`, in the order of the section. */
interface FrameIndex {
  count: number;
  lows: Float64Array;
  highs: Float64Array;
  offsets: Float64Array;
}

/** A function's addresses, and where in the section its entry begins. */
export interface CallFrameRange {
  readonly low: number;
  /** Behind it. */
  readonly high: number;
  readonly offset: number;
}

/**
 * What was found out before about an address: where its entry begins, or that (`offset` is undefined) there is none;
 * undefined if that is not known.
 */
export type KnownCallFrames = (address: number) => { readonly offset: number | undefined } | undefined;

/** The rules of one place, and which column the return address is in. */
export interface CallFrame extends FrameRow {
  readonly returnAddress: number;
}

/** The call frames of `.debug_frame`, in which functions are found by address. Kernels have no `.eh_frame`. */
export class CallFrameTable {
  readonly #set: SectionSet;
  readonly #isArm64: boolean;
  readonly #known: KnownCallFrames | undefined;
  readonly #common = new Map<number, CommonEntry>();
  #cursor: Cursor | undefined;
  #index: FrameIndex | undefined;

  /** @param known spares going through the whole section. */
  constructor(set: SectionSet, isArm64: boolean, known?: KnownCallFrames) {
    this.#set = set;
    this.#isArm64 = isArm64;
    this.#known = known;
  }

  /** The rules at an address of the file; undefined where there are none: most assembly has none. */
  at(address: number): CallFrame | undefined {
    const section = this.#set.get('frame');
    if (section === undefined) {
      return undefined;
    }
    this.#cursor ??= new Cursor(section, this.#set.littleEndian);
    const known = this.#known?.(address);
    if (known !== undefined) {
      return known.offset === undefined ? undefined : this.#row(this.#cursor, known.offset, address);
    }
    this.#index ??= readIndex(this.#cursor, this.#set.addressSize);
    const { count, lows, highs, offsets } = this.#index;
    // Questions are few: looking at all costs less than sorting them.
    for (let each = 0; each < count; each++) {
      if (address >= (lows[each] ?? 0) && address < (highs[each] ?? 0)) {
        return this.#row(this.#cursor, offsets[each] ?? 0, address);
      }
    }
    return undefined;
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

/**
 * What entries a file has, in the order of the section, in which the first that has an address counts.
 * @throws KtriageError KT-DWARF-*
 */
export function* callFrameRanges(set: SectionSet): Generator<CallFrameRange> {
  const section = set.get('frame');
  if (section === undefined) {
    return;
  }
  const { count, lows, highs, offsets } = readIndex(new Cursor(section, set.littleEndian), set.addressSize);
  for (let each = 0; each < count; each++) {
    yield { low: lows[each] ?? 0, high: highs[each] ?? 0, offset: offsets[each] ?? 0 };
  }
}

/** Goes once through the heads of all entries. */
function readIndex(cursor: Cursor, addressSize: number): FrameIndex {
  const { section } = cursor;
  const { size } = section;
  const index: FrameIndex = {
    count: 0,
    lows: new Float64Array(firstFrames),
    highs: new Float64Array(firstFrames),
    offsets: new Float64Array(firstFrames),
  };
  let next = 0;
  while (next + 4 <= size && index.count < mostFrames) {
    const offset = next;
    cursor.go(offset, Math.min(longestHead, size - offset), window);
    const { length, is64 } = readInitialLength(cursor);
    next = cursor.offset + length;
    if (length === 0) {
      continue;
    }
    if (next > size) {
      throw dwarfError('TRUNCATED', section.name, offset, `${length} bytes reach beyond the section's end`);
    }
    const id = is64 ? cursor.i64() : cursor.u32();
    if (id !== (is64 ? -1 : 0xffffffff)) {
      const low = cursor.address(addressSize);
      const high = low + cursor.address(addressSize);
      if (high > low) addFrame(index, low, high, offset);
    }
  }
  return index;
}

function addFrame(index: FrameIndex, low: number, high: number, offset: number): void {
  const { count, lows } = index;
  if (count === lows.length) {
    index.lows = grown(index.lows);
    index.highs = grown(index.highs);
    index.offsets = grown(index.offsets);
  }
  index.lows[count] = low;
  index.highs[count] = high;
  index.offsets[count] = offset;
  index.count++;
}

function grown(numbers: Float64Array): Float64Array {
  const more = new Float64Array(2 * numbers.length);
  more.set(numbers);
  return more;
}
