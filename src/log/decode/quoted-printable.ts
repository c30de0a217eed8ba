import { joinRanges } from '../../model/position.ts';
import type { Item } from './item.ts';

const softBreak = /=$/;
const illegal = /=(?![0-9A-Fa-f]{2}|$)/;
/** RFC 2045, section 6.7. */
const maxEncoded = 76;
const header = /^Content-Transfer-Encoding: {0,4}([\w-]{1,32})/i;

/** Undoes quoted-printable, the encoding of mails: `=3D`, and lines broken with `=` at their end. */
export class QuotedPrintable {
  /** What the last header of a part said. */
  private declared = false;

  /** Whether a line ends in the middle of one. */
  mayGoOn(text: string): boolean {
    return this.declared && softBreak.test(text);
  }

  /** Looks at headers only. */
  observe(items: readonly Item[]): void {
    this.noteHeaders(items, 0, items.length);
  }

  /** The items decoded; undefined if nothing is encoded. */
  decode(items: readonly Item[]): readonly Item[] | undefined {
    let evidence = this.declared ? 2 : 0;
    for (const { text } of items) {
      if (text.includes('=3D') || text.includes('=20') || text.includes('=C2=A0')) evidence++;
      else if (text.length <= maxEncoded && text.length > 60 && text.endsWith('=')) evidence++;
      else if (text.startsWith('Content-') && header.test(text)) evidence += 2;
    }
    if (evidence < 2) return undefined;
    const out: Item[] = [];
    let changed = false;
    for (let i = 0; i < items.length; ) {
      const end = runEnd(items, i);
      this.noteHeaders(items, i, end);
      if (end > i && (this.declared || isEncoded(items, i, end))) {
        changed = true;
        decodeRun(items, i, end, out);
        i = end;
      } else {
        const stop = Math.max(end, i + 1);
        for (; i < stop; i++) {
          const item = items[i];
          if (item !== undefined) out.push(item);
        }
      }
    }
    return changed ? out : undefined;
  }

  private noteHeaders(items: readonly Item[], from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const text = items[i]?.text ?? '';
      if (text.startsWith('From ') || /^--[^ -]/.test(text)) this.declared = false;
      const encoding = text.startsWith('Content-') ? header.exec(text)?.[1] : undefined;
      if (encoding !== undefined) this.declared = encoding.toLowerCase() === 'quoted-printable';
    }
  }
}

/** Lines up to one that quoted-printable could not have. */
function runEnd(items: readonly Item[], from: number): number {
  let i = from;
  while (i < items.length && (items[i]?.text.length ?? 0) <= 998 && !illegal.test(items[i]?.text ?? '')) i++;
  return i;
}

function isEncoded(items: readonly Item[], from: number, to: number): boolean {
  let equals = 0;
  let breaks = 0;
  let longest = 0;
  for (let i = from; i < to; i++) {
    const text = items[i]?.text ?? '';
    if (text.includes('=3D')) equals++;
    if (text.length > longest) longest = text.length;
    if (softBreak.test(text)) breaks++;
  }
  return equals >= 2 || (equals >= 1 && breaks >= 1) || (breaks >= 2 && longest <= maxEncoded);
}

function decodeRun(items: readonly Item[], from: number, to: number, out: Item[]): void {
  let open: Item | undefined;
  for (let i = from; i < to; i++) {
    const item = items[i];
    if (item === undefined) continue;
    const broken = softBreak.test(item.text);
    const text = (broken ? item.text.slice(0, -1) : item.text.trimEnd()).replace(/=([0-9A-Fa-f]{2})/g, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (open === undefined) {
      item.text = text;
      out.push(item);
      open = item;
    } else {
      open.text += text;
      open.range = joinRanges(open.range, item.range);
    }
    if (!broken) {
      open.text = open.text.replace(/\xc2\xa0/g, ' ');
      open = undefined;
    }
  }
}
