import type { Matcher } from '../util/pattern/matcher.ts';

/** Longer lines are looked at in pieces of this length. */
const maxLine = 65_536;
const lineFeed = 10;
const carriageReturn = 13;
/** More hits are counted only. */
const maxHits = 200;

/** A line that must not be in a log. */
export interface DeniedLine {
  readonly line: number;
  /** As it stands in the log, a char per byte; at most 300. */
  readonly text: string;
}

/** What the raw lines of one input are looked at for, beside its analysis. */
export class LineScan {
  readonly #deny: Matcher | undefined;
  readonly #allows: (line: string) => boolean;
  readonly #end: Matcher | undefined;
  readonly #hits: DeniedLine[] = [];
  #omitted = 0;
  #endLine: number | undefined;
  #line = 0;
  readonly #rest = new Uint8Array(maxLine);
  #restLength = 0;

  constructor(wanted: { readonly deny?: Matcher; readonly allows: (line: string) => boolean; readonly end?: Matcher }) {
    this.#deny = wanted.deny;
    this.#allows = wanted.allows;
    this.#end = wanted.end;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let to = chunk.indexOf(lineFeed); to !== -1; to = chunk.indexOf(lineFeed, from)) {
      if (this.#restLength === 0) this.#look(chunk, from, to, true);
      else {
        this.#keep(chunk, from, to);
        this.#look(this.#rest, 0, this.#restLength, true);
        this.#restLength = 0;
      }
      from = to + 1;
    }
    this.#keep(chunk, from, chunk.length);
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#restLength > 0) this.#look(this.#rest, 0, this.#restLength, true);
    this.#restLength = 0;
  }

  /** Keeps a part of a line until more of it comes, or until it is too long to be kept. */
  #keep(chunk: Uint8Array, start: number, to: number): void {
    for (let from = start; from < to; ) {
      if (this.#restLength === maxLine) {
        this.#look(this.#rest, 0, maxLine, false);
        this.#restLength = 0;
      }
      const piece = Math.min(to - from, maxLine - this.#restLength);
      this.#rest.set(chunk.subarray(from, from + piece), this.#restLength);
      this.#restLength += piece;
      from += piece;
    }
  }

  #look(bytes: Uint8Array, from: number, end: number, whole: boolean): void {
    let to = end;
    while (to > from && bytes[to - 1] === carriageReturn) to -= 1;
    const number = this.#line + 1;
    if (whole) this.#line = number;
    if (this.#end?.testBytes(bytes, from, to)) this.#endLine = number;
    if (this.#deny?.testBytes(bytes, from, to) !== true) return;
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
    if (this.#allows(line)) return;
    if (this.#hits.length < maxHits) this.#hits.push({ line: number, text: line.slice(0, 300) });
    else this.#omitted += 1;
  }

  /** The last line that the end mark was in. */
  get endLine(): number | undefined {
    return this.#endLine;
  }

  /** Lines that were found, and how many more there were. */
  get denied(): { readonly lines: readonly DeniedLine[]; readonly omitted: number } {
    return { lines: this.#hits, omitted: this.#omitted };
  }
}
