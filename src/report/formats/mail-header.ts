import type { Recipient } from '../../model/owners.ts';

/** Bytes of an encoded word, delimiters included (RFC 2047, 2). */
const longestEncodedWord = 75;
/** Characters of a header's text; more is nobody's name or title. */
const longestText = 200;

/** Addresses that every mail program reads: no quoting, comments or groups, and no option of the program that sends. */
const plainAddress = /^(?!-)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,100}@[A-Za-z0-9.-]{1,150}$/;

/** True for an address that can stand in a header as it is. */
export const isPlainAddress = (address: string): boolean => plainAddress.test(address);

/** One line without any character that is not seen; lone surrogates have no encoding. */
function oneLine(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
  return [...line].slice(0, longestText).join('');
}

/** A character as RFC 2047's Q has it in any header. */
function quoted(character: string): string {
  if (/^[A-Za-z0-9!*+/-]$/.test(character)) return character;
  if (character === ' ') return '_';
  return [...Buffer.from(character, 'utf8')]
    .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}

/** Encoded words, none longer than it may be; readers join them again. */
function encodedWords(text: string): string {
  const begin = '=?UTF-8?Q?';
  const end = '?=';
  const words: string[] = [];
  let open = '';
  for (const character of text) {
    const next = quoted(character);
    if (begin.length + open.length + next.length + end.length > longestEncodedWord) {
      words.push(open);
      open = '';
    }
    open += next;
  }
  return [...words, open].map((word) => `${begin}${word}${end}`).join('\n ');
}

/**
 * Text for a header that may have any: one line of ASCII, or encoded (RFC 2047), folded where that is too long. What
 * looks like an encoded word already is encoded once more, as readers would decode it.
 */
export function headerText(text: string): string {
  const line = oneLine(text);
  return /^[\x20-\x7e]*$/.test(line) && !line.includes('=?') ? line : encodedWords(line);
}

/** `Name <address>`, the name in quotes or encoded where it must be. */
export function mailbox({ name, address }: Pick<Recipient, 'name' | 'address'>): string {
  const line = oneLine(name ?? '');
  if (line === '') return address;
  if (!/^[\x20-\x7e]*$/.test(line) || line.includes('=?')) return `${encodedWords(line)} <${address}>`;
  return `${/^[\w \-!#$%&'*+/=?^`{|}~]+$/.test(line) ? line : `"${line.replace(/(["\\])/g, '\\$1')}"`} <${address}>`;
}

/** A header of addresses, one a line; nothing for none. */
export function addressHeader(name: string, addresses: readonly string[]): string[] {
  return addresses.length === 0 ? [] : [`${name}: ${addresses.join(',\n ')}`];
}
