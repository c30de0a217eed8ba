import type { Fingerprint } from './index-cache-file.ts';

/** Sums up bytes in two halves of 32 bits, each over all of them: a changed byte always changes it. */
export class Fingerprinter {
  #first = 0x811c9dc5 | 0;
  #second = 0x9747b28c | 0;

  add(bytes: Uint8Array, from: number, to: number): void {
    let first = this.#first;
    let second = this.#second;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] ?? 0;
      first = Math.imul(first ^ byte, 0x01000193);
      second = Math.imul((second << 7) ^ (second >>> 25) ^ byte, 0x9e3779b1);
    }
    this.#first = first;
    this.#second = second;
  }

  addText(text: string): void {
    const bytes = Buffer.from(`${text}\n`);
    this.add(bytes, 0, bytes.length);
  }

  get fingerprint(): Fingerprint {
    return { first: this.#first, second: this.#second };
  }
}
