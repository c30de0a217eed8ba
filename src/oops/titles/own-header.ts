/** A headline that `specs/titles.md` does not know. */
export interface OwnHeader {
  readonly name: string;
  /** Rare text that every such line holds, for the scanner that skips what has none. */
  readonly literal: string;
  /** True if a message (without prefix) is the headline: the whole form of the line, not a word of it. */
  matches(text: string): boolean;
  /** Its report is a notice at most. */
  readonly notice?: boolean;
  /** Each of its lines begins a report, however soon after the one before: they tell of one event each. */
  readonly single?: boolean;
  /**
   * The headline is only the beginning of a report that another line gives its name to: if such a line follows
   * in the same context, the report is that one, and this line belongs to what stands before it.
   */
  readonly yieldsTo?: RegExp;
}

/** A header whose lines are told by one pattern, anchored at the line's start. */
export function header(name: string, literal: string, pattern: RegExp, yieldsTo?: RegExp): OwnHeader {
  const matches = (text: string): boolean => text.includes(literal) && pattern.test(text);
  return { name, literal, matches, ...(yieldsTo === undefined ? {} : { yieldsTo }) };
}

/** A header of which each line is an event of its own. */
export function singleHeader(name: string, literal: string, pattern: RegExp, yieldsTo?: RegExp): OwnHeader {
  return { ...header(name, literal, pattern, yieldsTo), single: true };
}
