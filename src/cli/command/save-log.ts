import { closeSync, openSync, writeSync } from 'node:fs';
import { unwritable } from '../output.ts';

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
      this.#file = openSync(path, 'w');
    } catch (error) {
      throw unwritable(path, error, otherPlace);
    }
  }

  /** Takes the next bytes. A file that takes no more is left as it is. */
  push(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    } catch (error) {
      this.#failure = error;
    }
  }

  /** @throws KtriageError KT-OUTPUT-UNWRITABLE if not all of it could be written. */
  end(): void {
    closeSync(this.#file);
    if (this.#failure !== undefined) throw unwritable(this.path, this.#failure, otherPlace);
  }
}
