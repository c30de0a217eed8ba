/**
 * The pieces of which kallsyms puts names together: 256 texts that end with NUL (`kallsyms_token_table`), and where each
 * begins (`kallsyms_token_index`); see scripts/kallsyms.c.
 */
export interface TokenTables {
  /** Where the texts begin, in the bytes that were searched. */
  readonly start: number;
  /** Behind the index, which follows the texts. */
  readonly end: number;
  /** The texts; empty where a byte is not used. */
  readonly tokens: readonly Uint8Array[];
}

const count = 256;
/** Texts are aligned to 4 bytes (7.x) or 8 before their index. */
const mostPadding = 8;
/** Bytes of a text; those of real kernels have up to some 20. */
const longest = 512;
/** All digits are in names, each as itself: scripts/kallsyms.c gives only bytes away that no name has. */
const firstDigit = 0x30;
const digits = Buffer.from('0\x001\x002\x003\x004\x005\x006\x007\x008\x009\0', 'latin1');

/** The tables in some bytes, in their order. */
export function* findTokens(bytes: Uint8Array): Iterable<TokenTables> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = buffer.indexOf(digits); at !== -1; at = buffer.indexOf(digits, at + 1)) {
    const found = tablesAround(bytes, at);
    if (found !== undefined) yield found;
  }
}

/** The tables if a place is where the text of the digit 0 begins. */
function tablesAround(bytes: Uint8Array, digit: number): TokenTables | undefined {
  let end = digit;
  for (let token = firstDigit; token < count; token++) {
    const length = bytes.subarray(end, end + longest).indexOf(0);
    if (length < 0) return undefined;
    end += length + 1;
  }
  for (let index = end; index < end + mostPadding; index++) {
    if (index > end && bytes[index - 1] !== 0) return undefined;
    const found = tablesAt(bytes, digit, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function tablesAt(bytes: Uint8Array, digit: number, index: number): TokenTables | undefined {
  const end = index + 2 * count;
  if (end > bytes.length) return undefined;
  const at = (token: number): number => (bytes[index + 2 * token] ?? 0) | ((bytes[index + 2 * token + 1] ?? 0) << 8);
  const start = digit - at(firstDigit);
  if (at(0) !== 0 || start < 0) return undefined;
  const tokens: Uint8Array[] = [];
  for (let token = 0; token < count; token++) {
    const from = start + at(token);
    const to = token + 1 < count ? start + at(token + 1) - 1 : bytes.indexOf(0, from);
    if (to < from || to - from > longest || to >= index || bytes[to] !== 0) return undefined;
    const text = bytes.subarray(from, to);
    if (!text.every(isPrintable)) return undefined;
    tokens.push(text);
  }
  return { start, end, tokens };
}

/** Whether a byte can be in a symbol's name, or its type. */
export function isPrintable(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}
