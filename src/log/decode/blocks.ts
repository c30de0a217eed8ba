import { joinRanges } from '../../model/position.ts';
import type { Item } from './item.ts';
import { parseJsonText, yamlScalar } from './json.ts';
import { takeDmesgRecord, takeJournal } from './records.ts';

/** A record has no more lines; what goes on longer is something else. */
const maxLines = 1024;

type Shape = 'json' | 'verbose' | 'yaml';

const jsonOpen = /^[\s\]},]*\{$/;
const jsonEnd = /^\s*\}[\s\]},]*(\{)?$/;
const jsonMember = /^\s*"([^"]{1,64})"\s?:\s{0,12}(\S.*)$/;
const jsonListOpen = /^\s*"dmesg"\s?: ?\[$/;
const jsonBetween = /^[\s\]},]*\{?$/;
const verboseOpen = /^[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \S{1,8} \[s=[0-9a-f]{1,32};/;
const verboseField = /^ {4}([A-Z_][A-Z0-9_]{0,63})=(.*)$/;
const yamlOpen = /^- dt: /;
const yamlField = /^ {2}(lvl|msg|ns): ?(.*)$/;
const yamlMore = /^ {4}\S/;

/**
 * Formats that give a record several lines: `journalctl -o json-pretty` and `-o verbose`, `dmesg --json`,
 * LAVA's log in block style. What turns out not to be one comes back as it was.
 */
export class RecordBlocks {
  private shape: Shape | undefined;
  private lines: Item[] = [];
  private fields = new Map<string, string>();
  private key = '';
  private list = '';
  /** Within the list of `dmesg --json`, whose brackets are no messages. */
  private dmesg = false;

  /** True within a record, or a list of them. */
  get active(): boolean {
    return this.shape !== undefined;
  }

  /** The items that are ready, records among them. */
  push(item: Item): readonly Item[] {
    switch (this.shape) {
      case undefined:
        return this.begin(item);
      case 'json':
        return this.pushJson(item);
      case 'verbose':
        return this.pushVerbose(item);
      case 'yaml':
        return this.pushYaml(item);
    }
  }

  /** Ends the record that is under way. */
  finish(): readonly Item[] {
    const { shape, fields, lines } = this;
    const first = lines[0];
    const last = lines.at(-1);
    this.shape = undefined;
    this.lines = [];
    this.fields = new Map();
    this.key = '';
    this.list = '';
    if (first === undefined || last === undefined) return [];
    const record = first.copy('');
    record.range = joinRanges(first.range, last.range);
    if (shape === 'yaml' ? takeYaml(record, fields) : takeJournal(record, fields) || takeDmesgRecord(record, fields)) {
      return [record];
    }
    return this.dmesg && shape === 'json' ? lines.filter((item) => !jsonBetween.test(item.text)) : lines;
  }

  private begin(item: Item): readonly Item[] {
    const { text } = item;
    if (this.dmesg && jsonBetween.test(text) && !text.endsWith('{')) {
      if (/^\s*\]/.test(text)) this.dmesg = false;
      return [];
    }
    const code = text.charCodeAt(text.length - 1);
    if (code === 0x7b && jsonOpen.test(text)) return this.open('json', item);
    if (text.startsWith('- dt: ') && yamlOpen.test(text)) return this.open('yaml', item);
    if (text.includes(' [s=') && verboseOpen.test(text)) return this.open('verbose', item);
    return [item];
  }

  private open(shape: Shape, item: Item): readonly Item[] {
    this.shape = shape;
    this.lines = [item];
    return [];
  }

  /** What is held, and the line that shows that it is no record. */
  private giveUp(item: Item): readonly Item[] {
    const held = this.finish();
    return [...held, ...this.begin(item)];
  }

  private pushJson(item: Item): readonly Item[] {
    const { text } = item;
    if (this.lines.length > maxLines) return this.giveUp(item);
    if (this.list !== '') {
      this.lines.push(item);
      this.list += text;
      if (text.includes(']') || this.list.length > 65_536) this.endList();
      return [];
    }
    const end = jsonEnd.exec(text);
    if (end !== null) {
      this.lines.push(item);
      const done = this.finish();
      if (this.dmesg && /\]/.test(text)) this.dmesg = false;
      if (end[1] !== undefined) {
        this.shape = 'json';
        const again = item.copy('{');
        this.lines = [again];
      }
      return done;
    }
    if (jsonListOpen.test(text)) {
      this.dmesg = true;
      this.lines = [];
      this.shape = undefined;
      return [];
    }
    const m = jsonMember.exec(text);
    if (m === null) return this.giveUp(item);
    this.lines.push(item);
    const value = (m[2] ?? '').replace(/,?\s{0,4}$/, '');
    this.key = m[1] ?? '';
    if (value.startsWith('[') && !value.endsWith(']')) this.list = value;
    else this.set(value);
    return [];
  }

  private endList(): void {
    this.set(this.list.replace(/,\s{0,4}$/, ''));
    this.list = '';
  }

  private set(value: string): void {
    const text = parseJsonText(value);
    if (text !== undefined) this.fields.set(this.key, text);
  }

  private pushVerbose(item: Item): readonly Item[] {
    const { text } = item;
    const m = verboseField.exec(text);
    if (m !== null) {
      this.key = m[1] ?? '';
      this.fields.set(this.key, m[2] ?? '');
    } else if (/^ {5}/.test(text) && this.key !== '') {
      const more = text.slice(Math.min(text.search(/\S|$/), 5 + this.key.length));
      this.fields.set(this.key, `${this.fields.get(this.key) ?? ''}\n${more}`);
    } else {
      return this.giveUp(item);
    }
    this.lines.push(item);
    return this.lines.length > maxLines ? this.finish() : [];
  }

  private pushYaml(item: Item): readonly Item[] {
    const { text } = item;
    const m = yamlField.exec(text);
    if (m !== null) {
      this.key = m[1] ?? '';
      this.fields.set(this.key, m[2] ?? '');
    } else if (yamlMore.test(text) && this.key !== '') {
      // A folded scalar: line breaks are blanks, unless the line before ends in a backslash.
      const so = this.fields.get(this.key) ?? '';
      this.fields.set(
        this.key,
        so.endsWith('\\') ? so.slice(0, -1) + text.trim().replace(/^\\/, '') : `${so} ${text.trim()}`,
      );
    } else {
      return this.giveUp(item);
    }
    this.lines.push(item);
    return this.lines.length > maxLines ? this.finish() : [];
  }
}

function takeYaml(item: Item, fields: ReadonlyMap<string, string>): boolean {
  const message = yamlScalar(fields.get('msg') ?? '');
  const level = fields.get('lvl');
  if (message === undefined || level === undefined) return false;
  item.replace(message.replace(/[\r\n]{1,8}$/, ''), 'lava');
  if (level !== 'target' && level !== 'feedback') {
    item.origin = 'other';
    item.done = true;
  }
  return true;
}
