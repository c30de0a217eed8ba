import type { Architecture } from '../../arch/architecture.ts';
import { architectures } from '../../arch/architectures.ts';
import type { LogLine } from '../../model/log-line.ts';
import { joinRanges, type TextRange } from '../../model/position.ts';
import type { Frame, RegisterSet } from '../../model/report.ts';
import { type PointerLine, parsePointerLine } from './ip-line.ts';

/** A register as printed: its name, its number, words in brackets behind it. */
export interface PrintedRegister {
  readonly name: string;
  readonly value: bigint;
  readonly words?: string;
}

/** Name as printed to name as in the manuals. */
function printedNames(architecture: Architecture): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const name of [...architecture.registers, ...architecture.otherRegisters]) {
    const capital = name.charAt(0).toUpperCase() + name.slice(1);
    for (const printed of [name, name.toUpperCase(), capital]) names.set(printed, name);
  }
  for (const [printed, name] of Object.entries(architecture.printedNames)) names.set(printed, name);
  return names;
}

const namesByArchitecture = new Map(architectures.map((a) => [a, printedNames(a)]));

// `RSP: 0018:ffff...`, `FS:  0000000000000000(0000)`, `lr : [<c00>]`, `pstate: 60000005 (nZCv daif)`, `MSR:  8000 <SF,EE>`.
const assignment =
  /\s{0,24}([A-Za-z][A-Za-z0-9_]{0,15})\s{0,4}:\s{0,16}(?:([0-9a-f]{4}):)?(?:\[<)?(?:0x)?([0-9a-f]{1,16})(?![\w.])(?:>\])?(?:\(([0-9a-f]{1,4})\)(?=\s|$))?/y;
const bracketWords = /\s{0,4}(?:\(([^()]{1,200})\)|<([^<>]{1,200})>)/y;
const capitalWords = /\s{1,8}([A-Z]+(?: [A-Z0-9]+){0,12})\s*$/y;
// loongarch: `pc 9000000000210afc ra 9000000000210ac4 tp 90000001000d8000 sp 90000001000dbcd0`.
const colonless = /\s{0,8}([a-z][a-z0-9]{1,2}) ([0-9a-f]{16})(?!\w)/y;
const generalList = /^\s{0,16}(?:GPR(\d{1,2})|\$ ?(\d{1,2}))\s{0,4}:(.*)$/;
const s390List = /^\s{0,16}(?:Krnl|User) (GPRS|ACRS):(.*)$/;
const wideValue = /^[0-9a-f]{8,16}$/;

function hexList(text: string): bigint[] | undefined {
  const words = text.trim().split(/\s+/, 9);
  if (words.length > 8 || !words.every((w) => wideValue.test(w))) return undefined;
  return words.map((w) => BigInt(`0x${w}`));
}

/** Reads assignments from a position on, up to the first thing that is none. */
export function parseRegisters(architecture: Architecture, text: string, position = 0): PrintedRegister[] {
  const names = namesByArchitecture.get(architecture);
  const found: PrintedRegister[] = [];
  let i = position;
  while (names !== undefined && found.length < 40) {
    assignment.lastIndex = i;
    const match = assignment.exec(text);
    const name = match === null ? undefined : names.get(match[1] ?? '');
    if (match === null || name === undefined) break;
    i = assignment.lastIndex;
    const value = BigInt(`0x${match[3] ?? '0'}`);
    const selector = match[4];
    if (selector !== undefined) {
      // x86-64 prints the base and, in brackets, the selector (arch/x86/kernel/process_64.c, __show_regs()).
      found.push({ name: `${name}_base`, value }, { name, value: BigInt(`0x${selector}`) });
      continue;
    }
    if (match[2] !== undefined && (name === 'rsp' || name === 'esp')) {
      found.push({ name: 'ss', value: BigInt(`0x${match[2]}`) });
    }
    bracketWords.lastIndex = i;
    capitalWords.lastIndex = i;
    const inBrackets = bracketWords.exec(text);
    const capitals = inBrackets === null ? capitalWords.exec(text) : null;
    if (inBrackets !== null) i = bracketWords.lastIndex;
    const words = inBrackets?.[1] ?? inBrackets?.[2] ?? capitals?.[1];
    found.push({ name, value, ...(words !== undefined && { words }) });
  }
  if (found.length > 0 || architecture.name !== 'loongarch64') return found;
  while (names !== undefined && found.length < 8) {
    colonless.lastIndex = i;
    const match = colonless.exec(text);
    const name = match === null ? undefined : names.get(match[1] ?? '');
    if (match === null || name === undefined) break;
    i = colonless.lastIndex;
    found.push({ name: name === 'pc' ? 'era' : name, value: BigInt(`0x${match[2] ?? '0'}`) });
  }
  return found;
}

