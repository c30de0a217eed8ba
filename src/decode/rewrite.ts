/** A part of a line and what stands there now; without a text it stays, with the address before it. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string | undefined;
}

// x86 had a segment before it (`RIP: 0010:[<ffffffff81234567>]`).
const address = /(?:[0-9a-f]{4}:)?\[<(?:0x)?[0-9a-f]{8,16}>\]/g;

const isBlank = (character: string | undefined): boolean =>
  character === undefined || character === ' ' || character === '\t';

interface AddressWord {
  readonly start: number;
  readonly end: number;
  /** s390: `([<0000000000112233>] symbol)`. */
  readonly opens: boolean;
}

/** Words that are nothing but an address, with the blanks before them. */
function addressWords(line: string): AddressWord[] {
  if (!line.includes('[<')) return [];
  const words: AddressWord[] = [];
  for (const match of line.matchAll(address)) {
    const opens = line[match.index - 1] === '(';
    let start = opens ? match.index - 1 : match.index;
    let end = match.index + match[0].length;
    if (line[end] === ')') end += 1;
    if (!isBlank(line[start - 1]) || !isBlank(line[end])) continue;
    const least = words.at(-1)?.end ?? 0;
    while (start > least && isBlank(line[start - 1])) start--;
    words.push({ start, end, opens: opens && line[end - 1] !== ')' });
  }
  return words;
}

/**
 * The line with symbols replaced by names and positions, as scripts/decode_stacktrace.sh of the kernel's tree leaves
 * it: brackets around a symbol go, and so do words that are addresses. `replacements` are in order, do not overlap,
 * and are not empty.
 */
export function rewriteLine(line: string, replacements: readonly Replacement[]): string {
  const cuts = addressWords(line);
  const pieces: string[] = [];
  let from = 0;
  let nth = 0;
  let opened = false;
  const copyTo = (end: number): void => {
    for (let cut = cuts[nth]; cut !== undefined && cut.end <= end; cut = cuts[++nth]) {
      if (cut.start < from) continue;
      pieces.push(line.slice(from, cut.start));
      from = cut.end;
      opened = cut.opens;
    }
    const rest = line.slice(from, end);
    if (rest.trim() !== '') opened = false;
    pieces.push(rest);
  };
  for (const { start, end, text } of replacements) {
    if (text === undefined) {
      pieces.push(line.slice(from, end));
      from = end;
      opened = false;
      while ((cuts[nth]?.start ?? Number.POSITIVE_INFINITY) < from) nth += 1;
      continue;
    }
    const closes = line[end] === ')';
    const inBrackets = closes && line[start - 1] === '(' && start > from;
    copyTo(inBrackets ? start - 1 : start);
    from = inBrackets || (closes && opened) ? end + 1 : end;
    opened = false;
    pieces.push(text);
    // An address that was decoded is no word to be left out.
    while ((cuts[nth]?.start ?? Number.POSITIVE_INFINITY) < from) nth += 1;
  }
  copyTo(line.length);
  return pieces.join('');
}
