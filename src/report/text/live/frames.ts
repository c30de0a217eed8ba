import type { LiveEntry, LiveFrame, LiveVariable } from '../../../model/live.ts';
import { printable } from '../../escape.ts';
import { frameText, sourceText } from '../frame-words.ts';
import { positionPieces } from '../position.ts';
import type { Paragraph } from '../spans.ts';
import { count, hex } from '../words.ts';
import { entryWords } from './words.ts';

/** How much of a stack is shown. */
export interface StackLook {
  readonly all: boolean;
  /** Frames at the top, and below each entry, that are shown without `all`. */
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
  const paragraphs: Paragraph[] = all ? frameInFull(frame) : [[frameText(frame, 'short'), ...positionPieces(frame)]];
  if (frame.entry !== undefined)
    paragraphs.push([{ text: `--- ${printable(entryText(frame.entry))}`, tone: 'strong' }]);
  return paragraphs;
}

function frameInFull(frame: LiveFrame): Paragraph[] {
  const paragraphs: Paragraph[] = (frame.inlined ?? []).map(({ function: name, source }) =>
    printable(`${name}${source === undefined ? '' : ` at ${sourceText(source)}`} (inlined into the next)`),
  );
  const source = frame.source === undefined ? '' : ` at ${sourceText(frame.source)}`;
  paragraphs.push(`${frame.reliable ? '' : '? '}${frameText(frame)}${source}`);
  const known = frame.variables ?? [];
  if (known.length > 0)
    paragraphs.push([
      { text: '  ', whole: true },
      { text: printable(known.map(variableText).join(', ')), tone: 'quiet' },
    ]);
  return paragraphs;
}

/** Which frames are shown: those at the top, and each entry with those below it, which are what was interrupted. */
function selected(frames: readonly LiveFrame[], { all, most }: StackLook): boolean[] {
  if (all) return frames.map(() => true);
  let left = most;
  return frames.map(({ reliable, entry }) => {
    if (!reliable) return false;
    if (entry !== undefined) {
      left = most;
      return true;
    }
    return left-- > 0;
  });
}

/** A stack, innermost first; where it changes to another one of the CPU's, and where the processor was interrupted. */
export function stackParagraphs(
  frames: readonly LiveFrame[],
  endsBecause: string | undefined,
  look: StackLook,
): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  const isShown = selected(frames, look);
  let stack = 'task';
  let folded = 0;
  const tellFolded = (): void => {
    if (folded > 0) paragraphs.push([{ text: `… ${count(folded, 'frame')} not shown (--all)`, tone: 'quiet' }]);
    folded = 0;
  };
  for (const [nth, frame] of frames.entries()) {
    if (isShown[nth] !== true) {
      folded++;
      continue;
    }
    tellFolded();
    if (frame.stack !== stack) paragraphs.push([{ text: `on the ${printable(frame.stack)} stack:`, tone: 'quiet' }]);
    stack = frame.stack;
    paragraphs.push(...frameLines(frame, look.all));
  }
  const isWhole = folded === 0;
  tellFolded();
  if (endsBecause !== undefined && isWhole)
    paragraphs.push([{ text: printable(`the stack ends here: ${endsBecause}`), tone: 'quiet' }]);
  if (paragraphs.length === 0) paragraphs.push([{ text: 'no frames', tone: 'quiet' }]);
  return paragraphs;
}