/** A register dump while it is collected. */
interface OpenSet {
  readonly values: Record<string, bigint>;
  readonly ranges: Record<string, TextRange>;
  readonly words: Record<string, string>;
  ip: Frame | undefined;
  lr: Frame | undefined;
  codeSegment: number | undefined;
  hasPointer: boolean;
  closed: boolean;
  range: TextRange;
  readonly firstIndex: number;
  readonly owner: number;
  readonly cpu: number | undefined;
  readonly insideTrace: boolean;
}

/** A register dump, with where in the report it stood. */
export interface CollectedSet {
  readonly set: RegisterSet;
  readonly firstIndex: number;
  readonly owner: number;
  /** Printed in the middle of a trace: the registers of what was interrupted there. */
  readonly insideTrace: boolean;
}

/** Where a line stands, for a register dump that begins with it. */
export interface RegisterPlace {
  readonly index: number;
  /** Whose part of the report it is, see StackCollector. */
  readonly owner: number;
  readonly cpu: number | undefined;
  readonly insideTrace: boolean;
}

const mostSets = 1024;
// Printed on lines of their own, or repeated at the end of a report: they never begin a dump.
const trailing = /^(cr\d|dr\d|pkru)$/;

/** Collects the register dumps of a report. */
export class RegisterCollector {
  private readonly sets: OpenSet[] = [];
  private readonly architecture: Architecture;
  private list: { prefix: string; next: number } | undefined;

  constructor(architecture: Architecture) {
    this.architecture = architecture;
  }

  /** The dump that was begun last is one of user space. */
  get lastIsUser(): boolean {
    const last = this.sets.at(-1);
    return last !== undefined && this.isUser(last);
  }

  /** A pointer line in the report whose symbol is the kernel's, if the line was one; else whether it was taken. */
  take(line: LogLine, place: RegisterPlace): Frame | boolean {
    const { text, range } = line;
    // arm's frame-pointer unwinder shows what each frame had saved: ` r7:df712310 r6:df712140`.
    if (/^ {1,2}r\d{1,2}:[0-9a-f]{8}\b/.test(text)) return true;
    const pointer = parsePointerLine(text);
    if (pointer !== undefined && this.knows(pointer.register)) return this.takePointer(pointer, line, place);
    if (this.takeList(text, range, place)) return true;
    // Old x86 repeats the stack pointer at the end: ` RSP <ffff88003dd739f8>`.
    if (/^\s{0,2}(RSP|SS:ESP)[: ]/.test(text) && text.includes(' <')) return true;
    if (/^Flags: [nNzZcCvV]{4} /.test(text)) {
      const last = this.sets.at(-1);
      if (last !== undefined) last.words.flags = text.slice(7).trim();
      return true;
    }
    const found = parseRegisters(this.architecture, text);
    const first = found[0];
    if (first === undefined) return false;
    // A lone short number is prose (`table: 12`), not a register.
    if (found.length === 1 && !/[0-9a-f]{8}/.test(text)) return false;
    for (const register of found) this.put(register, range, place);
    return true;
  }

  /** What comes next is no part of the dump any more. */
  close(): void {
    const last = this.sets.at(-1);
    if (last !== undefined) last.closed = true;
    this.list = undefined;
  }

  /** The dumps, without those that say the same again (x86 repeats the first one behind the end mark). */
  finish(): CollectedSet[] {
    const kept: OpenSet[] = [];
    for (const set of this.sets) {
      if (Object.keys(set.values).length === 0 && set.ip === undefined) continue;
      if (!kept.some((earlier) => saysTheSame(earlier, set))) kept.push(set);
    }
    return kept.map((set) => ({
      set: this.shape(set),
      firstIndex: set.firstIndex,
      owner: set.owner,
      insideTrace: set.insideTrace,
    }));
  }

  private shape(set: OpenSet): RegisterSet {
    const { values, ranges, words, ip, lr, codeSegment, cpu, range } = set;
    return {
      mode: this.isUser(set) ? 'user' : 'kernel',
      values,
      ranges,
      ...(Object.keys(words).length > 0 && { words }),
      ...(ip !== undefined && { ip }),
      ...(lr !== undefined && { lr }),
      ...(codeSegment !== undefined && { codeSegment }),
      ...(cpu !== undefined && { cpu }),
      range,
    };
  }

  private isUser(set: OpenSet): boolean {
    if (set.codeSegment !== undefined) return (set.codeSegment & 3) === 3;
    return this.architecture.isUser(set.values) ?? false;
  }

  private knows(register: string): boolean {
    const { registers, otherRegisters } = this.architecture;
    return registers.includes(register) || otherRegisters.includes(register);
  }

