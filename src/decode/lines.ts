/** Lines longer than this are passed on as they are: a kernel's have a thousand bytes, those around them some more. */
export const maxLineBytes = 1_048_576;

const newline = 0x0a;
const nothing = Buffer.alloc(0);

/** What one piece of input makes ready, in this order. */
export interface ReadyBytes {
  /** The end of a line that is too long to be looked at. */
  readonly before: Buffer;
  /** Whole lines. */
  readonly lines: Buffer;
  /** The beginning of a line that is too long. */
  readonly behind: Buffer;
}

/** Cuts input that comes in pieces of any size at the ends of lines. */
export class LineCutter {
  #rest = Buffer.alloc(1024);
  #restBytes = 0;
  #isTooLong = false;

  /** `chunk` may be overwritten afterwards, but not before what came of it was used. */
  push(chunk: Uint8Array): ReadyBytes {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const start = this.#isTooLong ? bytes.indexOf(newline) + 1 : 0;
    if (this.#isTooLong && start === 0) return { before: bytes, lines: nothing, behind: nothing };
    this.#isTooLong = false;
    const before = bytes.subarray(0, start);
    const end = Math.max(bytes.lastIndexOf(newline) + 1, start);
    let lines = bytes.subarray(start, end);
    if (lines.length > 0 && this.#restBytes > 0) lines = Buffer.concat([this.#takeRest(), lines]);
    this.#keep(bytes.subarray(end));
    if (this.#restBytes <= maxLineBytes) return { before, lines, behind: nothing };
    this.#isTooLong = true;
    return { before, lines, behind: this.#takeRest() };
  }

  /** What is left without a line end. */
  end(): Buffer {
    this.#isTooLong = false;
    return this.#takeRest();
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#restBytes + bytes.length;
    if (needed > this.#rest.length) {
      const larger = Buffer.alloc(needed * 2);
      larger.set(this.#rest.subarray(0, this.#restBytes));
      this.#rest = larger;
    }
    this.#rest.set(bytes, this.#restBytes);
    this.#restBytes = needed;
  }

  #takeRest(): Buffer {
    const rest = Buffer.from(this.#rest.subarray(0, this.#restBytes));
    this.#restBytes = 0;
    return rest;
  }
}

/** A line's place, without its end. */
export interface LinePlace {
  readonly start: number;
  readonly end: number;
}

/** True if one of the texts is in the bytes at all. */
export function hasAny(bytes: Buffer, texts: readonly string[]): boolean {
  return texts.some((text) => bytes.includes(text, 0, 'latin1'));
}

/** The lines that have one of the texts in them, in order. */
export function* linesWith(log: string, texts: readonly string[]): Generator<LinePlace> {
  const next: number[] = texts.map(() => -1);
  let position = 0;
  while (position < log.length) {
    let first = Number.POSITIVE_INFINITY;
    for (const [nth, text] of texts.entries()) {
      let at = next[nth] ?? -1;
      if (at < position) {
        const found = log.indexOf(text, position);
        at = found < 0 ? Number.POSITIVE_INFINITY : found;
        next[nth] = at;
      }
      if (at < first) first = at;
    }
    if (first === Number.POSITIVE_INFINITY) return;
    const behind = log.indexOf('\n', first);
    const end = behind < 0 ? log.length : behind;
    yield { start: first === 0 ? 0 : log.lastIndexOf('\n', first - 1) + 1, end };
    position = end + 1;
  }
}
