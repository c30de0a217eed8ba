import { plainReleaseOf } from '../symbols/places.ts';
import { usageError } from './errors.ts';

/** What `--release` gives as an option for those who look for files. @throws KtriageError KT-USAGE for what is none. */
export function releaseOption(release: string | undefined): { readonly release?: string } {
  if (release === undefined) return {};
  if (plainReleaseOf(release) !== undefined) return { release };
  throw usageError(
    `--release ${release === '' ? '(empty)' : release} is no kernel's release`,
    'it becomes a part of paths: letters, digits and ._+~- are allowed, 128 at most, a letter or digit first',
    'name it as uname -r prints it: 6.1.0-50-amd64',
  );
}
