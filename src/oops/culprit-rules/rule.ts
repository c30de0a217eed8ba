import { ruleName } from '../../util/function-name.ts';

/** One reason for not blaming a function. */
export interface PassRule {
  /** Told to the user with the frame that was passed over. */
  readonly words: string;
  /** Names as they are, without compiler suffixes. */
  readonly names?: ReadonlySet<string>;
  /** Anchored on both ends or on a whole first word: a rule must not hit what merely contains a word. */
  readonly patterns?: readonly RegExp[];
  /** Kinds (`hang/soft-lockup`) or families (`hang`) it holds for; absent: all. */
  readonly appliesTo?: readonly string[];
  /**
   * What becomes of a function if nothing better is found: `never` to be blamed (it only reports),
   * `late` (it stands in every stack of its sort), else the first one of them is taken.
   */
  readonly fallback?: 'never' | 'late';
}

/** Splits a table of names that is written as text. */
export function names(text: TemplateStringsArray): ReadonlySet<string> {
  return new Set(text.join('').split(/\s+/).filter(Boolean));
}

/** True if the rule holds for reports of this kind. */
export function appliesTo(rule: PassRule, kind: string): boolean {
  return rule.appliesTo?.some((entry) => kind === entry || kind.startsWith(`${entry}/`)) ?? true;
}

/** True if a rule is about the function of this name; the name may still have its compiler suffixes. */
export function ruleMatches(rule: PassRule, functionName: string): boolean {
  const name = ruleName(functionName);
  return rule.names?.has(name) === true || rule.patterns?.some((pattern) => pattern.test(name)) === true;
}
