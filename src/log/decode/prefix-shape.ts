/**
 * What prefixes of one kind have in common: numbers with the blanks that pad them, names of days and months may
 * differ, all else is the same on every line. Kept as tokens and not as a regular expression: matching is linear.
 */
export interface PrefixShape {
  /** Equal for prefixes of one kind. */
  readonly key: string;
  readonly tokens: readonly string[];
}

const number = '\x00';
const name = '\x01';
const token =
  / {0,40}\d{1,40}|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun|AM|PM)\b|[^\d ]| /g;

/** The shape of a prefix; longer ones than 200 bytes are cut. */
export function shapeOf(prefix: string): PrefixShape {
  const tokens: string[] = [];
  let literal = '';
  for (const [part] of prefix.slice(0, 200).matchAll(token)) {
    const kind = /\d/.test(part) ? number : part.length > 1 ? name : '';
    if (kind === '') {
      literal += part;
      continue;
    }
    if (literal !== '') tokens.push(literal);
    literal = '';
    tokens.push(kind);
  }
  if (literal !== '') tokens.push(literal);
  return { key: tokens.join(''), tokens };
}

function behindNumber(text: string, at: number): number {
  let i = at;
  while (text.charCodeAt(i) === 0x20 && i < at + 40) i++;
  const first = i;
  while (i < first + 40) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39 || Number.isNaN(code)) break;
    i++;
  }
  return i === first ? -1 : i;
}

function behindName(text: string, at: number): number {
  let i = at;
  while (i < at + 3 && /[A-Za-z]/.test(text[i] ?? '')) i++;
  return i >= at + 2 ? i : -1;
}

/** Where the text begins behind a prefix of this shape, -1 if there is none. Blanks at the end of a line may be lost. */
export function behindPrefix(shape: PrefixShape, text: string): number {
  let at = 0;
  for (const part of shape.tokens) {
    if (part === number) at = behindNumber(text, at);
    else if (part === name) at = behindName(text, at);
    else if (text.startsWith(part, at)) at += part.length;
    else return part.startsWith(text.slice(at)) && part.slice(text.length - at).trim() === '' ? text.length : -1;
    if (at < 0) return -1;
  }
  return at;
}
