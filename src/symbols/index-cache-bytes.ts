/** No number of an index takes more bytes than a safe integer does. */
const longestNumber = 8;

/**
 * A checksum of whole words (MurmurHash3's 32 bits): a changed word always changes it. It is no protection from somebody
 * who makes a file up.
 */
export function checksum(words: Uint32Array): number {
  let sum = 0x9747b28c | 0;
  for (let at = 0; at < words.length; at++) {
    let word = Math.imul(words[at] ?? 0, 0xcc9e2d51);
    word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    sum ^= word;
    sum = Math.imul((sum << 13) | (sum >>> 19), 5) + 0xe6546b64;
  }
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35);
  return (sum ^ (sum >>> 16)) >>> 0;
}

/** A number for a name, by which it is sorted: FNV-1a over its chars. */
export function hashOfName(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Bytes that grow. */
export class ByteWriter {
  bytes = new Uint8Array(65_536);
  length = 0;

  /** A safe integer that is not negative: seven bits a byte, the lowest first. */
  number(value: number): void {
    if (this.length + longestNumber > this.bytes.length) this.#grow(longestNumber);
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  /** A safe integer below 2^51 whose sign is its lowest bit. */
  signed(value: number): void {
    this.number(value < 0 ? -value * 2 - 1 : value * 2);
  }

  add(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.bytes.length) this.#grow(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  #grow(more: number): void {
    const bytes = new Uint8Array(2 * this.bytes.length + more);
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
  }
}

/** Reads what `ByteWriter` wrote. Nothing throws: what makes no sense leaves `failed` behind. */
export class ByteReader {
  failed = false;
  at: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.#bytes = bytes;
    this.at = from;
    this.#end = Math.min(to, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.at >= this.#end;
  }

  number(): number {
    const first = this.#bytes[this.at] ?? 0;
    if (first < 0x80 && this.at < this.#end) {
      this.at++;
      return first;
    }
    let value = 0;
    let factor = 1;
    for (let length = 0; length < longestNumber && this.at < this.#end; length++) {
      const byte = this.#bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    this.failed = true;
    return 0;
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.at, this.#end);
  }

  /** A number of things that follow, each of a byte at least. */
  count(): number {
    const count = this.number();
    if (count <= this.#end - this.at) return count;
    this.failed = true;
    return 0;
  }
}
