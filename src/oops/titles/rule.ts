/** The headlines of `specs/titles.md` section 2, by the text that makes them, and ktriage's own ones. */
export type HeaderName = string;

/**
 * Where candidates for the guilty function come from, in order (`specs/titles.md` section 4, Collecting):
 * `IP` the next IP line, `T` the next introduced trace, `T*` the frames from here on, `H` the headline's function.
 */
export type SearchStep =
  | 'IP'
  /** As `IP`; powerpc's `--- interrupt: 700 at func` will do as well. */
  | 'IP or interrupt'
  | 'T'
  | 'T*'
  | 'H'
  /** Go on behind the next line that matches; if there is none, nothing after it is found either. */
  | { readonly after: RegExp }
  /** The function captured by group 1 of the first match from here on is the answer: not skipped, no prefix removed. */
  | { readonly text: RegExp }
  /** The function captured by group 1 is a candidate. */
  | { readonly candidate: RegExp };

/** One row of the table of kinds: a text in the title window, the title it makes, and where its function is. */
export interface TitleRule {
  readonly header: HeaderName;
  /** Looked for in the title window, whose lines are joined by `\n`. The earliest match of a header's rules wins. */
  readonly find: RegExp;
  /** Must match too, somewhere from the match's start on; its groups are handed to `title` as `needed`. */
  readonly needs?: RegExp;
  /** With `{F}` for the guilty function and `{G}` for the second one (KMSAN's origin). */
  readonly title: string | ((match: RegExpExecArray, needed: RegExpExecArray | null) => string);
  readonly also?: readonly string[] | ((match: RegExpExecArray) => readonly string[]);
  /** Absent: the title has no function. */
  readonly from?: readonly SearchStep[];
  /** Where to look instead if `from` yields nothing usable. */
  readonly orFrom?: readonly SearchStep[];
  /** Where the second function, `{G}`, is; a report without it is corrupted. */
  readonly second?: readonly SearchStep[];
  /** Names skipped for this kind only; substrings unless anchored. */
  readonly skip?: readonly RegExp[];
  /** `stall`: the function above an anchor; `hung`: what the task waits for (sections 5.4, 5.5). */
  readonly pick?: 'stall' | 'hung';
  /** The stack checks of section 10 do not apply. */
  readonly exempt?: boolean;
  /** Always corrupted. */
  readonly damaged?: boolean;
  /** Ours: a kind of the catalogue, `family/variant`. */
  readonly kind: string | ((match: RegExpExecArray, needed: RegExpExecArray | null) => string);
  /** Ours: the type where the table of section 9 has none. */
  readonly type?: string;
}
