import type { LogLine } from '../model/log-line.ts';
import { RecordBlocks } from './decode/blocks.ts';
import { cleanLine } from './decode/clean.ts';
import { FlowedMail } from './decode/flowed.ts';
import { Item, toLogLine } from './decode/item.ts';
import { JournalExportReader } from './decode/journal-export.ts';
import { MailBase64 } from './decode/mail-base64.ts';
import { isKernelText, Peeler } from './decode/peel.ts';
import { splitLines } from './decode/pieces.ts';
import { PstoreParts } from './decode/pstore.ts';
import { QuotedPrintable } from './decode/quoted-printable.ts';
import { takeSuffixes } from './decode/suffix.ts';
import { HtmlDecoder } from './decode/web.ts';
import { Unwrapper } from './decode/wrap.ts';
import type { PhysicalLine } from './physical-line.ts';

/**
 * Texts for which a reader that skips must look at a line even if no headline is in it:
 * journald's byte arrays may be one, and pstore's parts have to be put in order.
 */
export const decoderLiterals: readonly string[] = [
  '"MESSAGE":[',
  '"MESSAGE" : [',
  'Panic#',
  'Oops#',
  'Emergency#',
  'Encoding: base64',
];

/** Of the lines held for the next block because it may go on with the last: no more of them. */
const maxHeld = 16;

/** Lines held back to learn how a log is decorated: more at its beginning, then fewer than a reader reads on behind a hit. */
const firstBlock = { lines: 256, bytes: 65_536 };
const nextBlock = { lines: 96, bytes: 12_288 };

/**
 * From the lines of any log to the kernel's messages: takes off what the pipes between the kernel and us added.
 * Give it every line in order; it gives back messages, later than their lines by a block. Never throws.
 */
export class LineDecoder {
  private block: Item[] = [];
  private blockBytes = 0;
  private limits = firstBlock;
  private last: LogLine | undefined;
  private readonly out: LogLine[] = [];
  private readonly journal = new JournalExportReader();
  private readonly records = new RecordBlocks();
  private readonly html = new HtmlDecoder();
  private readonly base64 = new MailBase64();
  private readonly quotedPrintable = new QuotedPrintable();
  private readonly flowed = new FlowedMail();
  private readonly unwrapper = new Unwrapper();
  private readonly peeler = new Peeler();
  private readonly parts = new PstoreParts();
  private readonly names = new Set<string>();
  private readonly note = (decoration: string): void => {
    this.names.add(decoration);
  };
  private sawKernel = false;

  /** True while it must see every line: pstore parts being put in order, a record of several lines. */
  get needsEveryLine(): boolean {
    return this.parts.active || this.journal.active || this.records.active || this.base64.active;
  }

  /** Names of what was taken off, for the user. */
  get decorations(): ReadonlySet<string> {
    return this.names;
  }

  /** True once a line was seen that a kernel printed. */
  get kernelLines(): boolean {
    return this.sawKernel;
  }

  /** The messages that are ready after this line: none, or a block of them. */
  push(line: PhysicalLine): LogLine[] {
    const records = this.journal.push(line);
    if (records === undefined) {
      if (this.journal.active) this.block.push(...this.journal.finish());
      this.pushText(line);
    } else {
      this.block.push(...records);
    }
    this.blockBytes += line.bytes.length + 1;
    if (this.block.length < this.limits.lines && this.blockBytes < this.limits.bytes) return this.ready();
    this.process(false);
    this.limits = nextBlock;
    return this.ready();
  }

  /** All that is held back: the log ends or is quiet. */
  flush(): LogLine[] {
    this.finish();
    return this.ready();
  }

  /** Lines were skipped before the next one: half messages are given up, what was learnt is kept. */
  gap(): void {
    this.finish();
    this.journal.reset();
    this.peeler.reset();
  }

