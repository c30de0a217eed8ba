import { meaningOf } from '../code/values/meaning.ts';
import { explainFaultAddress, explainRegisters } from '../code/values/registers.ts';
import { valueContextOf } from '../code/values/report-context.ts';
import { bareName, culpritIndex } from '../model/blame.ts';
import type { ReportDetails } from '../model/details.ts';
import type {
  Evidence,
  FaultingInstruction,
  RegisterMeaning,
  ValueClass,
  ValueMeaning,
  VariableValue,
} from '../model/explanation.ts';
import type { TextRange } from '../model/position.ts';
import type { CrashReport, Frame, RegisterSet, StackRole, StackTrace } from '../model/report.ts';
import { call, callOf, frameCall } from './phrases.ts';
import type { DiagnoseContext } from './rule.ts';

/** Details of one family. */
export type DetailsOf<Of extends ReportDetails['of']> = Extract<ReportDetails, { readonly of: Of }>;

/** The value that an access went wrong by, as far as it is known. */
export interface BadPointer {
  readonly register?: string;
  readonly value?: bigint;
  readonly meaning?: ValueMeaning;
  readonly variable?: VariableValue;
}

/** A report as rules look at it: what several of them ask for, worked out once. */
export class Subject {
  readonly report: CrashReport;
  readonly context: DiagnoseContext;
  readonly #isX86: boolean;
  #registers: readonly RegisterMeaning[] | undefined;
  #address: { readonly meaning: ValueMeaning | undefined } | undefined;

  constructor(report: CrashReport, context: DiagnoseContext = {}) {
    this.report = report;
    this.context = context;
    this.#isX86 = report.architecture === 'x86_64' || report.architecture === 'i386';
  }

  get kind(): string {
    return this.report.kind;
  }

  /** The report is of one of these kinds, or families (`kasan/`). */
  isKind(...kinds: readonly string[]): boolean {
    const { kind } = this.report;
    return kinds.some((each) => (each.endsWith('/') ? kind.startsWith(each) : kind === each));
  }

  /** The report's details, if they are of that family. */
  details<Of extends ReportDetails['of']>(of: Of): DetailsOf<Of> | undefined {
    const { details } = this.report;
    return details !== undefined && isOf(details, of) ? details : undefined;
  }

  /** The address that was wanted: with KASAN the one that the shadow was looked at for, else what the processor says. */
  get address(): bigint | undefined {
    return this.#ofShadow ?? this.report.fault?.address ?? this.details('kasan')?.address;
  }

