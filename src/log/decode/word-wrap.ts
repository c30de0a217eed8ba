import { joinRanges } from '../../model/position.ts';
import type { Item } from './item.ts';

/** What mail programs and forges break lines at. */
const minWidth = 60;
const maxWidth = 132;
const maxJoined = 65_536;
const leastBroken = 4;

/** Whether rows may be others' rests at all: cheap, for it is asked of every block. */
export function hasRests(items: readonly Item[], quotes: readonly number[]): boolean {
  const counts = new Map<number, number>();
  let most = 0;
  items.forEach(({ text }, i) => {
    const code = text.charCodeAt(quotes[i] ?? 0);
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    if (count > most) most = count;
  });
  return items.length - most >= leastBroken;
}

/** A row for the rules of breaking: what it is without the quote before it. */
export interface Row {
  readonly item: Item;
  /** Length of the quote before the text. */
  readonly quote: number;
  /** A stamp or a date begins it: it is no other row's rest. */
  readonly headed: boolean;
}

function length(row: Row): number {
  return row.item.text.length - row.quote;
}

/** Length of the first word, with the blank that was broken at. */
function wordLength(row: Row): number {
  const { text } = row.item;
  const end = text.indexOf(' ', row.quote + 1);
  return (end < 0 ? text.length : end) - row.quote + 1;
}

/**
 * Joins lines that were broken between words (mails, Bugzilla's comments): a row without a stamp whose first word
 * did not fit behind the row before. The width is the one that explains nearly all rows without a stamp.
 */
export class WordUnwrapper {
  private width = 0;

  /** True once a width was found. */
  get found(): boolean {
    return this.width > 0;
  }

  /** The items with broken lines joined, undefined if none is. */
  join(rows: readonly Row[]): readonly Item[] | undefined {
    const width = this.width > 0 ? this.width : findWidth(rows);
    if (width === undefined) return undefined;
    this.width = width;
    const out: Item[] = [];
    let open: Row | undefined;
    let before: Row | undefined;
    let joined = false;
    for (const row of rows) {
      if (
        open !== undefined &&
        before !== undefined &&
        isRest(row, before, width) &&
        open.item.text.length < maxJoined
      ) {
        open.item.text += ` ${row.item.text.slice(row.quote)}`;
        open.item.range = joinRanges(open.item.range, row.item.range);
        joined = true;
        before = { ...row, item: row.item };
        continue;
      }
      out.push(row.item);
      open = row.headed ? row : undefined;
      // The length of the row as it stands: the item grows with what is joined.
      before = { ...row, item: row.item.copy(row.item.text) };
    }
    return joined ? out : undefined;
  }
}

function isRest(row: Row, before: Row, width: number): boolean {
  if (row.headed || length(row) <= 0) return false;
  const space = length(before);
  return space <= width && space + wordLength(row) > width;
}

/** A row longer than the width which has a blank to break at: nobody broke lines there. */
function isUnbroken(row: Row, width: number): boolean {
  return row.item.text.lastIndexOf(' ', row.quote + width) > row.quote + 40;
}

/** A width at which at least four rows, and seven of ten that have no stamp, are the rest of the row before. */
function findWidth(rows: readonly Row[]): number | undefined {
  const fits = new Array<number>(maxWidth + 1).fill(0);
  const full = new Array<number>(maxWidth + 1).fill(0);
  const tooLong = new Array<number>(maxWidth + 1).fill(0);
  let bare = 0;
  let headed = 0;
  let widest = 0;
  for (const row of rows) widest = Math.max(widest, length(row));
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (row === undefined) continue;
    if (row.headed) headed++;
    for (let w = minWidth; w < Math.min(length(row), maxWidth + 1); w++)
      if (isUnbroken(row, w)) tooLong[w] = (tooLong[w] ?? 0) + 1;
    const before = rows[i - 1];
    if (before === undefined || row.headed || length(row) <= 0) continue;
    bare++;
    const space = length(before);
    for (let w = Math.max(minWidth, space); w < Math.min(space + wordLength(row), maxWidth + 1); w++) {
      fits[w] = (fits[w] ?? 0) + 1;
      if (space === widest) full[w] = (full[w] ?? 0) + 1;
    }
  }
  if (headed < 4 || bare < leastBroken) return undefined;
  let best: number | undefined;
  let most = 0;
  for (let w = minWidth; w <= maxWidth; w++) {
    const n = fits[w] ?? 0;
    // A terminal breaks at the very column: that is the other unwrapper's.
    if (n < leastBroken || n * 10 < bare * 7 || (tooLong[w] ?? 0) * 10 > n || (full[w] ?? 0) * 2 > n) continue;
    if (n > most) {
      most = n;
      best = w;
    }
  }
  return best;
}
