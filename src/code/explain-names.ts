import { type DwarfRegisters, dwarfRegisters } from '../arch/dwarf-registers.ts';
import { FrameVariables, type StackFrame } from '../dwarf/variables-frames.ts';
import { toBigAddress } from '../elf/address.ts';
import type { Explanation, FaultingInstruction, MemoryOperand, VariableValue } from '../model/explanation.ts';
import type { CrashReport, Frame, RegisterSet } from '../model/report.ts';
import type { CodeLocation, CodeLocations } from '../symbols/code-locations.ts';
import { callOf } from './call-before.ts';
import { type ExplainedCode, type FaultCode, fileAddress, trapFrame } from './explain-code.ts';
import { type MeaningOf, variableValues } from './explain-variables.ts';
import type { Step } from './follow.ts';
import { followBack } from './follow.ts';
import { originsOf } from './follow-words.ts';
import type { DecodedMemory } from './instruction.ts';
import { loadDisassembler } from './load-disassembler.ts';
import { CodeNames } from './names.ts';
import type { Expression } from './names-expression.ts';
import { dwarfRegisterName, VariablesInCode } from './names-variables.ts';
import { runtimeAddress } from './runtime-addresses.ts';
import { meaningOf } from './values/meaning.ts';
import { kernelRegisters, type NameAddress, valueContextOf } from './values/report-context.ts';

/** What names are found for. */
export interface NamesInput {
  readonly report: CrashReport;
  readonly code: ExplainedCode | undefined;
  readonly instruction: FaultingInstruction | undefined;
  readonly locations: CodeLocations | undefined;
  readonly nameAddress: NameAddress | undefined;
}

type Named = Pick<Explanation, 'variables' | 'accessed' | 'wrong' | 'origins' | 'instruction'>;

/** Variables, what the faulting operand is in the source, which variable held the wrong value, and where that came from. */
export async function explainNames(input: NamesInput): Promise<Named> {
  const { report, nameAddress } = input;
  const registers = dwarfRegisters(report.architecture);
  const set = kernelRegisters(report);
  if (set === undefined || registers === undefined) return {};
  const context = valueContextOf(report, nameAddress);
  const meaning: MeaningOf = (value) => meaningOf(value, context);
  const variables = await variablesOf(input, set, registers, meaning);
  const target = await targetOf(input, set);
  const told = variables === undefined || variables.length === 0 ? {} : { variables };
  if (target === undefined) return told;
  return { ...told, ...(await followTarget(target, input, set, registers, meaning)) };
}

/** A register with the wrong value, and the instruction that used it. */
interface Target {
  readonly code: FaultCode;
  readonly register: string;
  /** What the instruction accesses through it. */
  readonly operand?: { readonly memory: DecodedMemory; readonly address?: bigint };
  /** The instruction is a call of what it should not have called; then this is what is known of the instruction. */
  readonly called?: FaultingInstruction;
}

async function targetOf(
  { report, code, instruction, locations }: NamesInput,
  set: RegisterSet,
): Promise<Target | undefined> {
  if (instruction?.verdict === 'fetch') {
    const disassembler = locations && (await loadDisassembler(report.architecture));
    const call = disassembler && callOf(report, locations, disassembler);
    if (call === undefined || set.values[call.register] === undefined) return undefined;
    return { ...call, called: { ...instruction, register: call.register } };
  }
  const fault = code?.fault;
  const register = instruction?.register;
  if (fault === undefined || instruction === undefined || register === undefined) return undefined;
  const operand = instruction.faulting === undefined ? undefined : instruction.operands[instruction.faulting];
  const memory = operand && decodedOperand(fault, operand);
  if (memory === undefined) return { code: fault, register };
  return {
    code: fault,
    register,
    operand: { memory, ...(operand?.address !== undefined && { address: operand.address }) },
  };
}

/** The operand as it was decoded: that of the file has the same registers. */
function decodedOperand({ text, fault }: FaultCode, operand: MemoryOperand): DecodedMemory | undefined {
  return text.code.instructions[fault]?.instruction.memory.find(
    ({ base, index, displacement }) =>
      base === operand.base && index === operand.index && displacement === operand.displacement,
  );
}

