/** Why a pattern is none of ours, and where: the number of the character, from 0. */
export class PatternError extends Error {
  readonly at: number;

  constructor(why: string, at: number) {
    super(why);
    this.name = 'PatternError';
    this.at = at;
  }
}

/** What must hold between two bytes. */
export type Assertion = 'start' | 'end' | 'word-boundary' | 'no-word-boundary' | 'word-start' | 'word-end';

/** A pattern as a tree. A set has a 1 for each byte that it takes. */
export type Node =
  | { readonly type: 'set'; readonly bytes: Uint8Array }
  | { readonly type: 'assert'; readonly assertion: Assertion }
  | { readonly type: 'sequence'; readonly parts: readonly Node[] }
  | { readonly type: 'choice'; readonly options: readonly Node[] }
  | { readonly type: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };

/** Longer patterns are a mistake: a file that is no list of patterns. */
export const maxPattern = 2000;
const maxDepth = 50;
/** RE_DUP_MAX of POSIX is 255. */
const maxRepeats = 255;

const code = (character: string): number => character.charCodeAt(0);

function setOf(has: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (has(byte) ? 1 : 0));
}

const between = (from: string, to: string) => (byte: number) => byte >= code(from) && byte <= code(to);
const isDigit = between('0', '9');
const isLower = between('a', 'z');
const isUpper = between('A', 'Z');
const isAlpha = (byte: number): boolean => isLower(byte) || isUpper(byte);
const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13);
export const isWordByte = (byte: number): boolean => isAlpha(byte) || isDigit(byte) || byte === code('_');
const isGraph = (byte: number): boolean => byte > 32 && byte < 127;

/** POSIX's `[:name:]`, of the C locale. */
const classes: Readonly<Record<string, (byte: number) => boolean>> = {
  alpha: isAlpha,
  digit: isDigit,
  alnum: (byte) => isAlpha(byte) || isDigit(byte),
  upper: isUpper,
  lower: isLower,
  space: isSpace,
  blank: (byte) => byte === 32 || byte === 9,
  punct: (byte) => isGraph(byte) && !isAlpha(byte) && !isDigit(byte),
  xdigit: (byte) => isDigit(byte) || between('a', 'f')(byte) || between('A', 'F')(byte),
  print: (byte) => byte >= 32 && byte < 127,
  graph: isGraph,
  cntrl: (byte) => byte < 32 || byte === 127,
};

/** What a letter behind a backslash takes, in GNU's and Perl's way. */
const escapedSets: Readonly<Record<string, (byte: number) => boolean>> = {
  d: isDigit,
  D: (byte) => !isDigit(byte),
  s: isSpace,
  S: (byte) => !isSpace(byte),
  w: isWordByte,
  W: (byte) => !isWordByte(byte),
};
const escapedBytes: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };
const escapedAssertions: Readonly<Record<string, Assertion>> = {
  b: 'word-boundary',
  B: 'no-word-boundary',
  '<': 'word-start',
  '>': 'word-end',
};

const anyByte = setOf((byte) => byte !== 10);

/** Reads a pattern that has a char per byte. */
class Parser {
  readonly #text: string;
  readonly #ignoreCase: boolean;
  #at = 0;

  constructor(text: string, ignoreCase: boolean) {
    this.#text = text;
    this.#ignoreCase = ignoreCase;
  }

