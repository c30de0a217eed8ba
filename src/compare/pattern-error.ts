import { KtriageError } from '../util/errors.ts';
import { asBytes, Matcher } from '../util/pattern/matcher.ts';
import { PatternError } from '../util/pattern/syntax.ts';

/**
 * A matcher of patterns that a user wrote.
 * @param where what they were given by, for the error: `--expect-end`, `known.json, entry 3, title`.
 * @throws KtriageError KT-PATTERN.
 */
export function userMatcher(patterns: readonly string[], where: string): Matcher {
  try {
    return new Matcher(patterns.map(asBytes));
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new KtriageError(
      'KT-PATTERN',
      `${where} is no pattern that ktriage takes: ${patterns[0] ?? ''}`,
      `${error.message} (at byte ${error.at + 1})`,
      'write an extended regular expression, as grep -E takes it; a backslash before a character takes it as it is',
    );
  }
}
