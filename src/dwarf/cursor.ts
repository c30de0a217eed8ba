import type { SectionData } from '../elf/section-data.ts';
import { dwarfError } from './errors.ts';
import { small } from './small.ts';

/** No unit, line program or other part that is read at once may be larger. */
const largestPart = 1 << 28;

/** No writer pads a LEB128 beyond this; a 64-bit number needs 10. */
export const longestLeb = 16;

/**
 * Reads numbers out of a part of a section. The part lies in a scratch buffer that is used again for the next one:
 * what was read for one unit must not be kept for another. Hot loops take `bytes`, `position` and `end` and put the
 * position back; everybody else uses the methods, which check their bounds.
 */
export class Cursor {
  readonly section: SectionData;
  readonly littleEndian: boolean;
  /** The part, from 0 to `end`; what lies behind is of an earlier one. */
  bytes = new Uint8Array(0);
  /** Where in `bytes` the next number is read. */
  position = 0;
  end = 0;
  /** Where in the section `bytes` begins. */
  base = 0;
  #view = new DataView(this.bytes.buffer);

  constructor(section: SectionData, littleEndian: boolean) {
    this.section = section;
    this.littleEndian = littleEndian;
  }

  /** Where in the section the next number is read. */
  get offset(): number {
    return this.base + this.position;
  }

  /** Reads the part at `offset`, all of `length` bytes, and stands at its beginning. */
  load(offset: number, length: number): void {
    if (length > largestPart) {
      throw dwarfError(
        'TOO-LARGE',
        this.section.name,
        offset,
        `a part of ${length} bytes is more than is ever read at once`,
      );
    }
    if (!(offset >= 0 && length >= 0 && offset + length <= this.section.size)) {
      throw dwarfError('TRUNCATED', this.section.name, offset, `${length} bytes reach beyond the section's end`);
    }
    this.#fill(offset, length);
    if (this.end < length) {
      throw dwarfError('TRUNCATED', this.section.name, offset, `the file ends within the section`);
    }
  }

  /** Reads what there is at `offset`, up to `length` bytes, and stands at its beginning. */
  seek(offset: number, length: number): void {
    if (!(offset >= 0 && offset <= this.section.size)) {
      throw dwarfError('TRUNCATED', this.section.name, offset, 'the offset lies beyond the section');
    }
    this.#fill(offset, Math.min(length, largestPart, this.section.size - offset));
  }

  /** Sees to it that `length` bytes are there to be read, if the section has them; else reads `ahead` from here on. */
  ensure(length: number, ahead: number): void {
    if (this.position + length > this.end && this.base + this.end < this.section.size) {
      this.seek(this.base + this.position, ahead);
    }
  }

  /** Goes to an offset of the section; what `length` bytes from there are not in the part is read, `ahead` at once. */
  go(offset: number, length: number, ahead: number): void {
    if (offset >= this.base && offset + length <= this.base + this.end) {
      this.position = small(offset - this.base);
    } else {
      this.seek(offset, ahead);
    }
  }

  #fill(offset: number, length: number): void {
    if (this.bytes.length < length) {
      this.bytes = new Uint8Array(Math.max(512, 2 ** Math.ceil(Math.log2(length))));
      this.#view = new DataView(this.bytes.buffer);
    }
    this.base = small(offset);
    this.position = 0;
    this.end = this.section.readInto(this.bytes.subarray(0, length), offset);
  }

  /** Takes `length` bytes and says where in `bytes` they begin. */
  take(length: number): number {
    const from = this.position;
    if (!(length >= 0 && from + length <= this.end)) {
      throw dwarfError('TRUNCATED', this.section.name, this.offset, `${length} more bytes are expected here`);
    }
    this.position = from + length;
    return from;
  }

  u8(): number {
    return this.bytes[this.take(1)] ?? 0;
  }

  u16(): number {
    return this.#view.getUint16(this.take(2), this.littleEndian);
  }

  u24(): number {
    const at = this.take(3);
    const [first = 0, middle = 0, last = 0] = [this.bytes[at], this.bytes[at + 1], this.bytes[at + 2]];
    return this.littleEndian ? first | (middle << 8) | (last << 16) : last | (middle << 8) | (first << 16);
  }

  u32(): number {
    return this.#view.getUint32(this.take(4), this.littleEndian);
  }

  /** The 32 bits at a position of `bytes`, which must be there; the cursor stays where it is. */
  u32At(position: number): number {
    return this.#view.getUint32(position, this.littleEndian);
  }

  /** 64 bits as a signed number: exact from -2^53 to 2^53, which holds all addresses of a kernel. */
  i64(): number {
    const at = this.take(8);
    const low = this.#view.getUint32(this.littleEndian ? at : at + 4, this.littleEndian);
    return this.high32At(at) * 4294967296 + low;
  }

  /** The lower half of 64 bits at a position of `bytes`, signed: a small integer to the engine, whatever its bits. */
  low32At(at: number): number {
    return this.#view.getInt32(this.littleEndian ? at : at + 4, this.littleEndian);
  }

  /** The upper half of 64 bits at a position of `bytes`, signed. */
  high32At(at: number): number {
    return this.#view.getInt32(this.littleEndian ? at + 4 : at, this.littleEndian);
  }

  /** 64 bits for what is compared and not computed with. */
  u64Exact(): bigint {
    return this.#view.getBigUint64(this.take(8), this.littleEndian);
  }

  /** An address: signed if it has 64 bits, unsigned if it has 32. */
  address(size: number): number {
    switch (size) {
      case 8:
        return this.i64();
      case 4:
        return this.u32();
      case 2:
        return this.u16();
      case 1:
        return this.u8();
      default:
        throw dwarfError('DAMAGED', this.section.name, this.offset, `addresses of ${size} bytes are not known`);
    }
  }

  /** An offset or a length, which are of 4 or 8 bytes. What is above 2^53 is beyond every section, exact or not. */
  sectionOffset(is64: boolean): number {
    if (!is64) {
      return this.u32();
    }
    const value = this.i64();
    return value < 0 ? Number.MAX_SAFE_INTEGER : value;
  }

  /** An unsigned LEB128; inexact above 2^53. */
  uleb(): number {
    const first = this.u8();
    if (first < 0x80) {
      return first;
    }
    let value = first & 0x7f;
    let factor = 128;
    for (let length = 1; ; length++) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        return value;
      }
      if (length >= longestLeb) {
        throw this.longLeb();
      }
      factor *= 128;
    }
  }

  /** A signed LEB128; inexact beyond 2^53. */
  sleb(): number {
    let value = 0;
    let factor = 1;
    for (let length = 1; ; length++) {
      const byte = this.u8();
      if (byte < 0x80) {
        // The last byte has the sign.
        return value + ((byte ^ 0x40) - 0x40) * factor;
      }
      if (length > longestLeb) {
        throw this.longLeb();
      }
      value += (byte & 0x7f) * factor;
      factor *= 128;
    }
  }

  /** The bytes up to the next zero, a char each; stands behind the zero. */
  string(): string {
    const from = this.position;
    const to = this.bytes.indexOf(0, from);
    if (to < 0 || to >= this.end) {
      throw dwarfError('TRUNCATED', this.section.name, this.offset, 'a string does not end');
    }
    this.position = to + 1;
    return Buffer.from(this.bytes.buffer, from, to - from).toString('latin1');
  }

  /** The error of a LEB128 that goes on and on. */
  longLeb(): Error {
    return dwarfError('DAMAGED', this.section.name, this.offset, `a LEB128 number is longer than ${longestLeb} bytes`);
  }
}
