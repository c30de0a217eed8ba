import { InvalidArgumentError, Option } from 'commander';
import type { RangeNames } from '../ownership/range-names.ts';

/**
 * The two ends of `GOOD..BAD`; `GOOD..` ends at HEAD, as for git. Undefined for what is none: `A...B` is another thing,
 * and no name begins with `-` (git-check-ref-format(1)).
 */
export function parseRange(text: string): RangeNames | undefined {
  const at = text.indexOf('..');
  const good = text.slice(0, Math.max(at, 0));
  const bad = text.slice(at + 2) || 'HEAD';
  const isName = (name: string): boolean =>
    name !== '' && name.length <= 1024 && !/^[-.]|[\x00-\x20\x7f]|\.\./.test(name);
  return isName(good) && isName(bad) ? { good, bad } : undefined;
}

function range(text: string): RangeNames {
  const names = parseRange(text);
  if (names === undefined)
    throw new InvalidArgumentError('It is GOOD..BAD: two commits, tags or branches, such as v6.1..HEAD.');
  return names;
}

/** The option that names the commits among which suspects are looked for. */
export const rangeOption = (): Option =>
  new Option(
    '--range <good..bad>',
    'with --source, a git checkout: the commits since the good one that touch what is on the stacks',
  ).argParser(range);

/** What was given on the command line. */
export function rangeFlag({ range: given }: Readonly<Record<string, unknown>>): RangeNames | undefined {
  if (typeof given !== 'object' || given === null || !('good' in given) || !('bad' in given)) return undefined;
  const { good, bad } = given;
  return typeof good === 'string' && typeof bad === 'string' ? { good, bad } : undefined;
}
