import { joinRanges } from '../../model/position.ts';
import { anchorText, frameText } from './anchors.ts';
import { Item } from './item.ts';
import { layersByStart } from './layers.ts';
import { takePrintk } from './printk.ts';
import { partHeader } from './pstore.ts';
import { hasRests, WordUnwrapper } from './word-wrap.ts';

const minWidth = 40;
/** No terminal is wider; netconsole's packets are, and have their own rule. */
const maxWidth = 512;
/** Terminals' own and what people set: fewer broken lines are enough. */
const usualWidths: ReadonlySet<number> = new Set([80, 100, 120, 132]);
/** Rows of a memory dump are all as wide as each other. */
const dumpRow = /^ ?>?[0-9a-f]{4,16}:? {1,2}[0-9a-f*]{2,16} [0-9a-f*]{2,16} /;
/** The middle of a wrapped `Code:` line. */
const hexBytes = /^[0-9a-f <>()]{1,512}$/;
/** A joined line has no more than this. */
const maxJoined = 65_536;

/** Columns that a line takes on a terminal: tabs go to the next eighth, UTF-8 counts a column a character. */
export function columns(text: string): number {
  if (!/[\t\x80-\xff]/.test(text)) return text.length;
  let column = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x09) column += 8 - (column % 8);
    else if (code < 0x80 || code >= 0xc0) column++;
  }
  return column;
}

/** True for a line that something stands before: a stamp, a date. */
function hasHead(text: string): boolean {
  const code = text.charCodeAt(0);
  const trial = new Item(text, noRange);
  if (takePrintk(trial)) return true;
  return (layersByStart[code] ?? []).some((layer) => layer.take(trial));
}

