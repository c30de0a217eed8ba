import type { LogLine } from '../model/log-line.ts';
import { decoderLiterals, LineDecoder } from './decoder.ts';
import { maxLineBytes, type PhysicalLine } from './physical-line.ts';
import { endOfLine, linesBack, physicalLine, type Run, rawLine, sampleStart } from './reader-run.ts';
import { LineTail, lookbackBytes } from './reader-tail.ts';
import { LiteralHits, LiteralScanner } from './scan.ts';
import { countNewlines } from './scan-newlines.ts';

/** Who takes the lines. */
export interface LineSink {
  line(line: LogLine): void;
  /** True while every line is wanted: a report is open. */
  readonly busy: boolean;
}

/** What takes the decorations off; `LineDecoder` of `decoder.ts` is one. */
export interface Decoder {
  push(line: PhysicalLine): LogLine[];
  flush(): LogLine[];
  /** Lines were skipped: what was half joined is forgotten. */
  gap(): void;
  /** True while it must see every line. */
  readonly needsEveryLine: boolean;
  readonly decorations: ReadonlySet<string>;
  readonly kernelLines: boolean;
}

/**
 * What a line with a literal is worth: `true` that skipping stops, `'line'` that this line is delivered without what
 * stands around it (frequent lines of healthy logs, such as a boot's first), `false` nothing (noise).
 */
export type Weight = boolean | 'line';

export interface ReaderOptions {
  readonly sink: LineSink;
  /** A `LineDecoder` of its own by default. */
  readonly decoder?: Decoder;
  /** Texts of lines that matter: beginnings of reports and other news. Without line feeds. */
  readonly literals: readonly string[];
  /** Texts for which the decoder must see a line in any case; those of `LineDecoder` by default. */
  readonly decoderLiterals?: readonly string[];
  /**
   * A cheap look at a raw line (latin1) that holds one of `literals`. `following` gives what comes behind it, some
   * kilobytes, cut anywhere; undefined if so much is not there yet.
   */
  matters(rawLine: string, following: () => string | undefined): Weight;
}

const lineFeed = 10;
/** So much of what follows a line is shown to whoever weighs it. */
const followingBytes = 4096;
/** So much of an input's start goes through line by line: what decorations it has is learned there. */
const headBytes = 65_536;
const lookbackLines = 1000;
/** What follows a hit goes through until both are reached, but no more than the last. */
const followLines = 200;
const followBytes = 32_768;
const followBytesMost = 1_048_576;
/** While nothing looked like a kernel's, a sample of lines goes through at every multiple of so many bytes. */
const sampleEvery = 1_048_576;
const sampleLines = 20;
/** Smaller pushes are gathered in the tail; larger ones are read where they are. */
const smallPush = 65_536;

/**
 * Turns chunks of a log into lines, and skips what does not matter: after its first 64 KiB it only looks for
 * literals, and where a line with one matters, delivers it with up to 128 KiB (1000 lines) before it, and what
 * follows while the sink is busy, at least 200 lines and 32 KiB. What is delivered does not depend on how the input
 * was cut into chunks. Line numbers and offsets count what was skipped. Memory is bounded: a line longer than
 * `maxLineBytes` is cut without being held.
 *
 * Line feeds end lines; carriage returns are left to the decoder. A UTF-8 byte order mark at the very start is
 * dropped from the first line's text (offsets count it).
 */
