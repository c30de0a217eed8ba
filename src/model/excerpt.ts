/** How sure it is that lines of source are those that were compiled. */
export const excerptStates = [
  'same', // proven: checksum, or the very commit
  'likely', // the release or the times agree, and nothing contradicts
  'unverified', // nothing could be compared, or what could does not say
  'changed', // known to be of another state
  'missing', // there is no such file, or it could not be shown
] as const;
export type ExcerptState = (typeof excerptStates)[number];

/** The lines around a position in source code, as they lie on this machine. */
export interface SourceExcerpt {
  /** The file that was read; absent where none was found. */
  readonly path?: string;
  /** Number of the first of `lines`. */
  readonly firstLine: number;
  /** Tabs expanded to columns of 8; very long lines are cut, and have `…` there. Empty if there is nothing to show. */
  readonly lines: readonly string[];
  /** The character of the position's line that the debug information names, from 1. */
  readonly column?: number;
  readonly state: ExcerptState;
  /** What was compared, and what came of it, in words. */
  readonly note: string;
}
