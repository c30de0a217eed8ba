/** A range as it was named. */
export interface RangeNames {
  readonly good: string;
  readonly bad: string;
}

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
