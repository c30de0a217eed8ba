import { listKinds } from '../../oops/kinds/kinds.ts';
import { usageError } from '../errors.ts';
import { type FailOn, parseFailOn } from '../fail-on.ts';
import { nearest } from '../near.ts';

/**
 * @param option that has them.
 * @throws KtriageError KT-USAGE for kinds that do not exist: none would ever be met.
 */
export function checkKinds(failOn: FailOn, option = '--fail-on'): void {
  const names = listKinds().map((kind) => kind.name);
  for (const condition of parseFailOn(failOn) ?? []) {
    if (condition.type !== 'kind') continue;
    const { family, variant } = condition;
    const isKnown =
      variant === undefined
        ? names.some((name) => name.startsWith(`${family}/`))
        : names.includes(`${family}/${variant}`);
    if (isKnown) continue;
    const meant = nearest(`${family}/${variant ?? '*'}`, variant === undefined ? families(names) : names);
    throw usageError(
      `${option} has a kind that ktriage does not know: ${family}/${variant ?? '*'}`,
      'no report would ever be of it',
      meant === undefined ? 'ktriage explain --list shows all kinds' : `did you mean ${meant}?`,
    );
  }
}

const families = (names: readonly string[]): string[] => [...new Set(names.map((name) => name.replace(/\/.*/, '/*')))];
