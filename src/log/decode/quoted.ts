import { anchorText, frameText } from './anchors.ts';
import type { Item } from './item.ts';
import { parsePrintkHead } from './printk.ts';

/** A quoted string of a line, with what tells it from the line's other strings. */
interface Quoted {
  readonly text: string;
  /** The word before it (`message": `, `log=>`), else what stands between it and the string before. */
  readonly place: string;
  readonly ordinal: number;
}

const maxStrings = 4096;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', e: '\x1b', '0': '\0' };

function fromCode(hex: string): string {
  const code = Number.parseInt(hex, 16);
  return hex.length === 2 || code < 0x80
    ? String.fromCharCode(code)
    : Buffer.from(String.fromCharCode(code), 'utf8').toString('latin1');
}

/** Escapes of JSON, Python, Ruby, YAML and C; TeamCity's begin with a bar. */
function unescapeText(text: string, mark: string): string {
  if (!text.includes(mark)) return text;
  const pattern =
    mark === '|' ? /\|(?:0x([0-9A-Fa-f]{4})|([\s\S]))/g : /\\(?:u([0-9A-Fa-f]{4})|x[0-9A-Fa-f]{2}|([\s\S]))/g;
  return text.replace(pattern, (whole, unicode: string | undefined, single: string | undefined) => {
    if (unicode !== undefined) return fromCode(unicode);
    if (single === undefined) return fromCode(whole.slice(2));
    return escapes[single] ?? single;
  });
}

/** Where the string that begins at `at` ends (its quote, or the line's end), and whether quotes in it are doubled, as in CSV. */
function stringEnd(text: string, at: number, mark: string): { readonly end: number; readonly doubled: boolean } {
  const quote = text[at] ?? '"';
  let doubled = false;
  for (let i = at + 1; i < text.length; i++) {
    const c = text[i];
    if (c === mark && !doubled) {
      i++;
    } else if (c === quote) {
      if (text[i + 1] !== quote || i === at + 1) return { end: i, doubled };
      doubled = true;
      i++;
    }
  }
  return { end: text.length, doubled };
}

const member = /([\w.@-]{1,64})["']?\s{0,8}(?::|=>|=)\s{0,8}[bu]?$/;

function quotedStrings(text: string): readonly Quoted[] {
  const mark = text.startsWith('##teamcity[') ? '|' : '\\';
  const out: Quoted[] = [];
  let before = 0;
  for (let at = 0; at < text.length && out.length < maxStrings; at++) {
    const c = text[at];
    if (c !== '"' && c !== "'") continue;
    // An apostrophe stands behind a letter, Python's b'...' does too.
    if (at > 0 && c === "'" && !/(?:^|[\s([{=:,])[bu]?$/.test(text.slice(Math.max(0, at - 2), at))) continue;
    const { end, doubled } = stringEnd(text, at, mark);
    const raw = text.slice(at + 1, end);
    const between = text.slice(Math.max(before, at - 80), at);
    // The name may itself be quoted, so that it was the string before.
    const name = member.exec(text.slice(Math.max(0, at - 80), at))?.[1];
    out.push({
      text: doubled ? raw.replaceAll(c + c, c) : unescapeText(raw, mark),
      place: name ?? `|${between.slice(-24).replace(/\d{1,24}/g, '0')}`,
      ordinal: out.length,
    });
    at = end;
    before = end + 1;
  }
  return out;
}

const levelTag = /^<\d{1,3}>/;

/** 2 for a kernel's line by its stamp, 1 by its words. */
function rank(line: string): 0 | 1 | 2 {
  const tag = levelTag.exec(line);
  if (parsePrintkHead(line, tag === null ? 0 : tag[0].length) !== undefined) return 2;
  return anchorText.test(line) || frameText.test(line) ? 1 : 0;
}

/** Whether nearly all lines have a string in this place. */
function isOnNearlyAll(key: string, lines: readonly (readonly Quoted[])[], all: number): boolean {
  let have = 0;
  for (const strings of lines) if (strings.some((s) => s.place === key || `${s.ordinal} ${s.place}` === key)) have++;
  return have >= 3 && have * 20 >= all * 19;
}

interface Vote {
  stamped: number;
  readonly anchors: Set<string>;
  /** More than once in a line: a list. */
  list: boolean;
}

/**
 * Lines within quoted strings: a member of an object that no layer knows, a list that a program printed (Ansible,
 * Python), a column of a table, one string with the whole log and `\n` between its lines.
 */
export class QuotedLines {
  private readonly known = new Set<string>();

  /** Takes off what surrounds the strings. True if anything changed. */
  take(items: readonly Item[]): boolean {
    const open = items.filter(
      (item) =>
        !item.done &&
        !item.dropped &&
        item.origin === 'unknown' &&
        (item.text.includes('"') || item.text.includes("'")),
    );
    if (open.length === 0) return false;
    const strings = open.map((item) => (anchorText.test(item.text) ? [] : quotedStrings(item.text)));
    this.learn(strings, items.filter((item) => !item.dropped && item.text.trim() !== '').length);
    if (this.known.size === 0) return false;
    let changed = false;
    open.forEach((item, i) => {
      const found = strings[i]?.filter((s) => this.known.has(s.place) || this.known.has(`${s.ordinal} ${s.place}`));
      if (found === undefined || found.length === 0) return;
      item.replace(found.map((s) => s.text.replace(/[\r\n]{1,4}$/, '')).join('\n'), 'string');
      changed = true;
    });
    return changed;
  }

  private learn(lines: readonly (readonly Quoted[])[], all: number): void {
    const votes = new Map<string, Vote>();
    for (const strings of lines) {
      const hits = new Map<string, number>();
      for (const s of strings) {
        if (s.text.length < 12) continue;
        for (const line of s.text.split(/\r?\n/, maxStrings)) {
          const value = rank(line);
          if (value === 0) continue;
          hits.set(s.place, (hits.get(s.place) ?? 0) + 1);
          for (const key of [s.place, `${s.ordinal} ${s.place}`]) {
            const vote = votes.get(key) ?? { stamped: 0, anchors: new Set<string>(), list: false };
            if (value === 2) vote.stamped++;
            else vote.anchors.add(line.charCodeAt(0) === 0x20 ? 'frame' : line.slice(0, 6));
            votes.set(key, vote);
          }
        }
      }
      for (const [place, count] of hits) {
        const vote = votes.get(place);
        if (vote !== undefined && count > 1) vote.list = true;
      }
    }
    // Many places: no table, and much to compare.
    const few = votes.size <= 16;
    for (const [key, vote] of votes) {
      if (vote.stamped < 2 && vote.anchors.size < 3 && !(few && isOnNearlyAll(key, lines, all))) continue;
      const named = !/^(?:\d+ )?\|/.test(key);
      // A place between commas is told by its number, but in a list.
      if (/^\d+ /.test(key) ? !named : named || vote.list) {
        if (this.known.size < 64) this.known.add(key);
      }
    }
  }
}
