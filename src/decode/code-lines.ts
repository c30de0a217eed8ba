import type { CodeDump } from '../model/report.ts';
import { parseCodeUnits } from '../oops/extract/code.ts';

/** A `Code:` line of some text, with what of it stands on further lines. */
export interface CodeLine {
  /** From 1. */
  readonly line: number;
  /** All of it, with the further lines behind. */
  readonly text: string;
  /** Absent if there are no bytes: the kernel could not read them. */
  readonly dump?: CodeDump;
  /** What architecture the line, and those before it, look like; absent if like none. */
  readonly architecture?: string;
}

/** `Code:` lines are this long at the most: 64 bytes, or 128 (`code_bytes=` of x86), with what a pipe put before. */
const maxText = 8192;
/** Without a mark, fewer units are taken for something else. */
const fewUnits = 4;
/** What no other architecture's reports have, of lines before the code. */
const signs: readonly (readonly [RegExp, string])[] = [
  // A process of 32 bits on a kernel of 64 (__USER32_CS).
  [/\bRIP: 0023:/, 'i386'],
  [/\bR(?:IP|AX): /, 'x86_64'],
  [/\bE(?:IP|AX): /, 'i386'],
  [/\bpstate ?: |\bpc : [^\s[]/, 'arm64'],
  [/\b(?:PC|LR) is at |\bpsr ?: |\bpsr: /, 'arm'],
  [/\b(?:epc|era) ?:/, 'other'],
];
const codeWord = /(?:^|[^\w])(?:User )?Code: ?([^\r\n]*)/;
/** What quoting, and the kernel, put before a line. */
const leading = /^[\s>|]{0,32}(?:\[[ 0-9.TC@]{1,24}\]\s{0,4}){0,2}/;

/** Finds the `Code:` lines in lines as they come. */
export class CodeLineFinder {
  #number = 0;
  #architecture: string | undefined;
  #open: { readonly line: number; text: string; units: string } | undefined;

  /** Takes the next line, without its end; gives back the `Code:` line that ends before it. */
  push(line: string): CodeLine | undefined {
    this.#number++;
    const rest = codeOf(line);
    if (rest !== undefined) {
      const done = this.end();
      this.#open = { line: this.#number, text: line.slice(0, maxText), units: rest.slice(0, maxText) };
      return done;
    }
    const open = this.#open;
    const more = open === undefined ? undefined : continuation(line);
    if (open !== undefined && more !== undefined && open.units.length + more.length < maxText) {
      open.text += ` ${more}`;
      open.units += ` ${more}`;
      return undefined;
    }
    const done = this.end();
    this.#architecture = signs.find(([sign]) => sign.test(line))?.[1] ?? this.#architecture;
    return done;
  }

  /** There are no more lines. Gives back the `Code:` line that was not ended yet. */
  end(): CodeLine | undefined {
    const open = this.#open;
    this.#open = undefined;
    return open === undefined ? undefined : codeLine(open.line, open.text, open.units, this.#architecture);
  }
}

/** What stands behind `Code:`, if that is code or says why there is none; `Error Code: 12` has neither. */
function codeOf(line: string): string | undefined {
  const rest = codeWord.exec(line)?.[1];
  if (rest === undefined || /^\s{0,4}(?:bad \w+ value|unable to access opcode)/i.test(rest)) return rest;
  const parsed = parseCodeUnits(rest);
  return parsed !== undefined && looksLikeCode(parsed) ? rest : undefined;
}

function looksLikeCode({ marked, units }: Pick<CodeDump, 'marked' | 'units'>): boolean {
  return marked !== undefined || units.length >= fewUnits;
}

/** The units on a line that has nothing else, as mail wraps a long `Code:` line. */
function continuation(line: string): string | undefined {
  if (line.length > maxText) return undefined;
  const text = line.replace(leading, '').trim();
  return text !== '' && /^[0-9a-f<>()\s]+$/.test(text) ? text : undefined;
}

/** One `Code:` line by itself; undefined if it is none. */
export function codeLineOf(line: string): CodeLine | undefined {
  const rest = codeOf(line.slice(0, maxText));
  return rest === undefined ? undefined : codeLine(1, line, rest, undefined);
}

function codeLine(line: number, text: string, units: string, seen: string | undefined): CodeLine {
  const parsed = parseCodeUnits(units);
  if (parsed === undefined || !looksLikeCode(parsed)) return { line, text };
  const range = { firstLine: line, lastLine: line, firstByte: 0, endByte: 0 };
  const architecture = likelyArchitecture(parsed, units, seen);
  const dump: CodeDump = { ...parsed, mode: 'kernel', range };
  return { line, text, dump, ...(architecture !== undefined && { architecture }) };
}

function likelyArchitecture(
  { unitSize }: Pick<CodeDump, 'unitSize'>,
  units: string,
  seen: string | undefined,
): string | undefined {
  if (unitSize === 1) return seen === 'i386' ? 'i386' : 'x86_64';
  // arm and arm64 mark with brackets of this form; those of 32 bits say where `PC is at`.
  if (unitSize === 4 && units.includes('(')) return seen === 'arm' ? undefined : 'arm64';
  return undefined;
}
