import { maxLineBytes, type PhysicalLine } from './physical-line.ts';

const lineFeed = 10;
const byteOrderMark = '\xef\xbb\xbf';

/** A stretch of whole lines in a buffer, and where it stands in the input. */
export interface Run {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  /** Offset in the input of `buffer[0]`. */
  readonly base: number;
  /** Bytes of the last line that are not in the buffer: the cut part of a huge line, and its line feed. */
  readonly missing: number;
}

/** End of the line that begins at `start`, behind its line feed; the end of the run for one without. */
export function endOfLine(buffer: Buffer, start: number, end: number): number {
  const at = buffer.indexOf(lineFeed, start);
  return at < 0 || at >= end ? end : at + 1;
}

/** The line's text without line feed, cut to what is allowed. */
export function rawLine(run: Run, start: number, lineEnd: number): string {
  const textEnd = run.buffer[lineEnd - 1] === lineFeed ? lineEnd - 1 : lineEnd;
  return run.buffer.toString('latin1', start, Math.min(textEnd, start + maxLineBytes));
}

/** The line as it is handed on; a byte order mark at the input's start is dropped. */
export function physicalLine(run: Run, start: number, lineEnd: number, number: number): PhysicalLine {
  const firstByte = run.base + start;
  const endByte = run.base + lineEnd + (lineEnd === run.end ? run.missing : 0);
  const text = rawLine(run, start, lineEnd);
  const bytes = firstByte === 0 && text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text;
  return { bytes, number, firstByte, endByte };
}

/** Start of the first line at or behind the offset `wanted`; the run's end if that is not in it. */
export function sampleStart(run: Run, at: number, wanted: number): number {
  const place = wanted - run.base;
  if (place <= at) return at;
  if (place >= run.end) return run.end;
  return endOfLine(run.buffer, place - 1, run.end);
}

/**
 * Start of the lines before `end` that may be delivered: back to `floor` (the start of a line, or of a byte range in
 * the middle of one, which is then left out), at most `maxLines` lines, and not over a line that would be cut.
 */
export function linesBack(
  buffer: Buffer,
  end: number,
  floor: number,
  floorIsLineStart: boolean,
  maxLines: number,
): { readonly start: number; readonly lines: number } {
  let start = end;
  let lines = 0;
  while (start > floor && lines < maxLines) {
    // The byte before `start` is the line feed of the line looked at.
    const before = start >= 2 ? buffer.lastIndexOf(lineFeed, start - 2) : -1;
    let lineStart = before + 1;
    if (lineStart < floor) {
      if (!floorIsLineStart) break;
      lineStart = floor;
    }
    if (start - 1 - lineStart > maxLineBytes) break;
    start = lineStart;
    lines++;
  }
  return { start, lines };
}