  whole(): Node {
    const node = this.#choice(0);
    if (this.#at < this.#text.length) throw new PatternError('a ) has no ( before it', this.#at);
    return node;
  }

  #choice(depth: number): Node {
    if (depth > maxDepth) throw new PatternError(`more than ${maxDepth} ( within each other`, this.#at);
    const options = [this.#sequence(depth)];
    while (this.#take('|')) options.push(this.#sequence(depth));
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { type: 'choice', options };
  }

  #sequence(depth: number): Node {
    const parts: Node[] = [];
    while (this.#at < this.#text.length && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')') {
      parts.push(this.#repeats(this.#single(depth)));
    }
    return { type: 'sequence', parts };
  }

  #repeats(part: Node): Node {
    let node = part;
    let times = 0;
    for (;;) {
      const range = this.#repeat();
      if (range === undefined) return node;
      if (part.type === 'assert') throw new PatternError('it repeats what takes no character', this.#at - 1);
      times += 1;
      if (times > 4) throw new PatternError('it repeats a repetition', this.#at - 1);
      // What is lazy finds the same lines.
      this.#take('?');
      node = { type: 'repeat', part: node, ...range };
    }
  }

  #repeat(): { readonly least: number; readonly most: number } | undefined {
    if (this.#take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { least: 0, most: 1 };
    // As in GNU tools and JavaScript, a { that begins no count is a {.
    const match = /^\{(\d{1,6})(?:(,)(\d{0,6}))?\}/.exec(this.#text.slice(this.#at, this.#at + 16));
    if (match === null) return undefined;
    const least = Number(match[1]);
    const upper = match[3] ?? '';
    const open = match[2] !== undefined && upper === '';
    const most = open ? Number.POSITIVE_INFINITY : match[2] === undefined ? least : Number(upper);
    if (least > maxRepeats || (most > maxRepeats && !open))
      throw new PatternError(`a count is above ${maxRepeats}`, this.#at);
    if (most < least) throw new PatternError('a count ends below its beginning', this.#at);
    this.#at += match[0].length;
    return { least, most };
  }

  #single(depth: number): Node {
    const start = this.#at;
    const character = this.#text[this.#at] ?? '';
    this.#at += 1;
    switch (character) {
      case '.':
        return { type: 'set', bytes: anyByte };
      case '^':
        return { type: 'assert', assertion: 'start' };
      case '$':
        return { type: 'assert', assertion: 'end' };
      case '(':
        return this.#group(depth, start);
      case '[':
        return { type: 'set', bytes: this.#bracket(start) };
      case '\\':
        return this.#escape(start);
      case '*':
      case '+':
      case '?':
        throw new PatternError(`there is nothing before ${character} to repeat`, start);
      default:
        return this.#byte(code(character));
    }
  }

  #group(depth: number, start: number): Node {
    if (this.#take('?') && !this.#take(':'))
      throw new PatternError('of the groups with (? only (?: is known: looking around and names are not', start);
    const node = this.#choice(depth + 1);
    if (!this.#take(')')) throw new PatternError('a ( has no )', start);
    return node;
  }

  #byte(byte: number): Node {
    const same = (other: number): boolean => this.#fold(other) === this.#fold(byte);
    return { type: 'set', bytes: setOf(same) };
  }

  #fold(byte: number): number {
    return this.#ignoreCase && isUpper(byte) ? byte + 32 : byte;
  }

  #escape(start: number): Node {
    const letter = this.#text[this.#at] ?? '';
    this.#at += 1;
    if (letter === '') throw new PatternError('it ends in a backslash', start);
    const assertion = escapedAssertions[letter];
    if (assertion !== undefined) return { type: 'assert', assertion };
    const has = escapedSets[letter];
    if (has !== undefined) return { type: 'set', bytes: setOf(has) };
    return this.#byte(this.#escapedByte(letter, start));
  }

  #escapedByte(letter: string, start: number): number {
    const byte = escapedBytes[letter];
    if (byte !== undefined) return byte;
    if (letter === 'x') {
      const digits = /^[0-9a-f]{2}/i.exec(this.#text.slice(this.#at, this.#at + 2))?.[0];
      if (digits === undefined) throw new PatternError('two hex digits must follow \\x', start);
      this.#at += 2;
      return Number.parseInt(digits, 16);
    }
    if (/\d/.test(letter)) throw new PatternError('what a group matched cannot be referred to', start);
    if (isAlpha(code(letter))) throw new PatternError(`\\${letter} is not known`, start);
    return code(letter);
  }

  /** What stands between [ and ]. */
  #bracket(start: number): Uint8Array {
    const negated = this.#take('^');
    const bytes = new Uint8Array(256);
    for (let first = true; ; first = false) {
      if (this.#at >= this.#text.length) throw new PatternError('a [ has no ]', start);
      // A ] that comes first is one of the characters.
      if (!first && this.#take(']')) break;
      this.#bracketPart(bytes, start);
    }
    if (this.#ignoreCase) {
      for (let byte = code('a'); byte <= code('z'); byte += 1) {
        if (bytes[byte] === 1 || bytes[byte - 32] === 1) bytes[byte] = bytes[byte - 32] = 1;
      }
    }
    return negated ? bytes.map((has) => 1 - has) : bytes;
  }

  #bracketPart(bytes: Uint8Array, start: number): void {
    const rest = this.#text.slice(this.#at, this.#at + 16);
    const named = /^\[:([a-z]+):\]/.exec(rest);
    if (named !== null) {
      const has = classes[named[1] ?? ''];
      if (has === undefined) throw new PatternError(`${named[0]} is not known`, this.#at);
      this.#at += named[0].length;
      addAll(bytes, has);
      return;
    }
    const letter = rest[0] === '\\' ? (rest[1] ?? '') : '';
    const has = escapedSets[letter];
    if (has !== undefined) {
      this.#at += 2;
      addAll(bytes, has);
      return;
    }
    const from = this.#bracketByte(start);
    if (this.#text[this.#at] !== '-' || this.#text[this.#at + 1] === ']' || this.#at + 1 >= this.#text.length) {
      bytes[from] = 1;
      return;
    }
    this.#at += 1;
    const to = this.#bracketByte(start);
    if (to < from) throw new PatternError('a range in [] ends before it begins', start);
    addAll(bytes, (byte) => byte >= from && byte <= to);
  }

  #bracketByte(start: number): number {
    const character = this.#text[this.#at] ?? '';
    this.#at += 1;
    if (code(character) > 127) throw new PatternError('only ASCII may stand in []', start);
    // POSIX has no escapes in []; but who writes one there means one.
    if (character !== '\\') return code(character);
    const letter = this.#text[this.#at] ?? '';
    if (letter === ']' && !this.#text.slice(this.#at + 1).includes(']')) return code('\\');
    if (letter === '') throw new PatternError('a [ has no ]', start);
    this.#at += 1;
    return this.#escapedByte(letter, start);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }
}

function addAll(bytes: Uint8Array, has: (byte: number) => boolean): void {
  for (let byte = 0; byte < 256; byte += 1) if (has(byte)) bytes[byte] = 1;
}

/**
 * Reads an extended regular expression of POSIX, with what GNU, Perl and JavaScript share beyond it: `\d \s \w \b \< \>`,
 * `(?:...)`, lazy repetitions. `(?i)` at the beginning: letters of both cases are the same.
 * @param text a char per byte (UTF-8 as latin1).
 * @throws PatternError for what is none, and for what cannot be matched in linear time (references, looking around).
 */
export function parsePattern(text: string): Node {
  if (text.length > maxPattern) throw new PatternError(`it is longer than ${maxPattern} bytes`, maxPattern);
  const ignoreCase = text.startsWith('(?i)');
  return new Parser(ignoreCase ? text.slice(4) : text, ignoreCase).whole();
}