  private finish(): void {
    this.block.push(...this.journal.finish(), ...this.base64.finish());
    this.process(true);
    const parts: LogLine[] = [];
    this.parts.finish(parts);
    this.release(parts);
    if (this.last !== undefined) this.out.push(this.last);
    this.last = undefined;
  }

  private ready(): LogLine[] {
    return this.out.splice(0);
  }

  private pushText(line: PhysicalLine): void {
    const range = { firstLine: line.number, lastLine: line.number, firstByte: line.firstByte, endByte: line.endByte };
    const cleaned = cleanLine(line.bytes, this.note);
    if (typeof cleaned === 'string') {
      const item = new Item(cleaned, range);
      const decoded = this.base64.push(item);
      if (decoded === undefined) {
        this.block.push(item);
        return;
      }
      this.block.push(...decoded);
      this.note('base64');
    } else {
      cleaned.forEach((text, i) => {
        if (text === '' && i > 0) return;
        // Told apart by where they begin, as lines of the input are.
        this.block.push(new Item(text, { ...range, firstByte: Math.min(range.firstByte + i, range.endByte) }));
      });
    }
  }

  private process(final: boolean): void {
    let items: readonly Item[] = this.block;
    this.block = [];
    this.blockBytes = 0;
    if (!final) items = this.holdBack(items);
    const mail = this.quotedPrintable.decode(items);
    if (mail !== undefined) {
      items = mail;
      this.note('quoted-printable');
    }
    const flowing = this.flowed.join(items);
    if (flowing !== undefined) {
      items = flowing;
      this.note('flowed');
    }
    if (this.html.decode(items)) {
      items = splitLines(items);
      this.note('html');
    }
    if (takeSuffixes(items)) this.note('suffix');
    const joined = this.unwrapper.join(items);
    if (joined.length < items.length) this.note('wrapped');
    items = joined;
    const tail = items.at(-1);
    if (!final && tail !== undefined && items.length > 1 && this.unwrapper.isOpen(tail)) {
      items = items.slice(0, -1);
      this.block.unshift(tail);
    }
    items = items.flatMap((item) => (item.done || item.origin !== 'unknown' ? [item] : this.records.push(item)));
    if (final) items = [...items, ...this.records.finish()];
    const lines: LogLine[] = [];
    for (const item of this.peeler.peel(items, final)) {
      if (item.layers !== '') this.noteLayers(item.layers);
      const line = toLogLine(item);
      if (!this.sawKernel) this.sawKernel = line.kernel === true || isKernelText(line.text);
      this.parts.push(line, lines);
    }
    this.release(lines);
  }

  /** Keeps the last lines for the next block where what follows may be the rest of them. */
  private holdBack(items: readonly Item[]): readonly Item[] {
    this.quotedPrintable.observe(items);
    this.flowed.observe(items);
    let end = items.length;
    const least = Math.max(1, end - maxHeld);
    while (end > least && this.mayGoOn(items[end - 1]?.text ?? '')) end--;
    if (this.unwrapper.breaksAtWords) {
      let head = end - 1;
      while (head > least && !this.unwrapper.isHeaded(items[head]?.text ?? '')) head--;
      if (head > least) end = head;
    }
    this.block.push(...items.slice(end));
    return items.slice(0, end);
  }

  private mayGoOn(text: string): boolean {
    return this.quotedPrintable.mayGoOn(text) || this.flowed.mayGoOn(text);
  }

  private noteLayers(layers: string): void {
    if (this.names.has(layers)) return;
    for (const name of layers.split(' ')) this.names.add(name);
  }

  /** Hands lines out, one behind: the next one may say that it will be printed again. */
  private release(lines: readonly LogLine[]): void {
    for (const line of lines) {
      if (this.last !== undefined) {
        const replayed =
          line.text.charCodeAt(0) === 0x2a && line.text.includes('** replaying previous printk message **');
        this.out.push(replayed ? { ...this.last, replayed: true } : this.last);
      }
      this.last = line;
    }
  }
}
