/** No writer pads a LEB128 beyond this; 64 bits need 10 bytes. */
const longestLeb = 16;

/**
 * Reads numbers out of bytes that are held already: expressions and the instructions of call frames. All are `bigint`
 * and exact. Beyond the end everything is undefined, and stays so.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  position = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  /** Where the next `length` bytes begin; undefined if there are fewer. */
  #take(length: number): number | undefined {
    const from = this.position;
    if (!(length >= 0 && from + length <= this.bytes.length)) {
      this.position = this.bytes.length;
      return undefined;
    }
    this.position = from + length;
    return from;
  }

  u8(): number | undefined {
    const at = this.#take(1);
    return at === undefined ? undefined : this.bytes[at];
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes; other sizes are none. */
  unsigned(size: number): bigint | undefined {
    const at = this.#take(size);
    if (at === undefined) {
      return undefined;
    }
    switch (size) {
      case 1:
        return BigInt(this.#view.getUint8(at));
      case 2:
        return BigInt(this.#view.getUint16(at, this.littleEndian));
      case 4:
        return BigInt(this.#view.getUint32(at, this.littleEndian));
      case 8:
        return this.#view.getBigUint64(at, this.littleEndian);
      default:
        return undefined;
    }
  }

  signed(size: number): bigint | undefined {
    const value = this.unsigned(size);
    return value === undefined ? undefined : BigInt.asIntN(8 * size, value);
  }

  /** An unsigned LEB128, of which 64 bits count. */
  uleb(): bigint | undefined {
    return this.#leb(false);
  }

  /** A signed LEB128, of which 64 bits count. */
  sleb(): bigint | undefined {
    return this.#leb(true);
  }

  #leb(isSigned: boolean): bigint | undefined {
    let value = 0n;
    for (let length = 0; length < longestLeb; length++) {
      const byte = this.u8();
      if (byte === undefined) {
        return undefined;
      }
      value |= BigInt(byte & 0x7f) << BigInt(7 * length);
      if (byte < 0x80) {
        const bits = 7 * (length + 1);
        return isSigned ? BigInt.asIntN(64, BigInt.asIntN(bits, value)) : BigInt.asUintN(64, value);
      }
    }
    this.position = this.bytes.length;
    return undefined;
  }

  /** The next bytes, as a view of those that are held. */
  block(length: bigint | number | undefined): Uint8Array | undefined {
    const at = length === undefined || length > this.bytes.length ? this.#take(Infinity) : this.#take(Number(length));
    return at === undefined ? undefined : this.bytes.subarray(at, this.position);
  }
}
