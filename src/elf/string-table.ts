/** Names are cut there. The longest symbols of the kernel (Rust, KSYM_NAME_LEN) have 512 bytes, of C++ some thousand. */
const maxNameBytes = 16_384;

/** A table of strings, each ended by a NUL. Text is latin1: a char per byte. */
export class StringTable {
  readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The string from there; empty if it is outside. The last one may lack its NUL. */
  text(offset: number): string {
    return offset < this.bytes.length ? this.bytes.toString('latin1', offset, this.end(offset)) : '';
  }

  /** Where the string from there ends. Never looks further than a name may be long. */
  end(offset: number): number {
    const limit = Math.min(this.bytes.length, offset + maxNameBytes);
    let at = offset;
    while (at < limit && this.bytes[at] !== 0) at++;
    return at;
  }
}
