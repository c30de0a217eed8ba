import type { FaultingInstruction, MemoryOperand } from '../model/explanation.ts';
import type { CrashReport, RegisterSet } from '../model/report.ts';
import type { CodeLocations } from '../symbols/code-locations.ts';
import { callersOf } from './caller-code.ts';
import type { FaultCode } from './fault-code.ts';
import type { DecodedMemory, Disassembler } from './instruction.ts';

/** A register with the wrong value, and the instruction that used it. */
export interface Target {
  readonly code: FaultCode;
  readonly register: string;
  /** What the instruction accesses through it. */
  readonly memory?: DecodedMemory;
  /** The instruction is a call of what it should not have called; then this is what is known of the instruction. */
  readonly called?: FaultingInstruction;
}

/** What is to be named and followed back. @throws KtriageError KT-ELF-* */
export function targetOf(
  report: CrashReport,
  set: RegisterSet,
  instruction: FaultingInstruction | undefined,
  fault: FaultCode | undefined,
  locations: CodeLocations | undefined,
  disassembler: Disassembler | undefined,
): Target | undefined {
  if (instruction?.verdict === 'fetch')
    return locations && disassembler && badCall(report, set, instruction, locations, disassembler);
  const register = instruction?.register;
  if (fault === undefined || instruction === undefined || register === undefined) return undefined;
  // Stacks that are used up are no matter of where the pointer came from.
  if (register === fault.text.calls.convention.stackPointer) return undefined;
  const operand = instruction.faulting === undefined ? undefined : instruction.operands[instruction.faulting];
  const memory = operand && decodedOperand(fault, operand);
  return { code: fault, register, ...(memory !== undefined && { memory }) };
}

/** The operand as it was decoded: that of the file has the same registers. */
function decodedOperand({ text, fault }: FaultCode, operand: MemoryOperand): DecodedMemory | undefined {
  return text.code.instructions[fault]?.instruction.memory.find(
    ({ base, index, displacement }) =>
      base === operand.base && index === operand.index && displacement === operand.displacement,
  );
}

/**
 * The call that jumped to where no code is, by the return address: the registers are still those of the call. Undefined
 * if it is no call through a register that has the address.
 */
function badCall(
  report: CrashReport,
  set: RegisterSet,
  instruction: FaultingInstruction,
  locations: CodeLocations,
  disassembler: Disassembler,
): Target | undefined {
  const target = report.fault?.address ?? set.ip?.address;
  // A trace that begins where no code is goes astray; then the value is what tells.
  for (const isAstray of target === undefined || target === 0n ? [false] : [false, true]) {
    const [caller] = callersOf(report, locations, disassembler, report.frames[0], isAstray);
    const register = caller?.call.register;
    const value = register === undefined ? undefined : set.values[register];
    if (caller === undefined || register === undefined || value === undefined) continue;
    // Another instruction may have jumped there since.
    if (target === undefined || value === target)
      return { code: caller.call, register, called: { ...instruction, register } };
  }
  return undefined;
}
