import { listKinds } from '../../oops/kinds/kinds.ts';

/** The names that `ktriage explain` takes. */
export function kindNames(): string[] {
  return listKinds().map((kind) => kind.name);
}
