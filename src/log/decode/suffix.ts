import type { Item } from './item.ts';

/** What tables and Markdown put behind lines: a border, a backslash for a line break. */
const tail = /\s*(?:\||\xe2\x94\x82|\xe2\x95\x91|\xe2\x94\x83|\\)$/;
const leastLines = 6;

/** Takes off what stands behind nearly all lines of a block and ends none of the kernel's. */
export function takeSuffixes(items: readonly Item[]): boolean {
  let lines = 0;
  let have = 0;
  for (const { text } of items) {
    if (text === '') continue;
    lines++;
    const code = text.charCodeAt(text.length - 1);
    if (code === 0x7c || code === 0x5c || code >= 0x80) have++;
    else if (lines > leastLines && have * 2 < lines) return false;
  }
  if (have < leastLines || have * 10 < lines * 9) return false;
  for (const item of items) {
    const m = tail.exec(item.text.slice(-512));
    if (m !== null) item.text = item.text.slice(0, item.text.length - m[0].length);
  }
  return true;
}
