import { maxLineBytes } from './physical-line.ts';
import { countNewlines } from './scan-newlines.ts';

/** How far back a hit can make skipped lines wanted. */
export const lookbackBytes = 131_072;

const lineFeed = 10;
const capacity = 2 * lookbackBytes + 2 * maxLineBytes;

/**
 * The end of what was read: whole lines that a later hit may ask for, then the start of a line that is not finished.
 * Its memory is fixed; of an unfinished line no more than `maxLineBytes` are kept.
 */
export class LineTail {
  readonly buffer = Buffer.allocUnsafeSlow(capacity);
  /** End of the whole lines, start of the unfinished one. */
  wholeEnd = 0;
  /** End of what is held. */
  length = 0;
  /** Offset in the input of `buffer[0]`, and number of the line that begins there. */
  offset = 0;
  line = 1;
  /** Bytes of the unfinished line that were not kept. */
  dropped = 0;

  /** True if a line has begun and its end was not yet seen. */
  get unfinished(): boolean {
    return this.length > this.wholeEnd || this.dropped > 0;
  }

  /** Takes bytes of the unfinished line, without its line feed. */
  addToLine(chunk: Buffer, start: number, end: number): void {
    const room = maxLineBytes - (this.length - this.wholeEnd);
    const kept = Math.max(0, Math.min(room, end - start));
    this.#makeRoom(kept + 1);
    chunk.copy(this.buffer, this.length, start, start + kept);
    this.length += kept;
    this.dropped += end - start - kept;
  }

  /** Takes the line feed of a line of which nothing was dropped. */
  addLineFeed(): void {
    this.#makeRoom(1);
    this.buffer[this.length++] = lineFeed;
  }

  /** Takes whole lines, at most `lookbackBytes` of them, when there is no unfinished one; they count as passed. */
  addWhole(chunk: Buffer, start: number, end: number): void {
    this.#makeRoom(end - start);
    chunk.copy(this.buffer, this.length, start, end);
    this.length += end - start;
    this.wholeEnd = this.length;
  }

  /** Forgets everything; the next byte stands at `offset`, on `line`. */
  restart(offset: number, line: number): void {
    this.wholeEnd = 0;
    this.length = 0;
    this.dropped = 0;
    this.offset = offset;
    this.line = line;
  }

  /** Gives up whole lines that are too far back; happens once in `lookbackBytes`, so that its cost spreads. */
  #makeRoom(bytes: number): void {
    if (this.length + bytes <= capacity) return;
    const from = Math.max(0, this.wholeEnd - lookbackBytes);
    const lineStart = from === 0 ? 0 : this.buffer.indexOf(lineFeed, from - 1) + 1;
    const cut = lineStart === 0 && from > 0 ? this.wholeEnd : Math.min(lineStart, this.wholeEnd);
    this.line += countNewlines(this.buffer, 0, cut);
    this.buffer.copyWithin(0, cut, this.length);
    this.offset += cut;
    this.wholeEnd -= cut;
    this.length -= cut;
  }
}
