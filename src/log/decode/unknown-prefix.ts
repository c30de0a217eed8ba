import { anchorInside, anchorText, frameText } from './anchors.ts';
import type { Item } from './item.ts';
import { behindPrefix, type PrefixShape, shapeOf } from './prefix-shape.ts';
import { parseCallerAlone, parsePrintkHead } from './printk.ts';

const stamp = /(?:<\d>)?\[ {0,8}\d{1,7}\.\d{6}\](?:[ [(-]|$)/g;
/** Longer ones are text that another line was printed into. */
const maxPrefix = 160;
const maxShapes = 64;
/** The hypervisor's own registers and stacks are no kernel's. */
const foreign = /\(XEN\)|U-Boot/;

interface Candidate {
  readonly shape: PrefixShape;
  stamped: number;
  /** What began behind it: lines of a crash, each kind counted once. */
  readonly anchors: Set<string>;
  lines: number;
  first: number;
  last: number;
}

function stampIn(text: string): number {
  if (!text.includes('.')) return -1;
  stamp.lastIndex = 1;
  const m = stamp.exec(text);
  if (m === null || m.index > maxPrefix) return -1;
  return parsePrintkHead(text, text.indexOf('[', m.index)) === undefined ? -1 : m.index;
}

function anchorIn(text: string): number {
  if (!text.includes(': ') && !text.includes(':')) return -1;
  if (anchorText.test(text) || frameText.test(text)) return -1;
  const at = text.slice(0, maxPrefix + 40).search(anchorInside);
  return at > maxPrefix ? -1 : at;
}

/** dmesg of util-linux 2.41 writes several times, then the caller. */
function takeCaller(item: Item): void {
  const caller = item.caller === undefined ? parseCallerAlone(item.text) : undefined;
  if (caller === undefined) return;
  item.take(caller.end, 'caller');
  item.caller = caller.caller;
}

/**
 * The last resort: prefixes that no layer knows, found because stamps, or lines of a crash, stand behind the same
 * thing on many lines. What was found goes on to the log's end.
 */
export class UnknownPrefixes {
  private readonly candidates = new Map<string, Candidate>();
  private readonly known: PrefixShape[] = [];
  private readonly where: 'front' | 'behind the stamp';

  /** `where`: before all that is known of a line, or behind the stamp or the tag that showed it to be the kernel's. */
  constructor(where: 'front' | 'behind the stamp') {
    this.where = where;
  }

  take(items: readonly Item[]): boolean {
    const open = items.filter((item) => this.isOpen(item));
    if (open.length === 0 || (this.where !== 'front' && this.known.length === 0 && !alike(open))) return false;
    this.learn(open);
    let changed = false;
    for (const shape of this.known) {
      for (const item of open) {
        if (this.where === 'front' && item.done) continue;
        const at = behindPrefix(shape, item.text);
        if (at <= 0) continue;
        item.take(at, 'prefix');
        if (this.where !== 'front') takeCaller(item);
        changed = true;
      }
      if (changed) break;
    }
    return changed;
  }

  private isOpen(item: Item): boolean {
    if (item.dropped || item.text.length < 2) return false;
    return this.where === 'front' ? !item.done && item.origin === 'unknown' : item.done && item.origin === 'kernel';
  }

  private learn(items: readonly Item[]): void {
    for (const candidate of this.candidates.values()) {
      candidate.anchors.clear();
      candidate.lines = 0;
      candidate.first = -1;
    }
    for (const [i, item] of items.entries()) {
      const stamped = stampIn(item.text);
      const at = stamped > 0 ? stamped : anchorIn(item.text);
      if (at <= 0) continue;
      const candidate = this.candidate(item.text.slice(0, at));
      if (candidate === undefined) continue;
      if (stamped > 0) {
        candidate.stamped++;
      } else {
        candidate.lines++;
        candidate.anchors.add(item.text.slice(at, at + 6));
      }
      if (candidate.first < 0) candidate.first = i;
      candidate.last = i;
    }
    for (const [key, candidate] of this.candidates) {
      if (candidate.stamped < 4 && !isEvident(candidate, items)) continue;
      this.candidates.delete(key);
      if (this.known.length < maxShapes) this.known.push(candidate.shape);
    }
  }

  private candidate(prefix: string): Candidate | undefined {
    if (foreign.test(prefix)) return undefined;
    const shape = shapeOf(prefix);
    const before = this.candidates.get(shape.key);
    if (before !== undefined || this.candidates.size >= maxShapes) return before;
    const fresh = { shape, stamped: 0, anchors: new Set<string>(), lines: 0, first: -1, last: -1 };
    this.candidates.set(shape.key, fresh);
    return fresh;
  }
}

/**
 * Lines of several kinds stand behind it, and most lines from the first to the last of them have it; or fewer kinds,
 * and nearly all lines have it.
 */
function isEvident(candidate: Candidate, items: readonly Item[]): boolean {
  const { shape, anchors, first, last } = candidate;
  if (candidate.lines === 0) return false;
  const all = share(shape, items, 0, items.length - 1);
  // A blank is text, unless it stands before everything.
  if (shape.key === ' ') return anchors.size >= 3 && all.have === all.lines;
  if (all.lines >= 3 && all.have >= 3 && all.have * 20 >= all.lines * 19) return true;
  if (anchors.size < 3) return false;
  const within = share(shape, items, first, last);
  return within.have * 2 >= within.lines;
}

function share(shape: PrefixShape, items: readonly Item[], from: number, to: number): { have: number; lines: number } {
  let have = 0;
  let lines = 0;
  for (let i = from; i <= to; i++) {
    const text = items[i]?.text ?? '';
    if (text.trim() === '') continue;
    lines++;
    if (behindPrefix(shape, text) >= 0) have++;
  }
  return { have, lines };
}

/** Whether lines begin alike, as they do if something stands before each: cheap, for it is asked of every block. */
function alike(items: readonly Item[]): boolean {
  const counts = new Map<number, number>();
  const step = Math.max(1, Math.floor(items.length / 16));
  let looked = 0;
  let most = 0;
  for (let i = 0; i < items.length; i += step) {
    const code = items[i]?.text.charCodeAt(0) ?? 0;
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    if (count > most) most = count;
    looked++;
  }
  return most >= 3 && most * 10 >= looked * 7;
}
