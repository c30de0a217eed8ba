import type { Readable, Writable } from 'node:stream';

/** Hands bytes on as they are, at the reader's pace, and lets others see them. */
export class PassOn {
  readonly #from: Readable;
  readonly #to: Writable;
  #isUnread = false;
  #waits = false;
  #endsLine = true;

  /**
   * @param onBytes sees each piece before the next one is read.
   * @param onUnread told once when nobody takes it any more, with the error if there is one; what comes then is only seen.
   */
  constructor(from: Readable, to: Writable, onBytes: (bytes: Uint8Array) => void, onUnread: (error?: unknown) => void) {
    this.#from = from;
    this.#to = to;
    const leave = (error?: unknown): void => {
      if (this.#isUnread) return;
      this.#isUnread = true;
      this.#goOn();
      onUnread(error);
    };
    to.on('error', leave);
    to.once('close', () => leave());
    to.on('drain', () => this.#goOn());
    from.on('data', (chunk: Uint8Array) => {
      if (!this.#isUnread && !to.destroyed) this.#pass(chunk);
      onBytes(chunk);
    });
  }

  /** True while the reader has not taken what there is. */
  get waits(): boolean {
    return this.#waits;
  }

  /** True if the last byte that was handed on ends a line. */
  get endsLine(): boolean {
    return this.#endsLine;
  }

  #pass(chunk: Uint8Array): void {
    this.#endsLine = chunk[chunk.length - 1] === 10;
    if (this.#to.write(chunk)) return;
    this.#waits = true;
    this.#from.pause();
  }

  #goOn(): void {
    if (!this.#waits) return;
    this.#waits = false;
    this.#from.resume();
  }
}
