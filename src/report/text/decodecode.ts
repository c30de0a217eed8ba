import type { InstructionLine } from '../../model/explanation.ts';

/** A `Code:` line taken apart, for the look of scripts/decodecode. */
export interface CodeListing {
  /** The line, safe to print. */
  readonly head: string;
  /** All instructions of the line. */
  readonly all: readonly ListedInstruction[];
  /** Those from the marked one on, decoded as if that lay at address 0; empty if there is no mark. */
  readonly fromMark: readonly ListedInstruction[];
}

/** An instruction at an address. */
export interface ListedInstruction extends Pick<InstructionLine, 'bytes' | 'text' | 'marked'> {
  readonly address: bigint;
}

/** objdump prints so many bytes per line, and those of a longer instruction on a line of their own. */
const bytesPerLine = 7;
/** So many bytes of zeros or more are not listed, and fewer at the very end (SKIP_ZEROES of binutils' objdump.c). */
const mostZeros = 8;
const mostZerosAtEnd = 3;

/** The output of `scripts/decodecode`: both listings of objdump, with the mark. */
export function decodecodeText({ head, all, fromMark }: CodeListing): string {
  const second = fromMark.length > 0 ? fromMark : all;
  const parts = [head];
  if (fromMark.length > 0) parts.push('All code', '========', ...listing(all), '');
  parts.push('Code starting with the faulting instruction', '===========================================');
  parts.push(...listing(second));
  return `${parts.join('\n')}\n`;
}

function listing(instructions: readonly ListedInstruction[]): string[] {
  const last = instructions.at(-1);
  const end = last === undefined ? 0n : last.address + BigInt(count(last.bytes));
  const width = addressWidth(end);
  const lines: string[] = [];
  for (let nth = 0; nth < instructions.length; nth++) {
    const skipped = zerosFrom(instructions, nth);
    if (skipped > 0) {
      lines.push('\t...');
      nth += skipped - 1;
      continue;
    }
    const instruction = instructions[nth];
    if (instruction !== undefined) lines.push(...instructionLines(instruction, width));
  }
  return lines;
}

const count = (bytes: string): number => bytes.split(' ').length;

/** objdump leaves out leading zeros of sixteen digits in fours while there are five, and makes blanks of the others. */
function addressWidth(end: bigint): number {
  const zeros = 16 - end.toString(16).length;
  return 16 - 4 * Math.max(0, Math.ceil((zeros - 4) / 4));
}

function instructionLines({ address, bytes, text, marked }: ListedInstruction, width: number): string[] {
  const start = (at: bigint): string => `${at.toString(16).padStart(width)}:`;
  const mark = marked === true ? '*' : '';
  const trap = marked === true ? '\t\t<-- trapping instruction' : '';
  const single = bytes.split(' ');
  // A word stands for an instruction of an architecture that has no others.
  if (single.length === 1 && bytes.length === 8) return [`${start(address)}${mark}\t${bytes} \t${text}${trap}`];
  const lines: string[] = [];
  for (let at = 0; at < single.length; at += bytesPerLine) {
    const piece = single.slice(at, at + bytesPerLine).join(' ');
    const from = start(address + BigInt(at));
    lines.push(at === 0 ? `${from}${mark}\t${piece.padEnd(bytesPerLine * 3)}\t${text}${trap}` : `${from}\t${piece} `);
  }
  return lines;
}

/** How many instructions from one on are zeros that are not listed. */
function zerosFrom(instructions: readonly ListedInstruction[], from: number): number {
  let zeros = 0;
  let nth = from;
  for (; nth < instructions.length; nth++) {
    const instruction = instructions[nth];
    // The faulting one is always listed.
    if (instruction === undefined || instruction.marked === true || !/^[0 ]+$/.test(instruction.bytes)) break;
    zeros += count(instruction.bytes);
  }
  const atEnd = nth === instructions.length;
  return zeros >= mostZeros || (atEnd && zeros > 0 && zeros < mostZerosAtEnd) ? nth - from : 0;
}
