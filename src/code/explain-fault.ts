import type { FaultingInstruction, InstructionLine } from '../model/explanation.ts';
import type { CrashReport, RegisterSet } from '../model/report.ts';
import type { Scene } from './fault/access-fault.ts';
import { conclusionOf } from './fault/conclude.ts';
import { placesOf } from './fault/operand.ts';
import { RegisterValues } from './fault/register-values.ts';
import { trapOf } from './fault/trap.ts';
import type { DecodedInstruction } from './instruction.ts';
import { kernelRegisters, type NameAddress, valueContextOf } from './values/report-context.ts';

/** What is known beyond the report. */
export interface FaultOptions {
  /** Of the instruction, where it is known: reports print it as a symbol. */
  readonly address?: bigint;
  /** The registers that go with the code; the first set of the kernel if absent. */
  readonly registers?: RegisterSet;
  /** Names what is at an address of the running kernel. */
  readonly nameAddress?: NameAddress;
  /** Tells registers that by the code hold numbers and no pointers. */
  readonly isCount?: (register: string) => boolean;
}

/** The marked instruction as it is printed and as it was decoded. */
export interface MarkedInstruction {
  readonly line: InstructionLine;
  readonly instruction: DecodedInstruction;
}

function sceneOf(report: CrashReport, instruction: DecodedInstruction, options: FaultOptions): Scene {
  const set = options.registers ?? kernelRegisters(report);
  const registers = new RegisterValues(set, report.architecture, options.address);
  const kind = report.architecture === 'arm64' || report.architecture === 'i386' ? report.architecture : 'x86_64';
  return {
    report,
    set,
    registers,
    context: valueContextOf(report, options.nameAddress),
    trap: trapOf(report),
    instruction,
    places: placesOf(instruction, registers, kind),
    isCount: options.isCount ?? (() => false),
  };
}

/**
 * What the marked instruction of a report tried, and why that failed. Never throws: what does not fit is a verdict. The
 * register sets and code of user space are none of its business.
 */
export function explainFault(
  report: CrashReport,
  { line, instruction }: MarkedInstruction,
  options: FaultOptions = {},
): FaultingInstruction {
  const scene = sceneOf(report, instruction, options);
  const { verdict, words, faulting, register } = conclusionOf(scene);
  return {
    line,
    mnemonic: instruction.mnemonic,
    // What could not be fetched did nothing.
    operands: verdict === 'fetch' ? [] : scene.places.map(({ operand }) => operand),
    ...(faulting !== undefined && { faulting }),
    verdict,
    words,
    ...(register !== undefined && { register }),
    reads: verdict === 'fetch' ? [] : instruction.reads,
    writes: verdict === 'fetch' ? [] : instruction.writes,
  };
}

/** No instruction: bytes that could not be read. */
const unreadable: MarkedInstruction = {
  line: { offset: 0, bytes: '', text: '(bad)', marked: true },
  instruction: {
    length: 0,
    text: '(bad)',
    mnemonic: '(bad)',
    valid: false,
    memory: [],
    reads: [],
    writes: [],
    flow: 'next',
  },
};

/**
 * As `explainFault`, of a report whose code could not be read since the instruction pointer itself is bad (`Code: Unable
 * to access opcode bytes`, `Bad RIP value`); undefined if that is not what happened.
 */
export function explainUnreadable(report: CrashReport, options: FaultOptions = {}): FaultingInstruction | undefined {
  return trapOf(report).kind === 'fetch' ? explainFault(report, unreadable, options) : undefined;
}
