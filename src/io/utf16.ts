/** UTF-16 as UTF-8, piece by piece; the byte order mark at the start goes through as U+FEFF. */
export class Utf16Transcoder {
  readonly #bigEndian: boolean;
  /** Half a unit, or a high surrogate, that waits for what follows it: at most three bytes. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(bigEndian: boolean) {
    this.#bigEndian = bigEndian;
  }

  push(chunk: Uint8Array): Buffer {
    // Always a copy: swapping must not change the caller's bytes.
    const data = Buffer.concat([this.#rest, chunk]);
    let end = data.length & ~1;
    if (end >= 2 && isHighSurrogate(this.#unit(data, end - 2))) end -= 2;
    this.#rest = Buffer.from(data.subarray(end));
    return this.#transcode(data.subarray(0, end));
  }

  /** What is left at the end: half a character, which becomes U+FFFD. */
  end(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return rest.length === 0 ? rest : Buffer.from('\ufffd', 'utf8');
  }

  #unit(data: Buffer, at: number): number {
    return this.#bigEndian ? data.readUInt16BE(at) : data.readUInt16LE(at);
  }

  #transcode(data: Buffer): Buffer {
    if (this.#bigEndian) data.swap16();
    // Surrogates that stand alone become U+FFFD here.
    return Buffer.from(data.toString('utf16le'), 'utf8');
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
