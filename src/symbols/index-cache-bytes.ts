/** No number of an index takes more bytes than a safe integer does. */
const longestNumber = 8;
/** No record has more strings, frames or aliases; what says so is damaged. */
export const mostItems = 1024;

/**
 * A checksum of 64 bits in two halves, each over all bytes: what is damaged anywhere is as good as never the same by
 * chance, and a changed byte always changes it. It is no protection from somebody who makes a file up.
 */
export class Checksum {
  first = 0x811c9dc5 | 0;
  second = 0x9747b28c | 0;

  add(bytes: Uint8Array, from: number, to: number): void {
    let { first, second } = this;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] ?? 0;
      first = Math.imul(first ^ byte, 0x01000193);
      second = Math.imul((second << 7) ^ (second >>> 25) ^ byte, 0x9e3779b1);
    }
    this.first = first;
    this.second = second;
  }
}

/** Writes the numbers, texts and flags of one record. Texts become numbers of a table that all records share. */
export class RecordWriter {
  readonly bytes: number[] = [];
  /** Numbers of the texts that were written, in order. */
  readonly texts: number[] = [];
  readonly #numberOf: (text: string) => number;

  constructor(numberOf: (text: string) => number) {
    this.#numberOf = numberOf;
  }

  /** A safe integer: signs last, then seven bits a byte, the lowest first. */
  number(value: number): void {
    let rest = value < 0 ? -value * 2 - 1 : value * 2;
    while (rest > 0x7f) {
      this.bytes.push((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.bytes.push(rest);
  }

  text(value: string): void {
    const number = this.#numberOf(value);
    this.texts.push(number);
    this.number(number);
  }
}

/** Reads what `RecordWriter` wrote. Nothing throws: what makes no sense leaves `failed` behind. */
export class RecordReader {
  failed = false;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #textOf: (number: number) => string | undefined;
  #at: number;

  constructor(bytes: Uint8Array, from: number, to: number, textOf: (number: number) => string | undefined) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    this.#textOf = textOf;
  }

  number(): number {
    let value = 0;
    let factor = 1;
    for (let length = 0; length < longestNumber && this.#at < this.#end; length++) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * factor;
      // Doubled for its sign, an integer of 53 bits may have lost its lowest bit; what is that large is not written.
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      factor *= 128;
    }
    this.failed = true;
    return 0;
  }

  /** A number of things that follow. */
  count(): number {
    const count = this.number();
    if (count >= 0 && count <= mostItems) return count;
    this.failed = true;
    return 0;
  }

  text(): string {
    const text = this.#textOf(this.number());
    if (text === undefined) this.failed = true;
    return text ?? '';
  }

  /** True if all was read, and made sense. */
  get isComplete(): boolean {
    return !this.failed && this.#at === this.#end;
  }
}
