import { fromBigAddress, toBigAddress } from '../elf/address.ts';
import type { CrashReport, Frame } from '../model/report.ts';
import type { CodeLocation, CodeLocations } from '../symbols/code-locations.ts';
import { thunkRegister } from './calling-convention.ts';
import type { FaultCode } from './fault-code.ts';
import { readFunction } from './function-text.ts';
import type { Disassembler } from './instruction.ts';
import { kernelRegisters } from './values/report-context.ts';

/** A call in the function that a frame is of: its `fault` is the call. */
export interface CallerCode extends FaultCode {
  readonly location: CodeLocation;
  /** Where the called function begins in the same file; missing if that is in another one, or not known. */
  readonly target?: number;
  /** Its name, where it is known. */
  readonly name?: string;
  readonly isIndirect: boolean;
  /** The register that an indirect call goes through; missing where it goes through memory. */
  readonly register?: string;
}

/** Frames that may be the caller's: the link register's is, if the function has called nothing yet. */
function callers(report: CrashReport, behind: Frame | undefined, withUnreliable: boolean): readonly Frame[] {
  const link = kernelRegisters(report)?.lr;
  const frames = report.frames.filter(({ reliable }) => reliable || withUnreliable);
  const at = behind === undefined ? -1 : frames.findIndex((frame) => isSame(frame, behind));
  const next = frames.slice(at + 1, at + 3);
  return link === undefined || at > 0 ? next : [link, ...next];
}

const isSame = (a: Frame, b: Frame): boolean =>
  a === b || (a.function === b.function && a.offset === b.offset && a.module === b.module);

/** A frame with the call that it returns to. */
export interface Caller {
  readonly frame: Frame;
  readonly call: CallerCode;
}

/** Whether one of the frames that may be a frame's caller is in code of a file. */
export function mayBeCalledFrom(
  image: CodeLocation['image'],
  report: CrashReport,
  locations: CodeLocations,
  frame: Frame,
) {
  return callers(report, frame, false).some((each) =>
    locations.locate(each).some((location) => location.image === image),
  );
}

/**
 * The calls that may have led to a frame, the likeliest first; each is read when it is asked for. `behind`: the frame;
 * the first one of all if it is not given.
 * @throws KtriageError KT-ELF-*
 */
export function* callersOf(
  report: CrashReport,
  locations: CodeLocations,
  disassembler: Disassembler,
  behind?: Frame,
  withUnreliable = false,
): Generator<Caller> {
  for (const frame of callers(report, behind, withUnreliable)) {
    const [location, ...others] = locations.locate(frame);
    if (location === undefined || others.length > 0 || !location.isReturn || !location.isSure) continue;
    const call = callBefore(location, disassembler);
    if (call !== undefined) yield { frame, call };
  }
}

/** The call of the function that a place is in, which led there. @throws KtriageError KT-ELF-* */
export function callerOf(
  report: CrashReport,
  locations: CodeLocations,
  disassembler: Disassembler,
  frame: Frame | undefined,
  callee: FaultCode,
): Caller | undefined {
  for (const caller of callersOf(report, locations, disassembler, frame))
    if (isCallOf(caller.call, callee)) return caller;
  return undefined;
}

/** The call that returns to a place. @throws KtriageError KT-ELF-* */
export function callBefore(location: CodeLocation, disassembler: Disassembler): CallerCode | undefined {
  const text = readFunction(location.image, location.address - 1, disassembler);
  if (text === undefined) return undefined;
  const back = toBigAddress(location.address);
  const fault = text.code.instructions.findIndex(
    ({ address, instruction }) => address + BigInt(instruction.length) === back,
  );
  const placed = text.code.instructions[fault];
  const { instruction } = placed ?? {};
  if (placed === undefined || (instruction?.flow !== 'call' && instruction?.flow !== 'call-indirect')) return undefined;
  const called = text.references?.of(placed);
  const thunk = thunkRegister(called?.name ?? '');
  const common = { text, fault, location };
  if (instruction.flow === 'call' && thunk === undefined) {
    const target = called?.offset === 0 ? called.address : undefined;
    const name = called?.offset === 0 ? called.name : undefined;
    return { ...common, isIndirect: false, ...(target !== undefined && { target }), ...(name && { name }) };
  }
  const readsMemory = instruction.memory.some(({ access }) => access === 'read');
  const { stackPointer } = text.calls.convention;
  const register = thunk ?? (readsMemory ? undefined : instruction.reads.find((name) => name !== stackPointer));
  return { ...common, isIndirect: true, ...(register !== undefined && { register }) };
}

/** Where the function begins that a place is in. */
function functionStart({ text, location }: FaultCode): number | undefined {
  const first = text.code.fromEntry ? text.code.instructions[0]?.address : undefined;
  return first === undefined ? undefined : fromBigAddress(first, location?.image.elf.is64 ?? true);
}

/** Whether a call is of the function that a place is in. */
function isCallOf({ target, name, location }: CallerCode, callee: FaultCode): boolean {
  const start = functionStart(callee);
  if (start === undefined || callee.location === undefined) return false;
  // Calls of modules into the kernel have only the name.
  if (location.image !== callee.location.image) return name !== undefined && name === callee.text.name;
  return target === start;
}
