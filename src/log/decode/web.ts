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
const paragraph = /<\/?(?:msg|system-out|pre|br|span|div|td|code|p)(?:\s[^<>]{0,512})?\/?>/i;

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

const cdataOpen = /^\s{0,64}(?:<[a-z][\w-]{0,32}(?: [^<>]{0,256})?>){0,4}<!\[CDATA\[/;
/** JUnit's `<failure message="...&#10;...">`. */
const attribute =
  /^\s{0,64}(?:<[a-z][^<>]{0,512}>){0,4}<[a-z][\w-]{0,32} (?:[\w-]{1,32}="[^"]{0,128}" ){0,8}[\w-]{1,32}="(?=[^"]{128})/;
const attributeEnd = /"\s{0,4}\/?>(?:<\/?[a-z][\w-]{0,32}>){0,8}\s{0,8}$/;
const cdataEnd = /\]\]>(?:<\/[a-z][\w-]{0,32}>){0,4}\s{0,8}$/;

/** The marks of a CDATA section, in JUnit's files: no kernel prints them. */
function takeCdata(item: Item): void {
  if (item.text.includes('&#10;')) item.text = item.text.replace(attribute, '').replace(attributeEnd, '');
  if (item.text.includes('<![CDATA[')) item.text = item.text.replace(cdataOpen, '');
  if (item.text.includes(']]>')) item.text = item.text.replace(cdataEnd, '');
}

/** Undoes what a web page did to text: entities and tags. Only where no line shows the kernel's own `<` and `&`. */
export class HtmlDecoder {
  private active = false;
  /** The line before ended within a tag: public-inbox breaks lines there. */
  private inTag = false;

  private takeBrokenTag(item: Item): void {
    if (this.inTag) {
      const end = /^[^<>]{0,256}>/.exec(item.text);
      if (end !== null) item.text = item.text.slice(end[0].length);
    }
    const open = /<[a-z]{1,10}$/.exec(item.text.slice(-12));
    this.inTag = open !== null;
    if (open !== null) item.text = item.text.slice(0, -open[0].length);
  }

  decode(items: readonly Item[]): boolean {
    let entities = 0;
    let tags = 0;
    let kernel = 0;
    for (const item of items) {
      takeCdata(item);
      const { text } = item;
      if (text.includes('&') && escaped.test(text)) entities++;
      if (text.includes('<') && paragraph.test(text)) tags++;
      if ((text.includes('<') || text.includes('&')) && raw.test(text)) kernel++;
    }
    if (entities + tags > 0) this.active = entities > 2 * kernel || (tags >= 2 && kernel === 0);
    else if (kernel > 0) this.active = false;
    if (!this.active || entities + tags === 0) return false;
    for (const item of items) {
      this.takeBrokenTag(item);
      if (raw.test(item.text) && !escaped.test(item.text)) continue;
      item.text = decodeEntities(item.text.replace(/<br ?\/?>$/i, '').replace(tag, '')).replace(/\r$/, '');
    }
    return true;
  }
}
