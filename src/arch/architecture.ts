import type { ArchitectureName, DecodedField } from '../model/report.ts';

/** What kind of number an error code is: that decides how it reads. */
export type ErrorCodeKind =
  | 'page-fault' // x86 #PF bits, arm's fault status register
  | 'selector' // x86 #GP, #SS, #NP, #TS: the descriptor that was refused
  | 'control-protection' // x86 #CP: which check of control flow failed
  | 'syndrome'; // arm64 ESR_ELx, riscv scause, ppc DSISR, mips Cause, loongarch ESTAT

/** An error code in words. */
export interface ErrorMeaning {
  readonly access?: 'read' | 'write' | 'execute';
  readonly mode?: 'kernel' | 'user';
  readonly fields: readonly DecodedField[];
}

/** A text by which an architecture shows in a report. */
export interface ArchitectureMark {
  readonly pattern: RegExp;
  /** 1 a hint, 3 as good as certain. */
  readonly weight: number;
}

/** Functions by which the kernel is entered; names as in traces, without offset. */
export interface EntryFunctions {
  readonly exception: RegExp;
  readonly interrupt: RegExp;
  readonly syscall: RegExp;
  /** Where a kernel thread or the boot CPU began. */
  readonly start: RegExp;
}

/** All that is told apart by architecture. */
export interface Architecture {
  readonly name: ArchitectureName;
  readonly bits: 32 | 64;
  /** General registers, in the order of `pt_regs` or of the print, lower case. */
  readonly registers: readonly string[];
  /** Further registers and words that a dump prints (`cr2`, `psr`). */
  readonly otherRegisters: readonly string[];
  /** Names as printed, where lower-casing does not give the name above. */
  readonly printedNames: Readonly<Record<string, string>>;
  /** Which of them is the instruction pointer, the stack pointer, the return address. */
  readonly instructionPointer: string;
  readonly stackPointer: string;
  readonly linkRegister?: string;
  /** Bytes of the smallest instruction. */
  readonly instructionUnit: 1 | 2 | 4;
  readonly entries: EntryFunctions;
  readonly marks: readonly ArchitectureMark[];
  /** Whether registers are those of user space, `undefined` if they do not tell. */
  isUser(values: Readonly<Record<string, bigint>>): boolean | undefined;
  /** Error code or syndrome in words; no fields if this architecture has no such code. */
  decodeError(code: bigint, kind: ErrorCodeKind): ErrorMeaning;
}

/** The bits `low` to `high` of a value, as a number. `high - low` is below 32. */
export function bits(value: bigint, high: number, low: number): number {
  return Number((value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n));
}

/** Names `prefix0` to `prefix<n-1>`. */
export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}
