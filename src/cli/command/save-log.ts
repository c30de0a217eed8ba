import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { systemCode } from '../errors.ts';
import { unwritable } from '../output.ts';

/** Milliseconds that the reader of a pipe may take nothing. */
const longestWait = 5000;
const otherPlace = 'choose another place with --save-log FILE';

/**
 * A copy of a log in a file. Each piece is written before the next is taken: whoever follows the file sees it grow, and
 * nothing piles up if the disk is slow.
 */
export class LogCopy {
  readonly path: string;
  readonly #file: number;
  #failure: unknown;

  /** @throws KtriageError KT-OUTPUT-UNWRITABLE. */
  constructor(path: string) {
    this.path = path;
    try {
      // A pipe that nobody reads would be waited for in a call that nothing interrupts.
      const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;
      this.#file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0o666);
    } catch (error) {
      throw unwritable(path, error, otherPlace);
    }
  }

  /** Takes the next bytes. A file that takes no more is left as it is. */
  push(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    try {
      for (let at = 0; at < bytes.length; ) at += this.#write(bytes, at);
    } catch (error) {
      this.#failure = error;
    }
  }

  #write(bytes: Uint8Array, at: number): number {
    const end = performance.now() + longestWait;
    for (;;) {
      try {
        return writeSync(this.#file, bytes, at);
      } catch (error) {
        if (systemCode(error) !== 'EAGAIN' || performance.now() > end) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }

  /** @throws KtriageError KT-OUTPUT-UNWRITABLE if not all of it could be written. */
  end(): void {
    closeSync(this.#file);
    if (this.#failure !== undefined) throw unwritable(this.path, this.#failure, otherPlace);
  }
}
