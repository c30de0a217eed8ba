import { fromBigAddress, toBigAddress } from '../elf/address.ts';
import type { CodeLocation } from '../symbols/code-locations.ts';
import { type FunctionText, readFunction } from './function-text.ts';
import type { Disassembler } from './instruction.ts';

/** An instruction that a report is about, in its function. */
export interface FaultCode {
  readonly text: FunctionText;
  /** Its index. */
  readonly fault: number;
  /** Where it is, if the function is in a file. */
  readonly location?: CodeLocation;
}

/** The function of a place in a file. @throws KtriageError KT-ELF-* */
export function faultIn(location: CodeLocation, disassembler: Disassembler): FaultCode | undefined {
  const text = readFunction(location.image, location.address, disassembler);
  const fault = text?.indexOf(toBigAddress(location.address));
  return text === undefined || fault === undefined ? undefined : { text, fault, location };
}

/** The address of an instruction of a function in a file. */
export function fileAddress({ text, location }: FaultCode): (nth: number) => number {
  const is64 = location?.image.elf.is64 ?? true;
  return (nth) => fromBigAddress(text.code.instructions[nth]?.address ?? 0n, is64);
}
