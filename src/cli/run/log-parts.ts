import { openInput } from '../../io/input.ts';
import { isStream } from '../../model/document.ts';
import type { LogPart } from '../../report/formats/options.ts';
import type { RunInput } from '../../report/formats/run.ts';

/** Logs of at most so many bytes are shown whole, of bigger ones the lines around reports. */
const wholeBytes = 1 << 20;
const wholeLines = 20_000;
const linesAround = 40;
const mostLines = 20_000;
/** A line is kept up to here; the rest of it is nothing that anybody reads. */
const mostBytesOfLine = 8192;

interface Range {
  readonly first: number;
  last: number;
}

function wantedRanges({ facts, events }: RunInput): Range[] {
  if (facts !== undefined && facts.bytes <= wholeBytes && (facts.lines ?? 0) <= wholeLines) {
    return [{ first: 1, last: Math.max(facts.lines ?? wholeLines, 1) }];
  }
  const ranges: Range[] = [];
  let left = mostLines;
  for (const { line, lastLine } of events) {
    const first = Math.max(line - linesAround, 1);
    const last = Math.min(lastLine + linesAround, first + left);
    const before = ranges.at(-1);
    if (before !== undefined && first <= before.last + 1) {
      left -= Math.max(last - before.last, 0);
      before.last = Math.max(before.last, last);
    } else {
      left -= last - first;
      ranges.push({ first, last });
    }
    if (left <= 0) break;
  }
  return ranges;
}

/** Takes lines out of a stream of bytes. */
class LineTaker {
  readonly parts: { firstLine: number; lines: string[] }[] = [];
  readonly #ranges: readonly Range[];
  #nth = 0;
  #line = 1;
  #open = '';

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
  }

  get isDone(): boolean {
    return this.#nth >= this.#ranges.length;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    while (!this.isDone && from < bytes.length) {
      const end = bytes.indexOf(10, from);
      if (this.#isWanted && this.#open.length < mostBytesOfLine) {
        const stop = Math.min(end === -1 ? bytes.length : end, from + mostBytesOfLine);
        this.#open += bytes.toString('latin1', from, stop);
      }
      if (end === -1) return;
      this.#endLine();
      from = end + 1;
    }
  }

  end(): void {
    if (this.#open !== '') this.#endLine();
  }

  get #isWanted(): boolean {
    return this.#line >= (this.#ranges[this.#nth]?.first ?? Number.POSITIVE_INFINITY);
  }

  #endLine(): void {
    const range = this.#ranges[this.#nth];
    if (range !== undefined && this.#isWanted) {
      if (this.#line === range.first) this.parts.push({ firstLine: this.#line, lines: [] });
      this.parts.at(-1)?.lines.push(this.#open.replace(/\r+$/, ''));
      if (this.#line >= range.last) this.#nth += 1;
    }
    this.#open = '';
    this.#line += 1;
  }
}

/**
 * The lines of an input for output that shows the log: all of a small one, else those around its reports. Undefined if
 * it cannot be read a second time.
 * @param kept the bytes of standard input, where they were kept.
 */
export async function logParts(input: RunInput, kept?: readonly Uint8Array[]): Promise<readonly LogPart[] | undefined> {
  if (isStream(input.path) && kept === undefined) return undefined;
  const taker = new LineTaker(wantedRanges(input));
  try {
    if (kept !== undefined && isStream(input.path)) {
      for (const chunk of kept) taker.push(chunk);
    } else {
      const source = await openInput(input.path);
      try {
        for await (const chunk of source) {
          taker.push(chunk);
          if (taker.isDone) break;
        }
      } finally {
        await source.close();
      }
    }
  } catch {
    // It could be read before; without it the page has the reports' own lines.
    return undefined;
  }
  taker.end();
  return taker.parts;
}
