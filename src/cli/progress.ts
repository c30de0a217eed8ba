import { bytes, inputName } from '../report/text/words.ts';
import type { TerminalOutput } from './session.ts';

const patience = 1000;
const interval = 200;

/** A line on a terminal that tells how far a long run is; silent for short ones and where no terminal is. */
export class Progress {
  readonly #stream: TerminalOutput;
  readonly #active: boolean;
  readonly #started = Date.now();
  #last = 0;
  #shown = false;

  constructor(stream: TerminalOutput, wanted: boolean) {
    this.#stream = stream;
    this.#active = wanted && stream.isTTY === true;
  }

  update(path: string, read: number): void {
    this.say(() => `Reading ${inputName(path)}: ${bytes(read)}`);
  }

  /** Shows a line in place of the one before, if it is time for one. */
  say(line: () => string): void {
    if (!this.#active) return;
    const now = Date.now();
    if (now - this.#started < patience || now - this.#last < interval) return;
    this.#last = now;
    this.#shown = true;
    this.#stream.write(`\r\x1b[K${line()}`);
  }

  /** Takes the line away; it may come again. */
  clear(): void {
    if (!this.#shown) return;
    this.#shown = false;
    this.#stream.write('\r\x1b[K');
  }
}