  private takePointer(pointer: PointerLine, line: LogLine, place: RegisterPlace): Frame | boolean {
    const { range, text } = line;
    const frame = pointer.symbol === undefined ? undefined : { ...pointer.symbol, range };
    let set = this.sets.at(-1);
    if (pointer.which === 'ip') {
      // arm prints the pointer twice, `PC is at foo+0x..` and `pc : [<addr>]`.
      const sameDump = set !== undefined && !set.closed && set.owner === place.owner;
      const value = set?.values[pointer.register];
      const again =
        set?.hasPointer === true &&
        ((frame !== undefined && set.ip !== undefined) ||
          (value !== undefined && pointer.address !== undefined && value !== pointer.address));
      if (set === undefined || !sameDump || again) set = this.begin(range, place);
      if (set === undefined) return true;
      set.hasPointer = true;
      if (pointer.codeSegment !== undefined) {
        set.codeSegment = pointer.codeSegment;
        set.values.cs = BigInt(pointer.codeSegment);
        set.ranges.cs = range;
      }
      set.ip ??= frame;
    } else {
      if (set === undefined || set.closed) return set !== undefined;
      set.lr ??= frame;
    }
    if (pointer.address !== undefined && set.values[pointer.register] === undefined) {
      set.values[pointer.register] = pointer.address;
    }
    set.ranges[pointer.register] ??= range;
    set.range = joinRanges(set.range, range);
    const mask = /^\s{0,8}(?:Krnl|User) PSW : ([0-9a-f]{16}) /.exec(text)?.[1];
    if (mask !== undefined) this.put({ name: 'pswm', value: BigInt(`0x${mask}`) }, range, place);
    for (const register of parseRegisters(this.architecture, text, pointer.end)) this.put(register, range, place);
    return pointer.which === 'ip' && frame !== undefined && !this.isUser(set) ? frame : true;
  }

  /** Lists without names: GPR04: a b c d (ppc), $ 4 : a b c d (mips), Krnl GPRS: over four lines (s390). */
  private takeList(text: string, range: TextRange, place: RegisterPlace): boolean {
    const general = generalList.exec(text);
    const s390 = general === null ? s390List.exec(text) : null;
    const start =
      general !== null
        ? { prefix: 'r', next: Number(general[1] ?? general[2]) }
        : s390 !== null
          ? { prefix: s390[1] === 'GPRS' ? 'r' : 'a', next: 0 }
          : this.list;
    if (start === undefined) return false;
    const values = hexList(general?.[3] ?? s390?.[2] ?? text);
    if (values === undefined) {
      this.list = undefined;
      return false;
    }
    let next = start.next;
    for (const value of values) {
      const name = `${start.prefix}${next++}`;
      if (this.knows(name)) this.put({ name, value }, range, place);
    }
    this.list = s390 !== null || general === null ? { prefix: start.prefix, next } : undefined;
    if (next >= 16 && general === null) this.list = undefined;
    return true;
  }

  private begin(range: TextRange, place: RegisterPlace): OpenSet | undefined {
    if (this.sets.length >= mostSets) return undefined;
    const set: OpenSet = {
      values: {},
      ranges: {},
      words: {},
      ip: undefined,
      lr: undefined,
      codeSegment: undefined,
      hasPointer: false,
      closed: false,
      range,
      firstIndex: place.index,
      owner: place.owner,
      cpu: place.cpu,
      insideTrace: place.insideTrace,
    };
    this.sets.push(set);
    return set;
  }

  private put({ name, value, words }: PrintedRegister, range: TextRange, place: RegisterPlace): void {
    let set = this.sets.at(-1);
    // The dump under way has room for it: its own, though another CPU's says the same.
    const inDump = set?.hasPointer === true && !set.closed && set.owner === place.owner && !this.isUser(set);
    const room = inDump && set?.values[name] === undefined && Object.keys(set?.values ?? {}).length >= 4;
    if (trailing.test(name) && set !== undefined && !room) {
      const home = this.sets.find((s) => s.values[name] === value);
      if (home !== undefined) return;
      // A dump that only repeats the pointers is none of its own.
      if (set.closed || this.isUser(set) || Object.keys(set.values).length < 4)
        set = this.sets.find((s) => !this.isUser(s)) ?? set;
      if (set.values[name] !== undefined) return;
    } else if (set === undefined || set.closed || (set.values[name] !== undefined && set.values[name] !== value)) {
      if (name === this.architecture.instructionPointer || set === undefined || set.closed || set.hasPointer) {
        set = this.begin(range, place);
      }
    } else if (name === this.architecture.instructionPointer) {
      set.hasPointer = true;
    }
    if (set === undefined) return;
    set.values[name] ??= value;
    set.ranges[name] ??= range;
    if (words !== undefined) set.words[name] ??= words.trim();
    set.range = joinRanges(set.range, range);
  }
}

function saysTheSame(a: OpenSet, b: OpenSet): boolean {
  if (a.ip?.function !== b.ip?.function && b.ip !== undefined) return false;
  return Object.entries(b.values).every(([name, value]) => a.values[name] === value);
}
