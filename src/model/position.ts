/**
 * A place in the input as it was given (after decompression): lines count from 1,
 * bytes from 0, `endByte` is exclusive and includes the last line's end.
 */
export interface TextRange {
  readonly firstLine: number;
  readonly lastLine: number;
  readonly firstByte: number;
  readonly endByte: number;
}

/** The smallest range that holds both. */
export function joinRanges(a: TextRange, b: TextRange): TextRange {
  return {
    firstLine: Math.min(a.firstLine, b.firstLine),
    lastLine: Math.max(a.lastLine, b.lastLine),
    firstByte: Math.min(a.firstByte, b.firstByte),
    endByte: Math.max(a.endByte, b.endByte),
  };
}
