import type { DwarfRegisters } from '../arch/dwarf-registers.ts';
import { FrameVariables, type StackFrame } from '../dwarf/variables-frames.ts';
import { toBigAddress } from '../elf/address.ts';
import type { VariableValue } from '../model/explanation.ts';
import type { CrashReport, RegisterSet } from '../model/report.ts';
import type { CodeLocation, CodeLocations } from '../symbols/code-locations.ts';
import { trapFrame } from './explain-code.ts';
import { type MeaningOf, variableValues } from './explain-variables.ts';
import { dwarfRegisterName } from './names-variables.ts';
import { runtimeAddress } from './runtime-addresses.ts';

/** The trap's frame and callers whose arguments are told. Each costs as much as to find the lines of a frame. */
const mostFrames = 3;

/** Behind these comes what an exception interrupted, with registers of its own. */
const exceptionEntry = /^(?:asm_|el[01][th]?_|ret_from_exception|handle_exception|page_fault$|error_entry)/;

/** Variables of the frames that follow each other from the trap's on, as far as the files are there. */
export async function stackVariables(
  report: CrashReport,
  set: RegisterSet,
  registers: DwarfRegisters,
  meaning: MeaningOf,
  locations: CodeLocations,
  first: CodeLocation | undefined,
): Promise<readonly VariableValue[]> {
  const frames: StackFrame[] = [];
  for (const location of chainOf(report, locations, first)) {
    if (!location.isSure || !location.image.hasDebugInfo) break;
    const { image, address, isReturn } = location;
    const moved = runtimeAddress(location, locations);
    const move = moved === undefined ? undefined : moved - toBigAddress(address);
    frames.push({
      reader: await image.variables(),
      address,
      isReturn,
      ...(move !== undefined && { runtimeAddress: (linked: bigint) => BigInt.asUintN(64, linked + move) }),
    });
  }
  if (frames.length === 0) return [];
  const machine = { register: (number: number) => set.values[dwarfRegisterName(registers, number)] };
  return variableValues(new FrameVariables(frames, machine, registers), frames.length, registers, meaning);
}

/** The places of the trap's frame and of its callers, none of them left out. */
function chainOf(report: CrashReport, locations: CodeLocations, first: CodeLocation | undefined): CodeLocation[] {
  const ip = trapFrame(report);
  if (first === undefined || ip === undefined) return [];
  const chain = [first];
  for (const frame of report.frames.filter(({ reliable }) => reliable)) {
    const isFirst = frame.function === ip.function && frame.offset === ip.offset;
    if (isFirst && chain.length === 1) continue;
    const [location, ...others] = locations.locate(frame);
    if (location === undefined || others.length > 0 || !location.isReturn || chain.length >= mostFrames) break;
    if (exceptionEntry.test(frame.function ?? '') || frame.section !== report.frames[0]?.section) break;
    chain.push(location);
  }
  return chain;
}
