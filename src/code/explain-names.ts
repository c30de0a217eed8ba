import { type DwarfRegisters, dwarfRegisters } from '../arch/dwarf-registers.ts';
import { bareName } from '../model/blame.ts';
import type { Explanation, FaultingInstruction, Origin, PassedArgument, VariableValue } from '../model/explanation.ts';
import type { CrashReport, Frame, RegisterSet } from '../model/report.ts';
import type { CodeLocations } from '../symbols/code-locations.ts';
import { callerOf } from './caller-code.ts';
import { type ExplainedCode, trapFrame } from './explain-code.ts';
import { type Target, targetOf } from './explain-target.ts';
import type { MeaningOf } from './explain-variables.ts';
import { type FaultCode, fileAddress } from './fault-code.ts';
import { followBack, type Step } from './follow.ts';
import { originsOf } from './follow-words.ts';
import type { Disassembler } from './instruction.ts';
import { loadDisassembler } from './load-disassembler.ts';
import type { CodeNames } from './names.ts';
import type { Expression } from './names-expression.ts';
import { meaningOf } from './values/meaning.ts';
import { kernelRegisters, type NameAddress, valueContextOf } from './values/report-context.ts';

/** What names are found for. */
export interface NamesInput {
  readonly report: CrashReport;
  readonly code: ExplainedCode | undefined;
  readonly instruction: FaultingInstruction | undefined;
  readonly locations: CodeLocations | undefined;
  readonly nameAddress: NameAddress | undefined;
  readonly withVariables: boolean;
}

type Named = Pick<Explanation, 'variables' | 'accessed' | 'wrong' | 'origins' | 'passed' | 'instruction'>;

/** What all of the names of one report need. */
interface Scene {
  readonly report: CrashReport;
  readonly set: RegisterSet;
  readonly registers: DwarfRegisters;
  readonly meaning: MeaningOf;
  readonly locations: CodeLocations | undefined;
  readonly disassembler: Disassembler | undefined;
}

/** Variables, what the faulting operand is in the source, which variable held the wrong value, and where that came from. */
export async function explainNames(input: NamesInput): Promise<Named> {
  const { report, nameAddress, locations, code, instruction, withVariables } = input;
  const registers = dwarfRegisters(report.architecture);
  const set = kernelRegisters(report);
  if (set === undefined || registers === undefined) return {};
  const context = valueContextOf(report, nameAddress);
  const meaning: MeaningOf = (value) => meaningOf(value, context);
  // Code that could not be read is the caller's to tell.
  const needsCode = code !== undefined || instruction?.verdict === 'fetch';
  const disassembler = locations && needsCode ? await loadDisassembler(report.architecture) : undefined;
  const scene: Scene = { report, set, registers, meaning, locations, disassembler };
  const { stackVariables } = locations === undefined || !withVariables ? {} : await import('./explain-stack.ts');
  const variables = locations && (await stackVariables?.(report, set, registers, meaning, locations, code?.location));
  const target = targetOf(report, set, instruction, code?.fault, locations, disassembler);
  return {
    ...(variables !== undefined && variables.length > 0 && { variables }),
    ...(target !== undefined && (await followTarget(target, scene, instruction))),
  };
}

async function followTarget(
  { code, register, memory, called }: Target,
  scene: Scene,
  instruction: FaultingInstruction | undefined,
): Promise<Named> {
  const { set, meaning } = scene;
  const names = await namesIn(code, scene);
  const value = set.values[reportName(register)];
  // What is behind a sanitizer's shadow is another address.
  const accessed =
    memory === undefined || instruction?.verdict === 'shadow'
      ? undefined
      : names?.operand(code.fault, { memory, offset: 0, size: memory.size });
  const wrong = names?.register(code.fault, register, value);
  const steps = stepsOf(code, register, value, (name) => set.values[reportName(name)]);
  const way = await wayThroughCallers(code, steps, value, names, scene);
  const origins = [...originsOf(steps, wordsContext(code, names)), ...way.origins];
  return {
    ...(accessed !== undefined && { accessed: variableValue(accessed, undefined, undefined, meaning) }),
    ...(wrong !== undefined && { wrong: variableValue(wrong, reportName(register), value, meaning) }),
    ...(origins.length > 0 && { origins }),
    ...(way.passed.length > 0 && { passed: way.passed }),
    ...(called !== undefined && { instruction: called }),
  };
}

function stepsOf(
  { text, fault }: FaultCode,
  register: string,
  value: bigint | undefined,
  registers?: (name: string) => bigint | undefined,
): Step[] {
  const known = { ...(value !== undefined && { value }), ...(registers !== undefined && { registers }) };
  return followBack(text.code, { from: fault, register, ...known }, text.calls);
}

