import { joinRanges, type TextRange } from '../../model/position.ts';
import type { PhysicalLine } from '../physical-line.ts';
import { Item } from './item.ts';
import { takeJournal } from './records.ts';

const field = /^([A-Z_][A-Z0-9_]{0,63})=/;
const bareKey = /^[A-Z_][A-Z0-9_]{0,63}$/;
/** journald refuses larger fields; ours are kernel messages. */
const maxField = 1 << 20;
const maxFields = 1024;

function lineRange(line: PhysicalLine): TextRange {
  return { firstLine: line.number, lastLine: line.number, firstByte: line.firstByte, endByte: line.endByte };
}

/**
 * `journalctl -o export` (systemd's Journal Export Format): `KEY=value` lines, an empty line behind each record;
 * a field with odd bytes is `KEY`, a 64-bit little-endian length, the bytes, a line feed.
 * It reads bytes, because such fields may hold line feeds, NULs and anything else.
 */
export class JournalExportReader {
  private fields = new Map<string, string>();
  private range: TextRange | undefined;
  /** The odd field being read, and its bytes so far. */
  private key = '';
  private bytes = '';

  /** True within a record. */
  get active(): boolean {
    return this.range !== undefined;
  }

  /** Undefined if the line is no part of a record; else the records that it completes, one at most. */
  push(line: PhysicalLine): readonly Item[] | undefined {
    const { bytes } = line;
    if (this.range === undefined) {
      if (!bytes.startsWith('__CURSOR=')) return undefined;
      this.range = lineRange(line);
      this.fields.set('__CURSOR', '');
      return [];
    }
    if (this.key !== '') return this.pushOdd(line);
    const m = field.exec(bytes);
    if (m !== null) {
      const [whole, name] = m;
      if (name === '__CURSOR') {
        const done = this.finish();
        this.range = lineRange(line);
        return done;
      }
      this.range = joinRanges(this.range, lineRange(line));
      if (this.fields.size < maxFields) this.fields.set(name ?? '', bytes.slice(whole.length));
      return [];
    }
    if (bytes === '') return this.finish();
    if (bareKey.test(bytes)) {
      this.range = joinRanges(this.range, lineRange(line));
      this.key = bytes;
      this.bytes = '';
      return [];
    }
    return undefined;
  }

  /** Ends a record that the log does not complete. */
  finish(): readonly Item[] {
    const { range, fields } = this;
    if (this.key !== '') this.endOdd(this.bytes.slice(8));
    this.fields = new Map();
    this.range = undefined;
    if (range === undefined) return [];
    const item = new Item('', range);
    return takeJournal(item, fields) ? [item] : [];
  }

  /** Lines were skipped. */
  reset(): void {
    this.fields = new Map();
    this.range = undefined;
    this.key = '';
    this.bytes = '';
  }

  private pushOdd(line: PhysicalLine): readonly Item[] {
    this.range = joinRanges(this.range ?? lineRange(line), lineRange(line));
    this.bytes += `${line.bytes}\n`;
    if (this.bytes.length < 8) return [];
    let length = 0;
    for (let i = 7; i >= 0; i--) length = length * 256 + this.bytes.charCodeAt(i);
    if (length > maxField) {
      this.reset();
      return [];
    }
    if (this.bytes.length >= 8 + length) this.endOdd(this.bytes.slice(8, 8 + length));
    return [];
  }

  private endOdd(value: string): void {
    if (this.fields.size < maxFields) this.fields.set(this.key, value);
    this.key = '';
    this.bytes = '';
  }
}
