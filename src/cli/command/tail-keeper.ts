/** Keeps the last bytes of a stream of any length. */
export class TailKeeper {
  readonly #most: number;
  readonly #chunks: Uint8Array[] = [];
  #first = 0;
  #bytes = 0;

  /** @param most bytes that are kept at least, if there are so many; at most twice as many are held. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Takes the next bytes, which must not be overwritten. */
  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    for (;;) {
      const oldest = this.#chunks[this.#first];
      if (oldest === undefined || this.#bytes - oldest.length < this.#most) break;
      this.#bytes -= oldest.length;
      this.#chunks[this.#first] = new Uint8Array(0);
      this.#first += 1;
    }
    // Taking each from the front would move all others.
    if (this.#first > 1024 && this.#first * 2 > this.#chunks.length) {
      this.#chunks.splice(0, this.#first);
      this.#first = 0;
    }
  }

  /** The last bytes. */
  bytes(): Uint8Array {
    const all = Buffer.concat(this.#chunks.slice(this.#first));
    return all.subarray(Math.max(all.length - this.#most, 0));
  }
}
