/**
 * A layer that could as well be text: it is taken off only in a region in which it makes kernel lines appear.
 * `key` is what the lines of a region have in common: a width, a depth of quoting.
 */
export interface WeakLayer {
  readonly name: string;
  /** The key of this line alone, 0 if the layer cannot be there. */
  measure(text: string): number;
  /** How many bytes go for a region's key; -1 if this line does not belong to it. */
  cut(text: string, key: number): number;
  /** How many lines must begin like a kernel's behind it, where none of them has a stamp. */
  readonly need: number;
  /** One such line is enough in a long run of lines with the same key: hardly anything else looks like it. */
  readonly distinct?: boolean;
}

/** A layer that a regular expression tells: the key is its length where that is the same on all lines. */
function prefix(name: string, regex: RegExp, need: number, fixed: boolean): WeakLayer {
  const measure = (text: string): number => regex.exec(text)?.[0].length ?? 0;
  return {
    name,
    need,
    distinct: fixed,
    measure,
    cut(text, key) {
      const length = measure(text);
      if (length > 0 && (!fixed || length === key)) return length;
      // Trailing blanks are often lost.
      return fixed && text.length < key && regex.test(`${text} `) ? text.length : -1;
    },
  };
}

const quoteLevel = / ?>/y;

/** The `>` of a quoted mail. `>ffff8880...` of KASAN's memory dump has no blank behind it, and `->` none before. */
const quote: WeakLayer = {
  name: 'quoted',
  need: 1,
  measure(text) {
    let depth = 0;
    quoteLevel.lastIndex = 0;
    if (text.charCodeAt(0) === 0x20) return 0;
    while (depth < 16 && quoteLevel.test(text)) depth++;
    return depth;
  },
  cut(text, key) {
    let at = 0;
    for (let depth = 0; depth < key; depth++) {
      quoteLevel.lastIndex = at;
      const m = quoteLevel.exec(text);
      if (m === null) return -1;
      at += m[0].length;
    }
    return text.charCodeAt(at) === 0x20 ? at + 1 : at;
  },
};

const blanks = /^[ \t]{1,40}/;
const indent: WeakLayer = {
  name: 'indented',
  need: 1,
  measure: (text) => blanks.exec(text)?.[0].length ?? 0,
  cut(text, key) {
    const length = blanks.exec(text)?.[0].length ?? 0;
    return length >= key ? key : -1;
  },
};

const clockText = /^(?:\d{1,3} days?,? )?\d{1,3}:[0-5]\d:[0-6]\d(?:[.,]\d{1,9})?(?:[ \t]{1,3}|$)/;
/** Jenkins' `05:20:12  `, KernelCI's `05:20:12.123456  `, `ts -s`: the number of blanks is the key. */
const clock: WeakLayer = {
  name: 'clock',
  need: 2,
  measure(text) {
    const m = clockText.exec(text);
    return m === null ? 0 : m[0].length - m[0].trimEnd().length + 1;
  },
  cut(text, key) {
    const m = clockText.exec(text);
    if (m === null) return -1;
    const bare = m[0].trimEnd().length;
    if (text.length === bare) return bare;
    return m[0].length >= bare + key - 1 ? bare + key - 1 : -1;
  },
};

const numbered = /^( {0,8}\d{1,8})(?:\t| ?\| ?|: ?|[-.)] ?| {1,2})/;
/** Line numbers of `cat -n`, `grep -n`, `less -N`, `nl`, editors and web pages: key is what follows the number. */
const lineNumber: WeakLayer = {
  name: 'numbered',
  need: 3,
  measure(text) {
    const m = numbered.exec(text);
    return m === null ? 0 : m[0].length - (m[1] ?? '').length;
  },
  cut(text, key) {
    const m = numbered.exec(text);
    if (m === null) return -1;
    const bare = (m[1] ?? '').length;
    return m[0].length - bare >= key ? bare + key : text.length === bare ? bare : -1;
  },
};

/** A diff's marks. Where a line goes on with more of them, only the others say whether one is the diff's. */
const diff: WeakLayer = {
  name: 'diff',
  need: 2,
  measure: (text) => (/^[+-]/.test(text) ? (/^[+-]{2}/.test(text) ? 2 : 1) : 0),
  cut: (text, key) => (key === 1 && /^[+-]/.test(text) ? 1 : -1),
};

/** In the order in which they are tried; a line can have several, one behind the other. */
export const weakLayers: readonly WeakLayer[] = [
  quote,
  prefix('compose', /^[\w.@/-]{1,64} {0,40} \| ?/, 2, true),
  prefix('bar', /^[|!] ?/, 2, false),
  clock,
  // ts -i '%.s'
  prefix('elapsed', /^ {0,8}\d{1,9}\.\d{3,9} (?=\[)/, 2, false),
  prefix('grep', /^[\w./@+~-]{1,200}[:-]\d{1,9}[:-]/, 2, false),
  prefix('file', /^[\w./@+~-]{1,200}: ?(?=<?\d?>?\[ {0,8}\d{1,7}\.\d{2,9}\])/, 2, false),
  lineNumber,
  diff,
  prefix('list', /^(?:[-*+]|\d{1,6}[.)]) /, 2, false),
  indent,
];