  /** What the instruction looked at the shadow of, where the kernel does not say so (before 5.10, and not of arm64). */
  get #ofCheck(): bigint | undefined {
    const { instruction, report } = this;
    if (instruction?.verdict !== 'shadow') return undefined;
    const shadow = instruction.operands[instruction.faulting ?? -1]?.address;
    if (shadow === undefined) return undefined;
    const meaning = meaningOf(shadow, { ...valueContextOf(report), asAddress: true });
    return meaning?.class === 'kasan-shadow' ? meaning.address : undefined;
  }

  /** What KASAN makes of a fault in its shadow (kasan_non_canonical_hook() in mm/kasan/report.c). */
  get #ofShadow(): bigint | undefined {
    return this.details('kasan')?.range?.from ?? this.#ofCheck;
  }

  get access(): 'read' | 'write' | 'execute' | undefined {
    const { fault, explanation } = this.report;
    if (fault?.access !== undefined) return fault.access;
    const { instruction } = explanation ?? {};
    const operand = instruction?.operands[instruction.faulting ?? -1];
    return operand === undefined || operand.access === 'none' || operand.access === 'read-write'
      ? undefined
      : operand.access;
  }

  get instruction(): FaultingInstruction | undefined {
    return this.report.explanation?.instruction;
  }

  /** The code of the log was compared with that of the build, and where it trapped there is no difference. */
  get isCodeAsBuilt(): boolean {
    return (this.report.explanation?.disassembly ?? []).some(
      ({ lines, differences }) =>
        lines.some(({ marked }) => marked === true) && differences?.every(({ offset }) => offset !== 0) === true,
    );
  }

  /** The kernel's registers where it trapped. */
  get registers(): RegisterSet | undefined {
    return this.report.registers?.find((set) => set.mode === 'kernel' && set.cpu === undefined);
  }

  /** What the registers mean. */
  get values(): readonly RegisterMeaning[] {
    this.#registers ??= this.report.explanation?.values ?? explainRegisters(this.report);
    return this.#registers;
  }

  /** What the address that could not be accessed is. */
  get addressMeaning(): ValueMeaning | undefined {
    if (this.#address === undefined) {
      const { address, report } = this;
      const meaning =
        address === undefined || address === report.fault?.address
          ? explainFaultAddress(report)
          : meaningOf(address, { ...valueContextOf(report), asAddress: true });
      this.#address = { meaning };
    }
    return this.#address.meaning;
  }

  /** What the access went wrong by: only where the instruction shows which register that was. */
  get pointer(): BadPointer {
    const { explanation } = this.report;
    const { wrong } = explanation ?? {};
    const register = explanation?.instruction?.register;
    const value = register === undefined ? wrong?.value : (this.registers?.values[register] ?? wrong?.value);
    const meaning =
      (register === undefined ? undefined : this.values.find((each) => each.register === register)) ?? wrong?.meaning;
    return {
      ...(register !== undefined && { register }),
      ...(value !== undefined && { value }),
      ...(meaning !== undefined && { meaning }),
      ...(wrong !== undefined && { variable: wrong }),
    };
  }

  /** The pointer, else the address, if it is of one of these classes. */
  badValue(
    ...classes: readonly ValueClass[]
  ): { readonly meaning: ValueMeaning; readonly proven: boolean } | undefined {
    const { meaning } = this.pointer;
    if (meaning !== undefined && classes.includes(meaning.class)) return { meaning, proven: meaning.certain };
    const address = this.addressMeaning;
    if (address !== undefined && classes.includes(address.class)) {
      return { meaning: address, proven: address.certain };
    }
    return undefined;
  }

  /** A register's name as the architecture's assembler writes it: `%rax`, `x0`. */
  registerWords(name: string): string {
    return this.#isX86 ? `%${name}` : name;
  }

  /** Where it trapped, inlined functions told: `foo() (inlined into bar() of module baz), called from culprit()`. */
  get who(): string {
    const [top] = this.report.frames;
    const { culprit, explanation } = this.report;
    // Reports that the kernel makes itself begin in the functions that make them.
    if (!this.isKind('oops/')) return this.blamed;
    if (top?.function === undefined && this.blamedCall === undefined) {
      const ip = this.registers?.ip;
      return ip?.function === undefined ? 'Something in the kernel' : callOf(ip.function, ip.module);
    }
    if (top?.function === undefined || (this.access === 'execute' && this.report.fault !== undefined))
      return this.blamed;
    const inner = explanation?.accessed?.function ?? explanation?.wrong?.function ?? top.inlined?.[0]?.function;
    const isInlined = inner !== undefined && bareName(inner) !== bareName(top.function);
    const own = isInlined
      ? `${call(inner)} (inlined into ${callOf(top.function, top.module)})`
      : callOf(top.function, top.module);
    const names = [top.function, ...(top.inlined ?? []).map((each) => each.function)].map(bareName);
    if (culprit === undefined || names.includes(bareName(culprit.function)) || culpritIndex(this.report) <= 0)
      return own;
    return `${own}, called${this.#between} from ${callOf(culprit.function, culprit.module)},`;
  }

  /** ` through a()`: the functions between the one that trapped and the one to blame, as far as they were printed. */
  get #between(): string {
    const { frames, explanation } = this.report;
    const culprit = culpritIndex(this.report);
    const printed = frames
      .slice(1, Math.max(culprit, 1))
      .flatMap(({ reliable, function: name }) => (reliable && name !== undefined ? [call(name)] : []));
    // Those that called nothing yet stand in no trace, but the link register knows.
    const blamed = frames[culprit]?.function;
    const last = explanation?.passed?.findIndex(({ by }) => blamed !== undefined && by === bareName(blamed)) ?? -1;
    const passed = (explanation?.passed ?? []).slice(0, Math.max(last, 0)).map(({ by }) => call(by));
    const names = passed.length > printed.length ? passed : printed;
    if (names.length === 0) return '';
    return names.length > 2 ? ` through ${names[0]} and ${names.length - 1} others` : ` through ${names.join(' and ')}`;
  }

  /** Who is to blame: `foo() of module bar`; `The kernel` where nobody is known. */
  get blamed(): string {
    return this.blamedCall ?? 'The kernel';
  }

  get blamedCall(): string | undefined {
    const { culprit, frame } = this.report;
    if (culprit !== undefined) return callOf(culprit.function, culprit.module);
    // The title rules write the word `corrupted` where they find no function.
    return frame === undefined || frame === 'corrupted' || !/^[\w.$]{1,128}$/.test(frame) ? undefined : call(frame);
  }

  /** ` in foo() of module bar`, or nothing. */
  get inBlamed(): string {
    const blamed = this.blamedCall;
    return blamed === undefined ? '' : ` in ${blamed}`;
  }

  stack(role: StackRole): StackTrace | undefined {
    return this.report.stacks.find((stack) => stack.role === role);
  }

  /** Functions that the processor was in, inlined ones too, the innermost first; unreliable frames left out. */
  functions(): string[] {
    return this.report.frames
      .filter((frame) => frame.reliable)
      .flatMap((frame) => [
        ...(frame.inlined ?? []).map((each) => bareName(each.function)),
        ...(frame.function === undefined ? [] : [bareName(frame.function)]),
      ]);
  }

  /** The first frame that calls itself something, from an index on. */
  callerAfter(index: number): Frame | undefined {
    return this.report.frames.find((frame, nth) => nth > index && frame.reliable && frameCall(frame) !== undefined);
  }

  /** The headline as evidence. */
  headline(): Evidence {
    const { headline, startLine } = this.report;
    return {
      words: `the kernel said: ${headline.slice(0, 300).replace(/\s+/g, ' ').trim()}`,
      firstLine: startLine,
      lastLine: startLine,
    };
  }

  /** What the report says somewhere, as evidence. */
  said(words: string): Evidence {
    const { firstLine, lastLine } = this.report.range;
    return { words, firstLine, lastLine };
  }

  /** A register as evidence. */
  registerEvidence(register: string, words: string, value: bigint): Evidence {
    const range: TextRange | undefined = this.registers?.ranges[register];
    return {
      words,
      register,
      address: value,
      ...(range !== undefined && { firstLine: range.firstLine, lastLine: range.lastLine }),
    };
  }
}

function isOf<Of extends ReportDetails['of']>(details: ReportDetails, of: Of): details is DetailsOf<Of> {
  return details.of === of;
}
