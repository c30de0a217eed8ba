import type { Item } from './item.ts';
import { parsePrintkHead } from './printk.ts';

const stamp = /(?:<\d>)?\[ {0,8}\d{1,7}\.\d{6}\][ [(-]/g;
/** Longer ones are text that another line was printed into. */
const maxPrefix = 160;
const maxShapes = 64;

/** What prefixes of one kind have in common: digits and blanks may differ. */
function shapeOf(prefix: string): string {
  return prefix.replace(/\d{1,40}/g, '0').replace(/ {2,40}/g, ' ');
}

function stampIn(text: string): number {
  stamp.lastIndex = 1;
  const m = stamp.exec(text);
  return m === null || m.index > maxPrefix ? -1 : m.index;
}

/**
 * The last resort: prefixes that no layer knows, found because stamps stand behind the same thing on many lines.
 */
export class UnknownPrefixes {
  private readonly counts = new Map<string, number>();

  take(items: readonly Item[]): boolean {
    const found: { item: Item; at: number; shape: string }[] = [];
    for (const item of items) {
      if (item.done || item.origin !== 'unknown' || item.text.length < 16) continue;
      const at = stampIn(item.text);
      if (at <= 0 || parsePrintkHead(item.text, item.text.indexOf('[', at)) === undefined) continue;
      const shape = shapeOf(item.text.slice(0, at));
      found.push({ item, at, shape });
      if (this.counts.size < maxShapes || this.counts.has(shape))
        this.counts.set(shape, (this.counts.get(shape) ?? 0) + 1);
    }
    let changed = false;
    for (const { item, at, shape } of found) {
      if ((this.counts.get(shape) ?? 0) < 4) continue;
      item.take(at, 'prefix');
      changed = true;
    }
    return changed;
  }
}
