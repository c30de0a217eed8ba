import type { Matcher } from '../util/pattern/matcher.ts';

/** Longer lines are looked at in pieces of this length. */
const maxLine = 65_536;
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
  #rest = '';

  constructor(wanted: { readonly deny?: Matcher; readonly allows: (line: string) => boolean; readonly end?: Matcher }) {
    this.#deny = wanted.deny;
    this.#allows = wanted.allows;
    this.#end = wanted.end;
  }

  push(chunk: Uint8Array): void {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    let from = 0;
    for (let to = text.indexOf('\n'); to !== -1; to = text.indexOf('\n', from)) {
      this.#look(this.#rest + text.slice(from, to), true);
      this.#rest = '';
      from = to + 1;
    }
    this.#rest += text.slice(from);
    while (this.#rest.length > maxLine) {
      this.#look(this.#rest.slice(0, maxLine), false);
      this.#rest = this.#rest.slice(maxLine);
    }
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#rest !== '') this.#look(this.#rest, true);
    this.#rest = '';
  }

  #look(given: string, whole: boolean): void {
    const line = given.endsWith('\r') ? given.replace(/\r+$/, '') : given;
    const number = this.#line + 1;
    if (whole) this.#line = number;
    if (this.#end?.test(line)) this.#endLine = number;
    if (this.#deny?.test(line) !== true || this.#allows(line)) return;
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