async function followTarget(
  target: Target,
  { instruction }: NamesInput,
  set: RegisterSet,
  registers: DwarfRegisters,
  meaning: MeaningOf,
): Promise<Named> {
  const { code, register, operand, called } = target;
  const names = await namesIn(code, registers);
  const value = set.values[reportName(register)];
  const isShadow = instruction?.verdict === 'shadow';
  const accessed =
    operand === undefined || isShadow
      ? undefined
      : names?.operand(code.fault, { memory: operand.memory, offset: 0, size: operand.memory.size });
  const wrong = names?.register(code.fault, register, value);
  const options = { from: code.fault, register, ...(value !== undefined && { value }) };
  const steps = followBack(code.text.code, options, code.text.calls);
  const variables = code.location && names?.variables;
  const origins = originsOf(steps, {
    text: code.text,
    fault: code.fault,
    nameOf: ({ nth, memory, offset, size }: Extract<Step, { readonly kind: 'load' }>) =>
      names?.operand(nth, { memory, offset, size })?.text,
    parameter: (index) => variables?.parameter(fileAddress(code)(0), index)?.text,
  });
  return {
    ...(accessed !== undefined && { accessed: valueOf(accessed, undefined, undefined, meaning) }),
    ...(wrong !== undefined && { wrong: valueOf(wrong, reportName(register), value, meaning) }),
    ...(origins.length > 0 && { origins }),
    ...(called !== undefined && { instruction: called }),
  };
}

/** The link register has two names. */
const reportName = (register: string): string => (register === 'x30' ? 'lr' : register);

async function namesIn(code: FaultCode, registers: DwarfRegisters): Promise<CodeNames | undefined> {
  const image = code.location?.image;
  if (image === undefined || !image.hasDebugInfo) return undefined;
  const variables = new VariablesInCode(await image.variables(), registers);
  return new CodeNames(code.text, variables, fileAddress(code));
}

function valueOf(
  { text, type, tools, function: name, kind, alternatives, certain }: Expression,
  location: string | undefined,
  value: bigint | undefined,
  meaning: MeaningOf,
): VariableValue {
  const its = value === undefined ? undefined : meaning(value);
  return {
    name: text,
    type: tools.types.name(type),
    function: name,
    kind,
    ...(location !== undefined && { location }),
    ...(value !== undefined && { value }),
    ...(its !== undefined && { meaning: its }),
    ...(alternatives !== undefined && { alternatives }),
    ...(!certain && { certain: false as const }),
  };
}

/** Frames that follow each other without an exception between them are so many at most. */
const mostFrames = 12;

/** Behind these comes what an exception interrupted, with registers of its own. */
const exceptionEntry = /^(?:asm_|el[01][th]?_|ret_from_exception|handle_exception|page_fault$|error_entry)/;

async function variablesOf(
  { report, locations }: NamesInput,
  set: RegisterSet,
  registers: DwarfRegisters,
  meaning: MeaningOf,
): Promise<readonly VariableValue[] | undefined> {
  const first = trapFrame(report);
  const start = first === undefined ? undefined : locations?.locate(first);
  if (first === undefined || start === undefined || locations === undefined) return undefined;
  const chain: { readonly frame: Frame; readonly location: CodeLocation }[] = [{ frame: first, location: start }];
  for (const frame of report.frames.filter(({ reliable }) => reliable)) {
    const isFirst = frame.function === first.function && frame.offset === first.offset;
    if (isFirst && chain.length === 1) continue;
    const location = locations.locate(frame);
    if (location === undefined || !location.isReturn || chain.length >= mostFrames) break;
    if (exceptionEntry.test(frame.function ?? '') || frame.section !== report.frames[0]?.section) break;
    chain.push({ frame, location });
  }
  const frames: StackFrame[] = [];
  for (const { location } of chain) {
    if (!location.isSure || !location.image.hasDebugInfo) break;
    const { image, address, isReturn } = location;
    const moved = runtimeAddress(location, locations);
    const move = moved === undefined ? undefined : BigInt.asUintN(64, moved - toBigAddress(address));
    frames.push({
      reader: await image.variables(),
      address,
      isReturn,
      ...(move !== undefined && { runtimeAddress: (linked: bigint) => BigInt.asUintN(64, linked + move) }),
    });
  }
  if (frames.length === 0) return undefined;
  const machine = { register: (number: number) => set.values[dwarfRegisterName(registers, number)] };
  return variableValues(new FrameVariables(frames, machine, registers), frames.length, registers, meaning);
}