export class LogReader {
  readonly #options: ReaderOptions;
  readonly #decoder: Decoder;
  #scanner: LiteralScanner;
  readonly #decoderLiterals: readonly string[];
  readonly #tail = new LineTail();
  #bytes = 0;
  /** Number of the line that begins at the end of what was passed. */
  #line = 1;
  /** True if the last byte was no line feed: a line is open, and counts. */
  #lineOpen = false;
  /** Place in the run's buffer up to which lines are counted in `#line`. */
  #counted = 0;
  /** Offset behind the last line that was delivered. */
  #deliveredTo = 0;
  #afterGap = false;
  /** Lines that are wanted by themselves, in order; lines around them may still be wanted too. */
  #aside: PhysicalLine[] = [];
  /** Of the hit or sample that is being followed. */
  #followed = { from: 0, lines: 0, wantedLines: 0, wantedBytes: 0 };
  #nextSample = sampleEvery;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#decoder = options.decoder ?? new LineDecoder();
    this.#decoderLiterals = options.decoderLiterals ?? decoderLiterals;
    this.#scanner = this.#scannerOf(options.literals);
  }

  /** Bytes that were pushed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Lines that were seen, skipped ones and an unfinished last one included. */
  get lines(): number {
    return this.#line - 1 + (this.#lineOpen ? 1 : 0);
  }

  /** True once a line looked like one that a kernel printed. */
  get kernelLines(): boolean {
    return this.#decoder.kernelLines;
  }

  /** Names of the decorations that were found. */
  decorations(): string[] {
    return [...this.#decoder.decorations];
  }

  /**
   * Looks for other literals from the next `push` on: fewer, when enough was seen of what some of them announce.
   * Every find costs a little, and a log may be full of them.
   */
  lookFor(literals: readonly string[]): void {
    this.#scanner = this.#scannerOf(literals);
  }

  #scannerOf(literals: readonly string[]): LiteralScanner {
    return new LiteralScanner(withoutRedundant([...literals, ...this.#decoderLiterals]));
  }

  /** Takes the next bytes; they may be overwritten afterwards. */
  push(chunk: Uint8Array): void {
    const data = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (data.length === 0) return;
    this.#bytes += data.length;
    this.#lineOpen = data[data.length - 1] !== lineFeed;
    let start = 0;
    if (this.#tail.unfinished) start = this.#finishLine(data);
    if (start >= data.length) return;
    const wholeEnd = data.lastIndexOf(lineFeed) + 1;
    if (wholeEnd > start) this.#takeWhole(data, start, wholeEnd);
    this.#tail.addToLine(data, Math.max(start, wholeEnd), data.length);
  }

  /** Delivers what is held: the log is quiet. An unfinished line goes along if it is wanted. */
  flush(): void {
    if (this.#tail.unfinished && (this.#follows(this.#passedTo()) || this.#unfinishedMatters()))
      this.#takeUnfinished(0);
    this.#deliverAside(Number.POSITIVE_INFINITY);
    this.#emit(this.#decoder.flush());
  }

  /** Delivers what is held: nothing more comes. */
  end(): void {
    if (this.#tail.unfinished) this.#takeUnfinished(0);
    this.#deliverAside(Number.POSITIVE_INFINITY);
    this.#emit(this.#decoder.flush());
  }

  /** Offset of the end of what was passed: of the start of the unfinished line. */
  #passedTo(): number {
    return this.#tail.offset + this.#tail.wholeEnd;
  }

  /** Adds the unfinished line's rest. Returns where in the chunk the next line begins. */
  #finishLine(data: Buffer): number {
    const tail = this.#tail;
    const end = data.indexOf(lineFeed);
    tail.addToLine(data, 0, end < 0 ? data.length : end);
    if (end < 0) return data.length;
    if (tail.dropped > 0) {
      this.#takeUnfinished(1);
    } else {
      tail.addLineFeed();
      this.#runTail(0);
    }
    return end + 1;
  }

  /** Passes the unfinished line as it is; `lineFeeds` of 1 if its line feed, not held, ends it. */
  #takeUnfinished(lineFeeds: 0 | 1): void {
    const tail = this.#tail;
    const missing = tail.dropped + lineFeeds;
    if (missing === 0) {
      this.#runTail(0);
      return;
    }
    const offset = tail.offset + tail.length + missing;
    this.#runTail(missing);
    this.#line += lineFeeds;
    // Where bytes are missing, offsets in the tail no longer say offsets in the input.
    tail.restart(offset, this.#line);
  }

  #runTail(missing: number): void {
    const tail = this.#tail;
    this.#run({ buffer: tail.buffer, start: tail.wholeEnd, end: tail.length, base: tail.offset, missing });
    tail.wholeEnd = tail.length;
  }

  #unfinishedMatters(): boolean {
    const { buffer, wholeEnd, length } = this.#tail;
    return (
      this.#scanner.next(buffer, wholeEnd, length) >= 0 &&
      this.#weigh(buffer.toString('latin1', wholeEnd, length), () => undefined) !== false
    );
  }

  /** Passes whole lines of a chunk, and keeps as many of them as a later hit may want. */
  #takeWhole(data: Buffer, start: number, end: number): void {
    const tail = this.#tail;
    if (end - start <= smallPush) {
      tail.addWhole(data, start, end);
      tail.wholeEnd -= end - start;
      this.#runTail(0);
      return;
    }
    const base = this.#passedTo() - start;
    this.#run({ buffer: data, start, end, base, missing: 0 });
    const from = Math.max(start, end - lookbackBytes, Math.min(end, this.#deliveredTo - base));
    if (from === start && end - start <= lookbackBytes) {
      tail.addWhole(data, start, end);
      return;
    }
    const lineStart = from === start ? start : Math.min(end, data.indexOf(lineFeed, from - 1) + 1);
    tail.restart(base + lineStart, this.#line - countNewlines(data, lineStart, end));
    tail.addWhole(data, lineStart, end);
  }

  /** Delivers or skips the lines of a run. */
  #run(run: Run): void {
    const { buffer, start, end, base } = run;
    this.#counted = start;
    let at = start;
    const hits = new LiteralHits(this.#scanner, buffer, start, end);
    while (at < end) {
      const hit = hits.next(at);
      if (this.#follows(base + at)) {
        const lineEnd = endOfLine(buffer, at, end);
        if (hit >= 0 && hit < lineEnd && this.#weighLine(run, at, lineEnd, hit) === true) this.#follow(base + at);
        this.#beginAt(base + at);
        this.#deliver(run, at, lineEnd, this.#numberAt(run, at));
        at = lineEnd;
      } else {
        at = this.#skip(run, at, hit);
      }
    }
    this.#numberAt(run, end);
  }

  /** Goes on to the next line to deliver, or over a line that does not matter, or to the run's end. */
  #skip(run: Run, at: number, hit: number): number {
    const { buffer, end, base } = run;
    const hitLine = hit < 0 ? end : Math.max(at, buffer.lastIndexOf(lineFeed, hit) + 1);
    const sample = this.#decoder.kernelLines ? end : sampleStart(run, at, this.#nextSample);
    if (sample < end && sample <= hitLine) {
      this.#followed = { from: base + sample, lines: 0, wantedLines: sampleLines, wantedBytes: 0 };
      this.#beginAt(base + sample);
      return sample;
    }
    if (hit < 0) return end;
    const lineEnd = endOfLine(buffer, hitLine, end);
    const weight = this.#weighLine(run, hitLine, lineEnd, hit);
    if (weight === false) return lineEnd;
    if (weight === 'line') {
      this.#putAside(physicalLine(run, hitLine, lineEnd, this.#numberAt(run, hitLine)));
      return lineEnd;
    }
    this.#lookBack(run, hitLine);
    this.#follow(base + hitLine);
    return hitLine;
  }

  /** Delivers what was skipped just before the line at `hitLine`. */
  #lookBack(run: Run, hitLine: number): void {
    const tail = this.#tail;
    const { buffer, base } = run;
    const inTail = buffer === tail.buffer;
    const first = Math.max(this.#deliveredTo, base + hitLine - lookbackBytes);
    const runStart = inTail ? 0 : run.start;
    const floorInRun = Math.max(runStart, first - base);
    const back = linesBack(buffer, hitLine, floorInRun, first - base <= runStart, lookbackLines);
    if (!inTail && back.start === run.start && first < base + run.start) {
      const floor = Math.max(0, first - tail.offset);
      const further = linesBack(tail.buffer, tail.wholeEnd, floor, floor === 0, lookbackLines - back.lines);
      this.#beginAt(tail.offset + further.start);
      const number = tail.line + countNewlines(tail.buffer, 0, further.start);
      const tailRun = { buffer: tail.buffer, start: 0, end: tail.wholeEnd, base: tail.offset, missing: 0 };
      this.#deliverLines(tailRun, further.start, tail.wholeEnd, number);
    } else {
      this.#beginAt(base + back.start);
    }
    // In the tail, lines before the run's start are already counted.
    const number = this.#numberAt(run, hitLine) - countNewlines(buffer, back.start, hitLine);
    this.#deliverLines(run, back.start, hitLine, number);
  }

  /** Number of the line that begins at `place`; places only go forward within a run. */
  #numberAt(run: Run, place: number): number {
    this.#line += countNewlines(run.buffer, this.#counted, place);
    this.#counted = place;
    return this.#line;
  }

  /** Lines are delivered from `offset` on: if some before it were skipped, everybody is told. */
  #beginAt(offset: number): void {
    this.#deliverAside(offset);
    this.#tellGap(offset);
  }

  #tellGap(offset: number): void {
    if (offset <= this.#deliveredTo) return;
    this.#emit(this.#decoder.flush());
    this.#decoder.gap();
    this.#afterGap = true;
  }

  #deliverLines(run: Run, start: number, end: number, firstNumber: number): void {
    let number = firstNumber;
    for (let at = start; at < end; number++) {
      const lineEnd = endOfLine(run.buffer, at, end);
      this.#deliver(run, at, lineEnd, number);
      at = lineEnd;
    }
  }

  #deliver(run: Run, start: number, lineEnd: number, number: number): void {
    const line = physicalLine(run, start, lineEnd, number);
    this.#deliveredTo = line.endByte;
    this.#followed.lines++;
    if (line.firstByte >= this.#nextSample)
      this.#nextSample = (Math.floor(line.firstByte / sampleEvery) + 1) * sampleEvery;
    this.#emit(this.#decoder.push(line));
  }

  /** Keeps a line that is wanted by itself, until nothing can look back at it any more. */
  #putAside(line: PhysicalLine): void {
    this.#aside.push(line);
    const reach = line.firstByte - lookbackBytes;
    while (this.#aside.length > lookbackLines || (this.#aside[0]?.firstByte ?? reach) < reach) {
      const oldest = this.#aside.shift();
      if (oldest !== undefined) this.#deliverAlone(oldest);
    }
  }

  /** Delivers what was put aside before `offset`; what stands behind it is delivered with the lines around it. */
  #deliverAside(offset: number): void {
    const aside = this.#aside;
    if (aside.length === 0) return;
    this.#aside = [];
    for (const line of aside) if (line.firstByte < offset) this.#deliverAlone(line);
  }

  #deliverAlone(line: PhysicalLine): void {
    this.#tellGap(line.firstByte);
    this.#deliveredTo = line.endByte;
    this.#emit(this.#decoder.push(line));
  }

  #emit(lines: readonly LogLine[]): void {
    for (const line of lines) {
      if (this.#afterGap) {
        this.#afterGap = false;
        this.#options.sink.line({ ...line, afterGap: true });
      } else {
        this.#options.sink.line(line);
      }
    }
  }

  #follow(offset: number): void {
    this.#followed = { from: offset, lines: 0, wantedLines: followLines, wantedBytes: followBytes };
  }

  /** True if the line at `offset` goes through whatever it holds. */
  #follows(offset: number): boolean {
    if (offset < headBytes || this.#options.sink.busy || this.#decoder.needsEveryLine) return true;
    const { from, lines, wantedLines, wantedBytes } = this.#followed;
    const distance = offset - from;
    return (lines < wantedLines || distance < wantedBytes) && distance < followBytesMost;
  }

  /** A literal in the part of a line that is cut off makes no difference: nobody will see it. */
  #weighLine(run: Run, start: number, lineEnd: number, hit: number): Weight {
    if (hit >= start + maxLineBytes) return false;
    const { buffer, end } = run;
    const known = end - lineEnd >= followingBytes;
    const following = () => (known ? buffer.toString('latin1', lineEnd, lineEnd + followingBytes) : undefined);
    return this.#weigh(rawLine(run, start, lineEnd), following);
  }

  #weigh(raw: string, following: () => string | undefined): Weight {
    return this.#decoderLiterals.some((literal) => raw.includes(literal)) || this.#options.matters(raw, following);
  }
}

/** Without those that hold another one of them: where they stand, that one stands too. */
function withoutRedundant(literals: readonly string[]): string[] {
  return literals.filter((literal) => !literals.some((other) => other !== literal && literal.includes(other)));
}
