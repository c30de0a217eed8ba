/** What a failed operation leaves the program with. `usage` is 2 on the exit, `unvouched` is 3. */
export type ErrorOutcome = 'usage' | 'unvouched';

/**
 * An error that a user can act on: what failed, why, and what to do about it.
 * `code` is stable (`KT-INPUT-UNREADABLE`) and may be looked for by scripts.
 */
export class KtriageError extends Error {
  readonly code: string;
  readonly why: string;
  readonly hint: string;
  readonly outcome: ErrorOutcome;

  constructor(code: string, what: string, why: string, hint: string, outcome: ErrorOutcome = 'usage') {
    super(what);
    this.name = 'KtriageError';
    this.code = code;
    this.why = why;
    this.hint = hint;
    this.outcome = outcome;
  }
}

/** Marks the end of an exhaustive switch: the compiler refuses a case that was forgotten. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${String(value)}`);
}
