import type { Frame } from '../../model/report.ts';
import { type PrintedSymbol, parseSymbol, skipBlanks } from './symbol.ts';

/** A mark between angle brackets: `<IRQ>` opens, `</IRQ>` closes, `<EOI>` and `<<EOE>>` end what was before. */
export interface SectionMark {
  readonly name: string;
  readonly closes: boolean;
}

/** A frame as one line has it, without its place. */
export interface FrameParts extends Omit<Frame, 'range' | 'section' | 'inlined'> {
  readonly inline: boolean;
}

/** What a line of a trace holds. */
export interface FrameLine {
  /** Marks before the frame, in order; a line may hold nothing else. */
  readonly marks: readonly SectionMark[];
  readonly frame?: FrameParts;
  /** arm: the function behind `from`, which the next line has as its own again. */
  readonly caller?: FrameParts;
  readonly marksAfter: readonly SectionMark[];
  /** Begins with blanks or with a bracketed address, as lines of traces do. */
  readonly indented: boolean;
}

const sectionMark = /<?<(\/?)([#A-Z_][A-Z0-9_#]{0,31})>>?(?!:)/y;
const bracketedAddress = /\(?\[<?(?:0x)?([0-9a-f]{8,16})>?\]\)?/y;
const questionMark = /\?(?=\s)/y;
// arch/powerpc/kernel/process.c, show_stack(): "--- Exception:" before 4.16 or so.
const interruptLine = /^\s*--- ?(?:interrupt|Exception): [0-9a-f]{1,4} at /;

function at(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

function readMarks(text: string, position: number): { marks: SectionMark[]; end: number } {
  const marks: SectionMark[] = [];
  let end = position;
  while (marks.length < 8) {
    const i = skipBlanks(text, end);
    const mark = text[i] === '<' ? at(sectionMark, text, i) : null;
    if (mark === null) break;
    marks.push({ name: mark[2] ?? '', closes: mark[1] === '/' });
    end = sectionMark.lastIndex;
  }
  return { marks, end };
}

function partsOf(symbol: PrintedSymbol, address: bigint | undefined, reliable: boolean): FrameParts {
  const { end: _end, unreliable, address: own, ...rest } = symbol;
  const where = address ?? own;
  return { ...rest, reliable: reliable && !unreliable, ...(where !== undefined && { address: where }) };
}

/** `[<pc>] (callee+0x0/0x2 [mod]) from [<pc>] (caller+0x1/0x2)` (arch/arm/kernel/traps.c, dump_backtrace_entry()). */
function parseArmPair(text: string): FrameLine | undefined {
  const from = text.indexOf(') from [<');
  if (from < 0) return undefined;
  const callee = parseArmHalf(text.slice(0, from + 1));
  const caller = parseArmHalf(text.slice(from + 7));
  if (callee === undefined) return undefined;
  return { marks: [], frame: callee, ...(caller !== undefined && { caller }), marksAfter: [], indented: true };
}

function parseArmHalf(text: string): FrameParts | undefined {
  const start = skipBlanks(text, 0);
  const pc = at(bracketedAddress, text, start);
  if (pc === null) return undefined;
  const i = skipBlanks(text, bracketedAddress.lastIndex);
  if (text[i] !== '(') return undefined;
  const address = BigInt(`0x${pc[1] ?? '0'}`);
  const symbol = parseSymbol(text, i + 1);
  if (symbol !== undefined) return partsOf(symbol, address, true);
  // The callee is printed by `%ps`, without offset, since 4.2 or so.
  const alone = /^([A-Za-z_.$][\w.$]*)(?: \[([\w-]{1,64})\])?\)/.exec(text.slice(i + 1));
  if (alone === null) return undefined;
  const [, name = '', module] = alone;
  return { function: name, reliable: true, inline: false, address, ...(module !== undefined && { module }) };
}

// ` callee from caller+0x1/0x2`, arm since 5.18 unless CONFIG_ARM_UNWIND prints addresses.
const armNewPair = /^\s{0,8}([A-Za-z_.$][\w.$]{0,510})(?: \[([\w-]{1,64})\])? from (?=[A-Za-z_.$0])/;

function parseNewArmPair(text: string): FrameLine | undefined {
  const match = armNewPair.exec(text);
  if (match === null) return undefined;
  const symbol = parseSymbol(text, match[0].length);
  if (symbol === undefined || (symbol.offset === undefined && symbol.address === undefined)) return undefined;
  const module = match[2];
  return {
    marks: [],
    frame: { function: match[1] ?? '', reliable: true, inline: false, ...(module !== undefined && { module }) },
    caller: partsOf(symbol, undefined, true),
    marksAfter: [],
    indented: /^\s/.test(text),
  };
}

/**
 * Reads a line of a call trace in any form that an architecture prints or a symbolizing script leaves.
 * Whether the line stands in a trace at all is for the caller to know.
 */
export function parseFrameLine(text: string): FrameLine | undefined {
  const interrupted = interruptLine.exec(text);
  if (interrupted !== null) {
    const symbol = parseSymbol(text, interrupted[0].length);
    const frame = symbol?.function === undefined ? undefined : partsOf(symbol, undefined, true);
    return { marks: [], ...(frame !== undefined && { frame }), marksAfter: [], indented: true };
  }
  const pair = parseArmPair(text) ?? parseNewArmPair(text);
  if (pair !== undefined) return pair;
  const { marks, end } = readMarks(text, 0);
  let i = skipBlanks(text, end);
  let address: bigint | undefined;
  // powerpc prints the frame's address and then the code's; 4.9's x86 two alike.
  for (let n = 0; n < 2; n++) {
    const match = text[i] === '[' || text[i] === '(' ? at(bracketedAddress, text, i) : null;
    if (match === null) break;
    address = BigInt(`0x${match[1] ?? '0'}`);
    i = skipBlanks(text, bracketedAddress.lastIndex);
  }
  const indented = i > 0 || address !== undefined;
  const questionable = at(questionMark, text, i) !== null;
  if (questionable) i = skipBlanks(text, i + 1);
  const symbol = parseSymbol(text, i);
  if (symbol === undefined) {
    // A lone address stands for a function without a name only where nothing follows it.
    if (address !== undefined && i >= text.length) {
      return { marks, frame: { reliable: !questionable, inline: false, address }, marksAfter: [], indented };
    }
    return marks.length > 0 && i >= text.length ? { marks, marksAfter: [], indented } : undefined;
  }
  // `0x10 bytes left`, `0x00: ff`: a bare number is a frame only if it fills the line.
  if (symbol.function === undefined && skipBlanks(text, symbol.end) < text.length) {
    const rest = readMarks(text, symbol.end);
    if (skipBlanks(text, rest.end) < text.length && text[skipBlanks(text, rest.end)] !== ')') return undefined;
  }
  const after = readMarks(text, symbol.end);
  return { marks, frame: partsOf(symbol, address, !questionable), marksAfter: after.marks, indented };
}
