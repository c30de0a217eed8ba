import type { LiveEntry, LiveFrame, LiveVariable } from '../../../model/live.ts';
import { printable } from '../../escape.ts';
import { frameText, sourceText } from '../frame-words.ts';
import type { Paragraph, Span } from '../spans.ts';
import { count, hex } from '../words.ts';
import { entryWords } from './words.ts';

/** How much of a stack is shown. */
export interface StackLook {
  readonly all: boolean;
  /** Frames shown without `all`. */
  readonly most: number;
}

/** `page fault in kernel mode, address 0x20, pt_regs at 0xffffc900000d0e78`. */
export function entryText(entry: LiveEntry): string {
  const parts = [`${entryWords[entry.kind]} in ${entry.isUser ? 'user' : 'kernel'} mode`];
  if (entry.faultAddress !== undefined) parts.push(`address ${hex(entry.faultAddress)}`);
  if (entry.errorCode !== undefined) parts.push(`error code ${hex(entry.errorCode)}`);
  parts.push(`pt_regs at ${hex(entry.ptRegs)}`);
  return parts.join(', ');
}

function variableText({ name, value }: LiveVariable): string {
  return `${name} = ${value === undefined ? 'not known' : hex(value)}`;
}

function frameLines(frame: LiveFrame, all: boolean): Paragraph[] {
  const paragraphs: Paragraph[] = (frame.inlined ?? []).map(({ function: name, source }) =>
    printable(`${name}${source === undefined ? '' : ` at ${sourceText(source)}`} (inlined into the next)`),
  );
  const pieces: (string | Span)[] = frame.reliable ? [] : ['? '];
  pieces.push(frameText(frame));
  if (frame.source !== undefined) pieces.push(` at ${sourceText(frame.source)}`);
  paragraphs.push(pieces);
  const known = all ? (frame.variables ?? []) : [];
  if (known.length > 0)
    paragraphs.push([
      { text: '  ', whole: true },
      { text: printable(known.map(variableText).join(', ')), tone: 'quiet' },
    ]);
  if (frame.entry !== undefined)
    paragraphs.push([{ text: `--- ${printable(entryText(frame.entry))}`, tone: 'strong' }]);
  return paragraphs;
}

/** A stack, innermost first; where it changes to another one of the CPU's, and where the processor was interrupted. */
export function stackParagraphs(
  frames: readonly LiveFrame[],
  endsBecause: string | undefined,
  { all, most }: StackLook,
): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  const wanted = all ? frames : frames.filter(({ reliable }) => reliable);
  const shown = all ? wanted : wanted.slice(0, most);
  let stack = 'task';
  for (const frame of shown) {
    if (frame.stack !== stack) paragraphs.push([{ text: `on the ${printable(frame.stack)} stack:`, tone: 'quiet' }]);
    stack = frame.stack;
    paragraphs.push(...frameLines(frame, all));
  }
  const guesses = frames.length - wanted.length;
  const folded = [
    ...(wanted.length > shown.length ? [count(wanted.length - shown.length, 'more frame')] : []),
    ...(guesses > 0 ? [`${guesses} that may be stale`] : []),
  ];
  if (folded.length > 0) paragraphs.push([{ text: `… ${folded.join(' and ')} not shown (--all)`, tone: 'quiet' }]);
  if (endsBecause !== undefined && (all || folded.length === 0))
    paragraphs.push([{ text: printable(`the stack ends here: ${endsBecause}`), tone: 'quiet' }]);
  if (paragraphs.length === 0) paragraphs.push([{ text: 'no frames', tone: 'quiet' }]);
  return paragraphs;
}
