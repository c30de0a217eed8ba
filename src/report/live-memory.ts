import type { DecodedPtRegs, DecodedTranslation, MemoryDump } from '../model/live-memory.ts';
import { printable } from './escape.ts';
import { fieldList } from './text/everything.ts';
import { registerParagraphs } from './text/live/registers.ts';
import type { TextOptions } from './text/options.ts';
import { type Paragraph, wrap } from './text/spans.ts';
import { bytes, capitalized, hex } from './text/words.ts';

type Look = Pick<TextOptions, 'width' | 'painter'>;

const named = (address: bigint, symbol: string | undefined): string =>
  symbol === undefined ? hex(address) : `${hex(address)}, ${printable(symbol)}`;

function* lines(head: string, paragraphs: readonly Paragraph[], { width, painter }: Look): Generator<string> {
  for (const line of wrap([{ text: head, tone: 'strong' }], width, painter)) yield `${line}\n`;
  for (const each of paragraphs) for (const line of wrap(each, width, painter, '  ', '    ')) yield `${line}\n`;
}

/** A `pt_regs`, for people. */
export function ptRegsText(regs: DecodedPtRegs, look: Look): Generator<string> {
  const whose = regs.isUser ? 'user' : 'kernel';
  const names = Object.entries(regs.names).map(([register, name]) => printable(`${register} points to ${name}`));
  const paragraphs = [...registerParagraphs(regs.registers, regs.decoded), ...names];
  return lines(`pt_regs at ${hex(regs.address)}, of ${whose} mode:`, paragraphs, look);
}

/** Memory in hex and as text, 16 bytes a line, with the names of what words point to. */
export function* dumpText(dump: MemoryDump, { width, painter }: Look): Generator<string> {
  for (const line of wrap([{ text: `${named(dump.address, dump.symbol)}:`, tone: 'strong' }], width, painter))
    yield `${line}\n`;
  const raw = Buffer.from(dump.bytes, 'hex');
  for (let at = 0; at < raw.length; at += 16) {
    const row = raw.subarray(at, at + 16);
    const digits = row.toString('hex').replace(/(..)(?=.)/g, '$1 ');
    const text = row.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
    const pointed = [at, at + 8].flatMap((offset) => dump.names[offset] ?? []).map(printable);
    const address = (dump.address + BigInt(at)).toString(16).padStart(16, '0');
    yield `${`${address}  ${digits.padEnd(47)}  ${text.padEnd(16)}  ${pointed.join(', ')}`.trimEnd()}\n`;
  }
}

/** Each page-table entry in words, and what they come to. */
export function translationText(translation: DecodedTranslation, look: Look): Generator<string> {
  const { address, symbol, steps, words, physical, pageBytes, why, page } = translation;
  const paragraphs: Paragraph[] = steps.map(({ level, at, value, isRead, fields }) => {
    const entry = isRead ? hex(value) : 'could not be read';
    return printable(
      `${level} at ${hex(at)}: ${entry}${fields === undefined || fields.length === 0 ? '' : `: ${fieldList(fields)}`}`,
    );
  });
  if (words !== undefined) paragraphs.push(printable(`${capitalized(words)}.`));
  if (physical !== undefined) {
    const size = pageBytes === undefined ? '' : `, in a page of ${bytes(pageBytes)}`;
    paragraphs.push([{ text: `physical address ${hex(physical)}${size}`, tone: 'strong' }]);
  } else paragraphs.push([{ text: printable(why ?? 'it leads nowhere'), tone: 'strong' }]);
  if (page !== undefined) {
    const flags = page.flags.length === 0 ? 'no flags' : page.flags.join(', ');
    const references = page.references === undefined ? '' : `, ${page.references} references`;
    paragraphs.push(printable(`struct page at ${hex(page.address)}: ${flags}${references}`));
  }
  return lines(`${named(address, symbol)}:`, paragraphs, look);
}
