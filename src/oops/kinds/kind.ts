import type { Severity } from '../../model/severity.ts';

/** One entry of the catalogue that `ktriage explain --list` prints. Kinds are an API: they never change their name. */
export interface Kind {
  /** `family/variant`, lower case with dashes. */
  readonly name: string;
  readonly severity: Severity;
  /** One line: what it is. */
  readonly summary: string;
  /** A paragraph: what it means, and what to look at first. */
  readonly explanation: string;
  /** The kernel document that covers it, a path below Documentation/ or a URL of docs.kernel.org. */
  readonly document: string;
}
