import { Matcher } from '../util/pattern/matcher.ts';
import { PatternError } from '../util/pattern/syntax.ts';

/** What a pattern is asked about paths. */
export interface PathPattern {
  /** True if the file is meant. `isFolder` says whether the tree has a folder of that name. */
  matches(file: string, isFolder: (path: string) => boolean): boolean;
  /** How specific it is: the folders it names, and -1 for what begins with anything. */
  readonly depth: number;
}

function countSlashes(text: string): number {
  let slashes = 0;
  for (let at = text.indexOf('/'); at !== -1; at = text.indexOf('/', at + 1)) slashes += 1;
  return slashes;
}

/** What makes a path a pattern, or a part of a regular expression as which the script uses it. */
const special = /[.*?[\](){}+|^$\\]/;
/** What makes the character before it, or all before it, something else than itself. */
const looksBack = /[+{|]/;

/** True if nothing that begins like the file can fit: most patterns of ten thousand are done with here. */
function differs(value: string, file: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const character = value[at] ?? '';
    if (character === file[at]) continue;
    return !special.test(character) && !looksBack.test(value);
  }
  return false;
}

function compiled(pattern: string): Matcher | undefined {
  try {
    return new Matcher([pattern]);
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

/**
 * The pattern of an F: or X: line. To scripts/get_maintainer.pl (6.1 to 7.2) it is a regular expression for how the
 * path begins, with `.` for itself and `*` for anything; if it does not end in a slash, the path must have as many of
 * them. A folder's name without a slash behind it is given one, unless it has a dot in it (the script looks for the
 * folder when it has put backslashes before these).
 */
export function pathPattern(value: string): PathPattern {
  // Nothing is made of the pattern before it is needed.
  let matcher: Matcher | undefined | null = null;
  return {
    get depth() {
      return value.startsWith('*') ? -1 : countSlashes(value) + (value.endsWith('/') ? 0 : 1);
    },
    matches(file, isFolder) {
      if (value === '' || differs(value, file)) return false;
      const isBelow = value.endsWith('/');
      const isSameDepth = (): boolean => countSlashes(file) === countSlashes(value);
      if (!special.test(value)) {
        if (!file.startsWith(value)) return false;
        if (isBelow) return true;
        return isFolder(value) ? file[value.length] === '/' : isSameDepth();
      }
      if (!isBelow && !isSameDepth()) return false;
      if (matcher === null)
        matcher = compiled(`^${value.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}`);
      return matcher?.test(file) === true;
    },
  };
}

/**
 * A regular expression of Perl, as N: and K: lines have it, in the way that our own matcher reads them: with `/x` white
 * space and comments in it mean nothing, and `(?i:...)` is spelled out. Undefined for what the matcher does not know.
 */
export function perlPattern(value: string): string | undefined {
  let out = '';
  let inSet = false;
  // For each open group whether both cases are meant in it.
  const cases: boolean[] = [false];
  for (let at = 0; at < value.length; at += 1) {
    const character = value[at] ?? '';
    if (character === '\\') {
      out += value.slice(at, at + 2);
      at += 1;
      continue;
    }
    if (inSet) {
      if (character === ']') inSet = false;
      out += character;
      continue;
    }
    if (/\s/.test(character)) continue;
    if (character === '#') break;
    const both = cases.at(-1) === true;
    if (character === '[') {
      // What a set of both cases comes to, is not worked out.
      if (both) return undefined;
      inSet = true;
      // A ] that comes first is one of the characters.
      const head = /^\[\^?\]?/.exec(value.slice(at, at + 3))?.[0] ?? '[';
      out += head;
      at += head.length - 1;
      continue;
    }
    if (character === '(') {
      const flags = /^\(\?(i?):/.exec(value.slice(at, at + 4));
      if (flags === null && value.startsWith('(?i)', at) && cases.length === 1) {
        cases[0] = true;
        at += 3;
        continue;
      }
      out += flags === null ? '(' : '(?:';
      at += flags === null ? 0 : flags[0].length - 1;
      cases.push(both || flags?.[1] === 'i');
      continue;
    }
    if (character === ')' && cases.length > 1) cases.pop();
    out += both && /[A-Za-z]/.test(character) ? `[${character.toLowerCase()}${character.toUpperCase()}]` : character;
  }
  return out;
}

/** Says whether something is anywhere in a text that has a char per byte. */
export interface Finder {
  test(text: string): boolean;
  testBytes(bytes: Uint8Array): boolean;
}

/** A matcher for such an expression; undefined for what cannot be matched in linear time, or read. */
export function perlMatcher(value: string): Finder | undefined {
  // Most are a word, which needs no machine to be found.
  if (/^[\w/@"-]+$/.test(value)) {
    return {
      test: (text) => text.includes(value),
      testBytes: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(value),
    };
  }
  const pattern = perlPattern(value);
  // An empty one would fit everything.
  return pattern === undefined || pattern === '' ? undefined : compiled(pattern);
}

/** The pattern of an N: line, which is looked for anywhere in a path. */
export function namePattern(value: string): PathPattern {
  let matcher: Finder | undefined | null = null;
  return {
    depth: 0,
    matches(file) {
      if (matcher === null) matcher = perlMatcher(value);
      return matcher?.test(file) === true;
    },
  };
}
