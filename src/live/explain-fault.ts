import { architectures } from '../arch/architectures.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Explanation, Finding } from '../model/explanation.ts';
import type { LiveFrame } from '../model/live.ts';
import type { TextRange } from '../model/position.ts';
import type { CodeDump, CrashReport, FaultInfo, Frame, RegisterSet } from '../model/report.ts';
import type { CodeLocations } from '../symbols/code-locations.ts';
import type { Fault } from './faults/fault.ts';
import { insideOf } from './frames.ts';

/** Nothing of it is in a log. */
const nowhere: TextRange = { firstLine: 0, lastLine: 0, firstByte: 0, endByte: 0 };

/** What the faulting instruction tried, and what rules for reports conclude. */
export interface ExplainedInstruction {
  readonly explanation?: Explanation;
  readonly findings?: readonly Finding[];
}

/**
 * Explains a fault as one that a log tells of: from the registers that were saved, the code in memory, and the files.
 * @param withVariables false leaves out the variables of the frames.
 */
export async function explainFault(kernel: Kernel, fault: Fault, withVariables = true): Promise<ExplainedInstruction> {
  const { thread, nth, entry } = fault;
  const at = nth + 1;
  const frames = thread.frames.slice(at);
  if (frames.length === 0) return {};
  const code = await codeDump(kernel, thread.raw.frames[at]?.pc);
  const places = new Map<Frame, ReturnType<CodeLocations['locate']>>();
  const reported = frames.map((frame, index): Frame => {
    const printed = asFrame(frame);
    const raw = thread.raw.frames[at + index];
    const place = raw && kernel.symbols.place(insideOf(raw));
    if (raw !== undefined && place !== undefined)
      places.set(printed, [
        { image: place.image, address: place.address + (raw.isReturn ? 1 : 0), isReturn: raw.isReturn, isSure: true },
      ]);
    return printed;
  });
  const [ip] = reported;
  const set: RegisterSet = {
    mode: 'kernel',
    values: entry.registers,
    ranges: {},
    ...(ip !== undefined && { ip }),
    range: nowhere,
  };
  const report = reportOf(kernel, fault, reported, set, code);
  const locations: CodeLocations = {
    locate: (frame) => places.get(frame) ?? [],
    kaslrOffset: kernel.place.slide,
    vmlinux: kernel.symbols.vmlinux,
  };
  const { explainReport } = await import('../code/explain-report.ts');
  const explanation = await explainReport(report, locations, withVariables);
  const { diagnose } = await import('../diagnose/diagnose.ts');
  return { explanation, findings: diagnose({ ...report, explanation }) };
}

function asFrame({ function: name, offset, size, module, reliable, source, inlined, stack }: LiveFrame): Frame {
  return {
    ...(name !== undefined && { function: name }),
    ...(offset !== undefined && { offset }),
    ...(size !== undefined && { size }),
    ...(module !== undefined && { module }),
    ...(source !== undefined && { source }),
    ...(inlined !== undefined && { inlined }),
    ...(stack !== 'task' && { section: stack }),
    reliable,
    range: nowhere,
  };
}

function reportOf(
  kernel: Kernel,
  { entry, thread }: Fault,
  frames: readonly Frame[],
  set: RegisterSet,
  code: CodeDump | undefined,
): CrashReport {
  const architecture = architectures.find(({ name }) => name === kernel.architecture);
  const isArm = kernel.architecture === 'arm64';
  const { errorCode, faultAddress } = entry;
  const meaning =
    errorCode === undefined ? undefined : architecture?.decodeError(errorCode, isArm ? 'syndrome' : 'page-fault');
  const fault: FaultInfo = {
    ...(faultAddress !== undefined && { address: faultAddress }),
    mode: 'kernel',
    ...(meaning?.access !== undefined && { access: meaning.access }),
    ...(errorCode !== undefined && (isArm ? { esr: errorCode } : { errorCode })),
    ...(meaning !== undefined && { fields: meaning.fields }),
  };
  const kinds: Partial<Record<typeof entry.kind, string>> = {
    'general-protection': 'oops/general-protection',
    divide: 'oops/divide-error',
    'invalid-opcode': 'oops/invalid-opcode',
    'double-fault': 'oops/double-fault',
  };
  const { release, banner } = kernel.identity;
  const { cpu, pid, comm } = thread;
  return {
    ...{ title: '', altTitles: [], type: 'UNKNOWN', kind: kinds[entry.kind] ?? 'oops/page-fault', severity: 'error' },
    ...{ corrupted: false, suppressed: false, panicked: false, signature: '', startLine: 0, endLine: 0 },
    ...{ range: nowhere, headline: '', reportText: '', architecture: kernel.architecture, frames },
    stacks: [{ role: 'trap', label: 'Call Trace:', frames, range: nowhere }],
    registers: [set],
    fault,
    ...(code !== undefined && { code: [code] }),
    task: {
      ...(cpu !== undefined && { cpu }),
      ...(pid !== undefined && { pid }),
      ...(comm !== undefined && { comm }),
    },
    kernel: { ...(release !== undefined && { release }), ...(banner !== undefined && { version: banner }) },
  };
}

/** Bytes before and from the instruction on, as many as the kernel prints (`show_opcodes`, `dump_kernel_instr`). */
async function codeDump(kernel: Kernel, pc: bigint | undefined): Promise<CodeDump | undefined> {
  if (pc === undefined) return undefined;
  const isArm = kernel.architecture === 'arm64';
  const [unitSize, before, after] = isArm ? [4, 4, 1] : [1, 42, 22];
  const bytes = await kernel.memory.read(pc - BigInt(before * unitSize), (before + after) * unitSize);
  if (bytes === undefined) return undefined;
  const units: string[] = [];
  for (let at = 0; at < bytes.length; at += unitSize)
    units.push(
      Buffer.from(bytes.subarray(at, at + unitSize))
        .reverse()
        .toString('hex'),
    );
  return { units, unitSize, marked: before, mode: 'kernel', range: nowhere };
}
