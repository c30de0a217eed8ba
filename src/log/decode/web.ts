import { joinRanges } from '../../model/position.ts';
import type { Item } from './item.ts';

const named: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
};

const entity = /&(?:(lt|gt|amp|quot|apos|nbsp|ensp|emsp|thinsp)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi;
const escaped = /&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,7}|#x[0-9a-f]{1,6});/i;
/** What a kernel prints raw, and no escaped paste can have. */
const raw = /<\/?(?:TASK|IRQ|NMI|SOFTIRQ|EOI|#DF)>|<[0-9a-f]{2}>|\[<[0-9a-f(]|&[a-z_]\w{0,40}(?:->|\.|[)[])/;
const tag =
  /<\/?(?:msg|system-out|system-err|failure|error|testcase|summary|details|section|article|blockquote|small|time|label|h[1-6]|dd|dl|dt|a|b|i|u|p|br|hr|tr|td|th|div|pre|font|span|code|table|tbody|body|html|samp|tt|li|ul|ol|em|strong)(?:\s[^<>]{0,512})?\/?>/gi;
const paragraph = /<(?:msg|system-out|pre|br|span|div|td|code|p)(?:\s[^<>]{0,512})?\/?>/i;

function fromCodePoint(code: number): string {
  if (code === 0xa0) return ' ';
  if (code < 0x80) return String.fromCharCode(code);
  return code <= 0x10ffff ? Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1') : '';
}

function decodeEntities(text: string): string {
  return text.replace(entity, (_, name: string | undefined, decimal: string | undefined, hex: string | undefined) => {
    if (name !== undefined) return named[name.toLowerCase()] ?? '';
    return fromCodePoint(decimal === undefined ? Number.parseInt(hex ?? '0', 16) : Number(decimal));
  });
}

/** Undoes what a web page did to text: entities and tags. Only where no line shows the kernel's own `<` and `&`. */
export class HtmlDecoder {
  private active = false;

  decode(items: readonly Item[]): boolean {
    let entities = 0;
    let tags = 0;
    let kernel = 0;
    for (const { text } of items) {
      if (text.includes('&') && escaped.test(text)) entities++;
      if (text.includes('<') && paragraph.test(text)) tags++;
      if ((text.includes('<') || text.includes('&')) && raw.test(text)) kernel++;
    }
    if (entities + tags > 0) this.active = entities > 2 * kernel || (tags >= 2 && kernel === 0);
    else if (kernel > 0) this.active = false;
    if (!this.active || entities + tags === 0) return false;
    for (const item of items) {
      if (raw.test(item.text) && !escaped.test(item.text)) continue;
      item.text = decodeEntities(item.text.replace(/<br ?\/?>$/i, '').replace(tag, '')).replace(/\r$/, '');
    }
    return true;
  }
}

const softBreak = /=$/;
const illegal = /=(?![0-9A-Fa-f]{2}|$)/;

/** Undoes quoted-printable, the encoding of mails: `=3D`, and lines broken with `=` at their end. */
export function decodeQuotedPrintable(items: readonly Item[]): readonly Item[] | undefined {
  let evidence = 0;
  for (const { text } of items) if (text.includes('=3D') || text.includes('=20') || text.includes('=C2=A0')) evidence++;
  if (evidence < 2) return undefined;
  const out: Item[] = [];
  let changed = false;
  for (let i = 0; i < items.length; ) {
    const end = runEnd(items, i);
    if (end > i && isEncoded(items, i, end)) {
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

/** Lines up to one that quoted-printable could not have. */
function runEnd(items: readonly Item[], from: number): number {
  let i = from;
  while (i < items.length && (items[i]?.text.length ?? 0) <= 998 && !illegal.test(items[i]?.text ?? '')) i++;
  return i;
}

function isEncoded(items: readonly Item[], from: number, to: number): boolean {
  let equals = 0;
  let breaks = 0;
  for (let i = from; i < to; i++) {
    const text = items[i]?.text ?? '';
    if (text.includes('=3D')) equals++;
    if (softBreak.test(text)) breaks++;
  }
  return equals >= 2 || (equals >= 1 && breaks >= 1);
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
