/** A line of the input as it stands there, before any decoration is taken off. */
export interface PhysicalLine {
  /** A char per byte, without its line feed; a line longer than `maxLineBytes` is cut. */
  readonly bytes: string;
  /** Counts from 1. */
  readonly number: number;
  /** Offset of its first byte in the input, and of the byte after its line feed. */
  readonly firstByte: number;
  readonly endByte: number;
}

/** Longer lines are cut: no kernel message is as long, and no regular expression should see more. */
export const maxLineBytes = 65_536;
