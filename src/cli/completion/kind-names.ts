import { ruleNames } from '../../diagnose/rule-names.ts';
import { listKinds } from '../../oops/kinds/kinds.ts';

/** The names that `ktriage explain` takes: kinds, then rules. */
export function kindNames(): string[] {
  return [...listKinds().map((kind) => kind.name), ...[...ruleNames].sort()];
}
