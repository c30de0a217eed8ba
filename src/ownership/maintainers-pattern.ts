import { Matcher } from '../util/pattern/matcher.ts';
import { PatternError } from '../util/pattern/syntax.ts';

/** What a pattern is asked about paths. */
export interface PathPattern {
  /** True if the file is meant. `isFolder` says whether the tree has a folder of that name. */
  matches(file: string, isFolder: (path: string) => boolean): boolean;
  /** How specific it is: the folders it names, and -1 for what begins with anything. */
  readonly depth: number;
}

const countSlashes = (text: string): number => text.split('/').length - 1;

/** What makes a path a pattern, or a part of a regular expression as which the script uses it. */
const special = /[.*?[\](){}+|^$\\]/;

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
  const firstSpecial = value.search(special);
  const literal = firstSpecial === -1 ? value : value.slice(0, firstSpecial);
  const own = countSlashes(value);
  const isBelow = value.endsWith('/');
  const depth = value.startsWith('*') ? -1 : own + (isBelow ? 0 : 1);
  if (firstSpecial === -1) {
    if (isBelow) return { depth, matches: (file) => file.startsWith(value) };
    return {
      depth,
      matches(file, isFolder) {
        if (value === '' || !file.startsWith(value)) return false;
        return isFolder(value) ? file[value.length] === '/' : countSlashes(file) === own;
      },
    };
  }
  // Made only for the few whose beginning fits.
  let matcher: Matcher | undefined | null = null;
  const expression = `^${value.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}`;
  // Of `a?b` or `a*b` the letter before is still meant as it is; a `+` or `{` that repeats it is not.
  const sure = /^[+{|]/.test(value.slice(literal.length)) || value.includes('|') ? '' : literal;
  return {
    depth,
    matches(file) {
      if (!file.startsWith(sure) || (!isBelow && countSlashes(file) !== own)) return false;
      if (matcher === null) matcher = compiled(expression);
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

/** A matcher for such an expression; undefined for what cannot be matched in linear time, or read. */
export function perlMatcher(value: string): Matcher | undefined {
  const pattern = perlPattern(value);
  // An empty one would fit everything.
  return pattern === undefined || pattern === '' ? undefined : compiled(pattern);
}

/** The pattern of an N: line, which is looked for anywhere in a path. */
export function namePattern(value: string): PathPattern {
  let matcher: Matcher | undefined | null = null;
  return {
    depth: 0,
    matches(file) {
      if (matcher === null) matcher = perlMatcher(value);
      return matcher?.test(file) === true;
    },
  };
}
