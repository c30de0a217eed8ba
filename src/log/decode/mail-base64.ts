import { Item } from './item.ts';

const header = /^Content-Transfer-Encoding: {0,4}base64\s*$/i;
const headerLine = /^(?:[A-Za-z][\w-]{0,60}:|[ \t])/;
const encoded = /^[A-Za-z0-9+/]{2,998}={0,2}$/;
/** An attachment that is no text has lines of any length. */
const maxLine = 65_536;

type State = 'outside' | 'headers' | 'body';

/** The base64 parts of a mail, as it is stored or sent: the lines of what they hold. */
export class MailBase64 {
  private state: State = 'outside';
  private rest = '';
  private carry = '';

  /** True within such a part. */
  get active(): boolean {
    return this.state !== 'outside';
  }

  /** Undefined if the line is no part of it; else the lines that it completes. */
  push(item: Item): readonly Item[] | undefined {
    const { text } = item;
    switch (this.state) {
      case 'outside':
        // One look at the first character for nearly all lines.
        if ((text.charCodeAt(0) | 0x20) === 0x63 && header.test(text)) this.state = 'headers';
        return undefined;
      case 'headers':
        if (text === '') this.state = 'body';
        else if (!headerLine.test(text)) this.state = 'outside';
        return undefined;
      case 'body':
        return encoded.test(text) ? this.decode(item) : this.end(item);
    }
  }

  /** The line that the part's end cut off. */
  finish(): readonly Item[] {
    const { rest } = this;
    this.state = 'outside';
    this.rest = '';
    this.carry = '';
    return rest === '' ? [] : [new Item(rest, noRange)];
  }

  private decode(item: Item): readonly Item[] {
    const digits = this.carry + item.text;
    const whole = digits.length - (digits.length % 4);
    this.carry = digits.slice(whole);
    const decoded = Buffer.from(digits.slice(0, whole), 'base64').toString('latin1');
    const feed = decoded.lastIndexOf('\n');
    if (feed < 0) {
      if (this.rest.length < maxLine) this.rest += decoded;
      return [];
    }
    const lines = (this.rest + decoded.slice(0, feed)).split('\n');
    this.rest = decoded.slice(feed + 1);
    const { range } = item;
    // Lines of one line of the input are told apart by where they begin in it.
    return lines.map((line, i) => {
      const firstByte = Math.min(range.firstByte + i, range.endByte);
      return new Item(line.endsWith('\r') ? line.slice(0, -1) : line, { ...range, firstByte });
    });
  }

  private end(item: Item): readonly Item[] {
    const out = this.finish().map((last) => Object.assign(last, { range: item.range }));
    return item.text === '' ? out : [...out, item];
  }
}

const noRange = { firstLine: 0, lastLine: 0, firstByte: 0, endByte: 0 };
