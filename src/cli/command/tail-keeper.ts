/** Keeps the last bytes of a stream of any length, which may come one by one. */
export class TailKeeper {
  readonly #ring: Buffer;
  /** Where the next byte goes. */
  #end = 0;
  #isFull = false;

  /** @param most bytes that are kept, if there are so many; at least 1. */
  constructor(most: number) {
    this.#ring = Buffer.allocUnsafeSlow(most);
  }

  push(bytes: Uint8Array): void {
    const size = this.#ring.length;
    // Of more than fits only the end would be left.
    let rest = bytes.subarray(Math.max(bytes.length - size, 0));
    while (rest.length > 0) {
      const part = rest.subarray(0, size - this.#end);
      this.#ring.set(part, this.#end);
      this.#end += part.length;
      if (this.#end === size) {
        this.#end = 0;
        this.#isFull = true;
      }
      rest = rest.subarray(part.length);
    }
  }

  /** The last bytes; a copy. */
  bytes(): Uint8Array {
    const newest = this.#ring.subarray(0, this.#end);
    return this.#isFull ? Buffer.concat([this.#ring.subarray(this.#end), newest]) : Buffer.from(newest);
  }
}
