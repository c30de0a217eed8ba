import { isDigit, MangledReader, maxResultLength } from './reader.ts';

/** Characters that the legacy mangling spells out between dollar signs (rustc, `symbol_names/legacy.rs`). */
const escapes: ReadonlyMap<string, string> = new Map([
  ['SP', '@'],
  ['BP', '*'],
  ['RF', '&'],
  ['LT', '<'],
  ['GT', '>'],
  ['LP', '('],
  ['RP', ')'],
  ['C', ','],
]);

/** What makes the name Rust's and not C++'s: its last part is a hash. */
const hashPart = /^h[0-9a-f]{16}$/;

/**
 * The text of a legacy Rust name (`_ZN...17h0123456789abcdefE`) without its hash; undefined if the name has no such
 * hash (then it is C++). Throws NotMangledError if it is damaged.
 */
export function demangleRustLegacy(name: string): string | undefined {
  const input = new MangledReader(name);
  input.expect('_ZN');
  const parts: string[] = [];
  while (!input.eat('E')) {
    if (!isDigit(input.peek())) {
      // A C++ production: no Rust name has one.
      return undefined;
    }
    parts.push(input.take(input.decimal()));
  }
  if (parts.length < 2 || !hashPart.test(parts.pop() ?? '')) {
    return undefined;
  }
  if (!input.atEnd && input.peek() !== '.' && input.peek() !== '$') {
    return undefined;
  }
  const text = parts.map(unescapePart).join('::');
  return text.length > maxResultLength ? input.fail() : text;
}

/** One part of the path: `$LT$impl$u20$core..fmt..Debug$GT$`. */
function unescapePart(part: string): string {
  // A part may not begin with a dollar sign in the object file; an underscore is put before it.
  let rest = part.startsWith('_$') ? part.slice(1) : part;
  let text = '';
  while (rest !== '') {
    if (rest.startsWith('..')) {
      text += '::';
      rest = rest.slice(2);
    } else if (rest.startsWith('.')) {
      text += '.';
      rest = rest.slice(1);
    } else if (rest.startsWith('$')) {
      const end = rest.indexOf('$', 1);
      const character = end < 0 ? undefined : escaped(rest.slice(1, end));
      if (character === undefined) {
        return text + rest;
      }
      text += character;
      rest = rest.slice(end + 1);
    } else {
      const plain = /^[^.$]+/.exec(rest)?.[0] ?? rest;
      text += plain;
      rest = rest.slice(plain.length);
    }
  }
  return text;
}

function escaped(word: string): string | undefined {
  const named = escapes.get(word);
  if (named !== undefined) {
    return named;
  }
  const digits = /^u([0-9a-f]{1,6})$/.exec(word)?.[1];
  const codePoint = digits === undefined ? undefined : Number.parseInt(digits, 16);
  const valid = codePoint !== undefined && codePoint <= 0x10ffff && !(codePoint >= 0xd800 && codePoint <= 0xdfff);
  const control = codePoint !== undefined && (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0));
  return valid && !control ? String.fromCodePoint(codePoint) : undefined;
}