const noRange = { firstLine: 0, lastLine: 0, firstByte: 0, endByte: 0 };
const weakHead = /^(?:>|\d{1,2}:\d\d:\d\d|[\w.-]{1,40} {1,20}\| |[ \t]{2,16}\[ {0,8}\d{1,7}\.\d)/;

const quoteMarks = /^(?:>[> ]{0,15})(?=[^>]|$)/;

/** Length of the quote before each text, where most of them have one: a mail is wrapped behind it. */
function quoteLengths(items: readonly Item[]): readonly number[] {
  let quotes = 0;
  for (const { text } of items) if (text.charCodeAt(0) === 0x3e) quotes++;
  if (quotes * 2 < items.length) return [];
  const votes = new Map<string, number>();
  for (const { text } of items) {
    const mark = quoteMarks.exec(text)?.[0] ?? '';
    if (mark !== '') votes.set(mark, (votes.get(mark) ?? 0) + 1);
  }
  let best = '';
  for (const [mark, count] of votes) if (count > (votes.get(best) ?? 0)) best = mark;
  return items.map(({ text }) => (text.startsWith(best) ? best.length : 0));
}

/** Whether a row begins a line of its own, in a log whose lines have heads or have none. */
function beginsLine(text: string, headed: boolean): boolean {
  if (text === '' || partHeader.test(text)) return true;
  if (hasHead(text)) return true;
  return headed
    ? weakHead.test(text)
    : anchorText.test(text) || frameText.test(text) || /^(?: ?<\/?[A-Z]{3,8}>|\[<[0-9a-f]{8})/.test(text);
}

/**
 * Joins lines that a terminal broke at its right edge (copied from its window, or by screen and tmux).
 * The width is found from the lines: none is longer, and what follows those that are as long is no line of its own.
 */
export class Unwrapper {
  private width = 0;
  private headed = false;
  private readonly words = new WordUnwrapper();

  /** Whether the last line of a block could go on in the next one. */
  isOpen(item: Item): boolean {
    return this.width > 0 && columns(item.text) === this.width;
  }

  /** True once lines were found to be broken between words. */
  get breaksAtWords(): boolean {
    return this.words.found;
  }

  /** Whether a row begins a line, by the stamp or date before it. */
  isHeaded(text: string): boolean {
    return beginsLine(text.replace(quoteMarks, ''), true);
  }

  /** True once a width is known. */
  get wrapped(): boolean {
    return this.width > 0;
  }

  join(items: readonly Item[]): readonly Item[] {
    const quotes = quoteLengths(items);
    const rows = quotes.length === 0 ? items : items.map((item, i) => item.copy(item.text.slice(quotes[i] ?? 0)));
    const widths = rows.map((item) => (item.origin === 'unknown' && item.layers === '' ? columns(item.text) : 0));
    const words = this.joinWords(items, rows, quotes);
    if (words !== undefined) return words;
    const found = this.find(rows, widths);
    if (found === undefined) return items;
    const out: Item[] = [];
    let open: Item | undefined;
    items.forEach((item, i) => {
      if (open !== undefined && found[i] === true && open.text.length < maxJoined) {
        open.text += item.text.slice(quotes[i] ?? 0);
        open.range = joinRanges(open.range, item.range);
      } else {
        out.push(item);
        open = item;
      }
    });
    return out;
  }

  private joinWords(
    items: readonly Item[],
    rows: readonly Item[],
    quotes: readonly number[],
  ): readonly Item[] | undefined {
    if (this.width > 0 || !hasRests(items, quotes) || !hasHeads(rows)) return undefined;
    return this.words.join(
      items.map((item, i) => ({
        item,
        quote: quotes[i] ?? 0,
        headed: item.origin !== 'unknown' || item.layers !== '' || beginsLine(rows[i]?.text ?? '', true),
      })),
    );
  }

  /** Which rows are the rest of the row before; undefined if none is. */
  private find(items: readonly Item[], widths: readonly number[]): readonly boolean[] | undefined {
    let widest = 0;
    for (const width of widths) if (width > widest) widest = width;
    if (widest > this.width) this.width = 0;
    if (widest < minWidth || widest > maxWidth || (this.width > 0 && widest < this.width)) return undefined;
    let full = 0;
    let near = 0;
    for (const width of widths) {
      if (width === widest) full++;
      else if (width >= widest - 3) near++;
    }
    const known = this.width === widest;
    if (!known && full < 2 && widest !== 80) return undefined;
    if (!known) this.headed = hasHeads(items);
    const own = ownLines(items, widths, widest);
    const rests: boolean[] = new Array(items.length).fill(false);
    let joins = 0;
    let splits = 0;
    let whole = 0;
    const shapes = new Set<string>();
    for (let i = 1; i < items.length; i++) {
      if (widths[i - 1] !== widest || widths[i] === 0) continue;
      const row = items[i - 1]?.text ?? '';
      const next = items[i]?.text ?? '';
      if (own.has(next) || isWhole(row, next)) continue;
      if (beginsLine(next, this.headed)) {
        whole++;
        continue;
      }
      rests[i] = true;
      joins++;
      if (shapes.size < 8) shapes.add(row.replace(/[0-9a-f]{1,64}/g, '0'));
      if (/\w$/.test(row) && /^\w/.test(next)) splits++;
    }
    if (!known) {
      const wrapped = this.headed
        ? joins * 3 >= whole && (shapes.size >= 2 || (joins >= 1 && widest === 80))
        : shapes.size >= (usualWidths.has(widest) ? 2 : 4) && joins > whole && full * 2 >= near && splits * 3 >= joins;
      if (!wrapped) return undefined;
      this.width = widest;
    }
    return joins > 0 ? rests : undefined;
  }
}

function hasHeads(items: readonly Item[]): boolean {
  let heads = 0;
  let lines = 0;
  const sample = Math.max(1, Math.floor(items.length / 64));
  for (let i = 0; i < items.length; i += sample) {
    const text = items[i]?.text ?? '';
    if (text === '') continue;
    lines++;
    if (hasHead(text) || weakHead.test(text)) heads++;
  }
  return heads * 20 >= lines && heads > 0;
}

/** Rows that also stand behind one that is not full: lines of their own, which user space repeats. */
function ownLines(items: readonly Item[], widths: readonly number[], widest: number): ReadonlySet<string> {
  const own = new Set<string>();
  for (let i = 1; i < items.length; i++) {
    const before = widths[i - 1] ?? 0;
    if (before > 0 && before < widest) own.add(items[i]?.text ?? '');
  }
  return own;
}

/** Rows of a table or of progress differ in their numbers only. */
function tableShape(row: string): string {
  return row.replace(/ {0,16}\d{1,16}/g, '0');
}

/** A row that happens to be full: the lines of registers are 80 columns wide with a stamp. */
function isWhole(row: string, next: string): boolean {
  if (dumpRow.test(row) && dumpRow.test(next)) return true;
  if (row.length === next.length && !hexBytes.test(next) && tableShape(row) === tableShape(next)) return true;
  return next.charCodeAt(0) !== 0x20 && /: [0-9a-f]{16}$/.test(row) && /[^\da-f]|^.{17}/.test(next.slice(0, 17));
}
