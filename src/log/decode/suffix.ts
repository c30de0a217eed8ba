import type { Item } from './item.ts';

/** What tables and Markdown put behind lines: borders (UTF-8), a backslash for a line break. */
const tails = ['|', '\\', '\xe2\x94\x82', '\xe2\x94\x83', '\xe2\x95\x91'];
const lastCodes: ReadonlySet<number> = new Set(tails.map((tail) => tail.charCodeAt(tail.length - 1)));
const leastLines = 6;

/** Takes off what stands behind nearly all lines of a block and ends none of the kernel's. */
export function takeSuffixes(items: readonly Item[]): boolean {
  let lines = 0;
  let have = 0;
  for (const { text } of items) {
    if (text === '') continue;
    lines++;
    if (lastCodes.has(text.charCodeAt(text.length - 1))) have++;
    else if (lines > leastLines && have * 2 < lines) return false;
  }
  if (have < leastLines || have * 10 < lines * 9) return false;
  for (const item of items) {
    const tail = tails.find((end) => item.text.endsWith(end));
    if (tail !== undefined) item.text = item.text.slice(0, -tail.length).trimEnd();
  }
  return true;
}
