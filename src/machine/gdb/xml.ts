/** As much XML as target descriptions need: elements with attributes, and the text in them. */
export type XmlEvent =
  | { readonly kind: 'open'; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function decoded(text: string): string {
  return text.includes('&')
    ? text.replace(/&([a-z]{2,4});/g, (whole, name: string) => entities.get(name) ?? whole)
    : text;
}

/** Elements with more attributes than any has; the rest is not looked at. */
const mostAttributes = 32;

function attributesOf(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  let at = 0;
  while (attributes.size < mostAttributes) {
    const equals = text.indexOf('=', at);
    if (equals < 0) break;
    const name = text.slice(at, equals).trim();
    let start = equals + 1;
    while (start < text.length && ' \t\r\n'.includes(text.charAt(start))) start++;
    const quote = text.charAt(start);
    if (quote !== '"' && quote !== "'") break;
    const end = text.indexOf(quote, start + 1);
    if (end < 0) break;
    attributes.set(name, decoded(text.slice(start + 1, end)));
    at = end + 1;
  }
  return attributes;
}

/** The `>` that ends a tag, past those in quotes; -1 if there is none. */
function endOfTag(text: string, from: number): number {
  let quote = '';
  for (let i = from; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return i;
  }
  return -1;
}

/** The elements and texts of a document, in order. Comments, declarations and what is cut off at the end are left out. */
export function* xmlEvents(text: string): Generator<XmlEvent> {
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('<', at);
    const between = text.slice(at, open < 0 ? text.length : open);
    if (between.trim() !== '') yield { kind: 'text', text: decoded(between.trim()) };
    if (open < 0) return;
    if (text.startsWith('<!--', open)) {
      const end = text.indexOf('-->', open + 4);
      if (end < 0) return;
      at = end + 3;
      continue;
    }
    const close = endOfTag(text, open + 1);
    if (close < 0) return;
    at = close + 1;
    const inner = text.slice(open + 1, close);
    if (inner.startsWith('?') || inner.startsWith('!')) continue;
    if (inner.startsWith('/')) {
      yield { kind: 'close', name: inner.slice(1).trim() };
      continue;
    }
    const isEmpty = inner.endsWith('/');
    const body = isEmpty ? inner.slice(0, -1) : inner;
    const blank = body.search(/\s/);
    const name = blank < 0 ? body : body.slice(0, blank);
    yield { kind: 'open', name, attributes: blank < 0 ? new Map() : attributesOf(body.slice(blank)) };
    if (isEmpty) yield { kind: 'close', name };
  }
}