function wordsContext(code: FaultCode, names: CodeNames | undefined): Parameters<typeof originsOf>[1] {
  return {
    text: code.text,
    fault: code.fault,
    nameOf: ({ nth, memory, offset, size }) => names?.operand(nth, { memory, offset, size })?.text,
    computed: (step) => names?.computed(step),
    parameter: (register, index) => names?.parameter(register, index)?.text,
  };
}

/** Callers that an argument is followed into. */
const mostCallers = 3;
const mostOrigins = 12;

/**
 * Where an argument came from, in the functions that called: each is known to call the one before.
 * @param first the steps within the function that `code` is, which `value` took.
 */
async function wayThroughCallers(
  code: FaultCode,
  first: readonly Step[],
  value: bigint | undefined,
  names: CodeNames | undefined,
  scene: Scene,
): Promise<{ readonly origins: readonly Origin[]; readonly passed: readonly PassedArgument[] }> {
  const { report, locations, disassembler } = scene;
  const origins: Origin[] = [];
  const passed: PassedArgument[] = [];
  let [callee, calleeNames, steps] = [code, names, first];
  let held = beforeSteps(first, value);
  let frame: Frame | undefined = trapFrame(report);
  for (let depth = 0; depth < mostCallers && origins.length < mostOrigins; depth++) {
    const step = steps.at(-1);
    if (step?.kind !== 'argument' || !step.certain || locations === undefined || disassembler === undefined) break;
    const caller = callerOf(report, locations, disassembler, frame, callee);
    if (caller === undefined) break;
    const { call } = caller;
    const callNames = await namesIn(call, scene);
    passed.push(passedArgument(call, callee, step, held, callNames, calleeNames));
    steps = stepsOf(call, step.register, undefined);
    held = beforeSteps(steps, held);
    for (const { offset: _none, words, ...origin } of originsOf(steps, wordsContext(call, callNames)))
      origins.push({ ...origin, words: `in ${call.text.name ?? 'the caller'}(): ${words}` });
    [callee, calleeNames, frame] = [call, callNames, caller.frame];
  }
  return { origins, passed };
}

function passedArgument(
  call: FaultCode,
  callee: FaultCode,
  { register, index }: Extract<Step, { readonly kind: 'argument' }>,
  value: bigint | undefined,
  names: CodeNames | undefined,
  calleeNames: CodeNames | undefined,
): PassedArgument {
  const parameter = calleeNames?.parameter(register, index)?.text;
  const expression = names?.pointer(call.fault, register);
  return {
    by: bareName(call.text.name ?? ''),
    to: bareName(callee.text.name ?? ''),
    index,
    ...(parameter !== undefined && { parameter }),
    ...(expression !== undefined && { expression }),
    ...(value !== undefined && { value }),
  };
}

/** What a value was before some steps, the last first; undefined where they lose or make it. */
function beforeSteps(steps: readonly Step[], value: bigint | undefined): bigint | undefined {
  let held = value;
  for (const step of steps) {
    if (held === undefined || !step.certain) return undefined;
    switch (step.kind) {
      case 'copy':
        if (step.bits !== undefined) return undefined;
        break;
      case 'spill':
      case 'argument':
        break;
      case 'address':
        if (step.memory.index !== undefined) return undefined;
        held = BigInt.asUintN(64, held - step.memory.displacement);
        break;
      case 'load':
      case 'call':
      case 'constant':
      case 'arithmetic':
      case 'unknown':
        return undefined;
    }
  }
  return held;
}

/** The link register has two names. */
const reportName = (register: string): string => (register === 'x30' ? 'lr' : register);

/** What names registers and operands of a function; undefined where there is no debug information. */
export async function namesIn(
  code: FaultCode,
  { registers, report }: Pick<Scene, 'registers' | 'report'>,
): Promise<CodeNames | undefined> {
  const image = code.location?.image;
  if (image === undefined || !image.hasDebugInfo) return undefined;
  const [{ CodeNames }, { VariablesInCode }] = await Promise.all([
    import('./names.ts'),
    import('./names-variables.ts'),
  ]);
  const variables = new VariablesInCode(await image.variables(), registers, helpersOf(report));
  return new CodeNames(code.text, variables, fileAddress(code));
}

/** Headers that all of the kernel includes. */
const commonHeader = /^(?:\.\/)?(?:include|arch\/[^/]+\/include)\//;

/** Tells the inlined functions of frames that are of such headers. */
function helpersOf(report: CrashReport): (name: string) => boolean {
  const inlined = [trapFrame(report), ...report.frames].flatMap((frame) => frame?.inlined ?? []);
  const helpers = new Set(
    inlined.filter(({ source }) => commonHeader.test(source?.file ?? '')).map((each) => each.function),
  );
  return (name) => helpers.has(name);
}

function variableValue(
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
