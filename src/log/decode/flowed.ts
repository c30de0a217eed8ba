import { joinRanges } from '../../model/position.ts';
import type { Item } from './item.ts';

const header = /^Content-Type: {0,4}text\/plain;.{0,200}format="?flowed/i;
const headerMore = /^\s{1,8}(?:charset.{0,64};\s{0,4})?format="?flowed/i;
const signature = '-- ';
const maxJoined = 65_536;

/** How deep a line is quoted, and where its text begins: RFC 3676, section 4.5. */
function quoted(text: string): { readonly depth: number; readonly at: number } {
  let depth = 0;
  while (text.charCodeAt(depth) === 0x3e) depth++;
  return { depth, at: text.charCodeAt(depth) === 0x20 ? depth + 1 : depth };
}

/** Undoes `format=flowed` of mails (RFC 3676): a line that ends in a blank goes on, one stuffed blank goes. */
export class FlowedMail {
  private active = false;

  /** Whether a line ends in the middle of one. */
  mayGoOn(text: string): boolean {
    return this.active && text.endsWith(' ');
  }

  /** Looks at headers only. */
  observe(items: readonly Item[]): void {
    for (const { text } of items) {
      if (header.test(text) || headerMore.test(text)) this.active = true;
      else if (this.active && /^Content-Type: /i.test(text)) this.active = false;
    }
  }

  /** The items, with soft line breaks joined; undefined if there are none. */
  join(items: readonly Item[]): readonly Item[] | undefined {
    if (!this.active && !items.some((item) => header.test(item.text) || headerMore.test(item.text))) return undefined;
    const out: Item[] = [];
    let open: Item | undefined;
    let depth = 0;
    for (const item of items) {
      if (header.test(item.text) || headerMore.test(item.text)) this.active = true;
      else if (/^Content-Type: /i.test(item.text)) this.active = false;
      if (!this.active) {
        out.push(item);
        continue;
      }
      const quote = quoted(item.text);
      const text = item.text.slice(quote.at);
      if (open !== undefined && quote.depth === depth && open.text.length < maxJoined) {
        open.text += text;
        open.range = joinRanges(open.range, item.range);
      } else {
        open = item;
        item.text = (quote.depth === 0 ? '' : `${'>'.repeat(quote.depth)} `) + text;
        out.push(item);
      }
      depth = quote.depth;
      if (!text.endsWith(' ') || text === signature) open = undefined;
    }
    return out;
  }
}
