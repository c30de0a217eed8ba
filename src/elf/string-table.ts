/** Names are cut there. The longest symbols of the kernel (Rust, KSYM_NAME_LEN) have 512 bytes, of C++ some thousand. */
const maxNameBytes = 16_384;
/** Single strings are read with what is around them, so many times; then the whole table pays. */
const windowBytes = 1024;
const beginningBytes = 256;
const mostWindows = 128;

/** What a table is read from. */
export interface StringSource {
  readonly size: number;
  /** Fewer bytes at the end. */
  read(offset: number, length: number): Uint8Array;
}

/** A table of strings, each ended by a NUL. Text is latin1: a char per byte. */
export class StringTable {
  readonly #source: StringSource;
  #bytes: Buffer | undefined;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  #windows = 0;

  /** A kernel's has some megabytes, of which one address needs a few names: it is read as far as it is asked for. */
  constructor(source: Uint8Array | StringSource) {
    if (source instanceof Uint8Array) this.#bytes = bufferOf(source);
    this.#source = source instanceof Uint8Array ? { size: source.length, read: () => source } : source;
  }

  /** The whole table. */
  get bytes(): Buffer {
    this.#bytes ??= bufferOf(this.#source.read(0, this.#source.size));
    return this.#bytes;
  }

  /** The string from there; empty if it is outside. The last one may lack its NUL. */
  text(offset: number): string {
    if (this.#bytes === undefined) {
      const short = this.#textInWindow(offset);
      if (short !== undefined) return short;
    }
    return offset < this.bytes.length ? this.bytes.toString('latin1', offset, this.end(offset)) : '';
  }

  /** Where the string from there ends. Never looks further than a name may be long. */
  end(offset: number): number {
    const { bytes } = this;
    const limit = Math.min(bytes.length, offset + maxNameBytes);
    let at = offset;
    while (at < limit && bytes[at] !== 0) at++;
    return at;
  }

  /** The first bytes of a string and what is behind it, 256 at least; undefined where the whole table has been read. */
  beginning(offset: number): Uint8Array | undefined {
    if (this.#bytes !== undefined) return undefined;
    const from = offset - this.#windowAt;
    const left = Math.min(beginningBytes, this.#source.size - offset);
    if (from >= 0 && from + left <= this.#window.length) return this.#window.subarray(from);
    if (this.#windows >= mostWindows || !(left > 0)) return undefined;
    this.#windows += 1;
    this.#windowAt = Math.max(0, offset - beginningBytes);
    const length = Math.min(windowBytes, this.#source.size - this.#windowAt);
    this.#window = bufferOf(this.#source.read(this.#windowAt, length));
    return this.#window.subarray(offset - this.#windowAt);
  }

  /** The string, if it ends in a window of the table; undefined too if there have been many. */
  #textInWindow(offset: number): string | undefined {
    const bytes = this.beginning(offset);
    const end = bytes?.indexOf(0) ?? -1;
    return bytes === undefined || end < 0 ? undefined : bufferOf(bytes).toString('latin1', 0, end);
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
