/** Steps that make titles of the same bug the same (`specs/titles.md` section 8), in order. */
const steps: readonly (readonly [RegExp, string])[] = [
  [/(syz-executor)\.?[0-9]+(?:[/:][0-9]+)?/g, '$1'],
  [/(syzkaller)[0-9]+(?:[/:][0-9]+)?/g, '$1'],
  [/([^A-Za-z0-9])(?:0x)?[0-9a-f]{6,}/g, '$1ADDR'],
  [/[0-9]{1,3}(?:\.[0-9]{1,3}){3}/g, 'IP'],
  [/(\.[a-zA-Z]+):[0-9]+(?::[0-9]+)?/g, '$1:LINE'],
  [/([A-Za-z0-9_.]+)\+0x[0-9a-f]+\/0x[0-9a-f]+/g, '$1'],
  [/CPU#[0-9]+/g, 'CPU'],
  [/(\W)[0-9]+(?=\W|$)/g, '$1NUM'],
  [/[0-9]{7,}/g, 'NUM'],
];

/** A title without what differs from one occurrence to the next: numbers, addresses, places in files. */
export function scrub(title: string): string {
  let out = title;
  for (const [pattern, by] of steps) {
    // Each match makes the text shorter or free of what the pattern needs, so that a few rounds are enough.
    for (let round = 0; round < 8; round++) {
      const next = out.replace(pattern, by);
      if (next === out) break;
      out = next;
    }
  }
  return out
    .slice(0, 120)
    .replace(/\t/g, ' ')
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}
