import { toBigAddress } from '../elf/address.ts';
import type { CrashReport } from '../model/report.ts';
import type { CodeLocations } from '../symbols/code-locations.ts';
import { thunkRegister } from './calling-convention.ts';
import type { FaultCode } from './explain-code.ts';
import { readFunction } from './function-text.ts';
import type { DecodedMemory, Disassembler } from './instruction.ts';
import { kernelRegisters } from './values/report-context.ts';

/** The call that led to where no code is, and the register that it went through. */
export interface BadCall {
  readonly code: FaultCode;
  readonly register: string;
  readonly operand?: { readonly memory: DecodedMemory };
}

/**
 * The call that jumped to a bad address, by the first return address of the trace: the registers are still those of the
 * call. Undefined if the instruction before it is no call through a register that has that address.
 * @throws KtriageError KT-ELF-*
 */
export function callOf(report: CrashReport, locations: CodeLocations, disassembler: Disassembler): BadCall | undefined {
  const set = kernelRegisters(report);
  const caller = [...report.frames.filter(({ reliable }) => reliable), ...(set?.lr === undefined ? [] : [set.lr])].find(
    ({ function: name }) => name !== undefined,
  );
  const location = caller && locations.locate(caller);
  if (location === undefined || !location.isReturn || !location.isSure) return undefined;
  const text = readFunction(location.image.elf, location.address - 1, disassembler);
  if (text === undefined) return undefined;
  const back = toBigAddress(location.address);
  const fault = text.code.instructions.findIndex(
    ({ address, instruction }) => address + BigInt(instruction.length) === back,
  );
  const placed = text.code.instructions[fault];
  if (placed === undefined) return undefined;
  const { instruction } = placed;
  const code: FaultCode = { text, fault, location };
  const thunk = thunkRegister(text.references?.of(placed)?.name ?? '');
  const [memory] = instruction.memory.filter(({ access }) => access === 'read');
  const register =
    thunk ??
    (instruction.flow === 'call-indirect' && memory === undefined
      ? instruction.reads.find((name) => name !== text.calls.convention.stackPointer)
      : undefined);
  if (register === undefined) return undefined;
  // Another instruction may have jumped there since: the value tells.
  const target = report.fault?.address ?? set?.ip?.address;
  const value = set?.values[register];
  return target !== undefined && value !== undefined && value !== target ? undefined : { code, register };
}
