import type { RuleName } from '../rule-names.ts';

/** What `ktriage explain RULE` says of a rule. */
export interface RulePage {
  /** One line: what it concludes. */
  readonly summary: string;
  /** What the conclusion means. */
  readonly meaning: string;
  /** How it is recognized, and what makes it certain, likely or possible. */
  readonly recognized: string;
  /** What speaks against it, or looks the same. */
  readonly against: string;
  /** How to go on. */
  readonly next: string;
}

/** Pages of some of the rules. */
export type RulePages<Name extends RuleName> = Readonly<Record<Name, RulePage>>;
