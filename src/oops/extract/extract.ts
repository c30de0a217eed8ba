import { recogniseArchitecture } from '../../arch/architectures.ts';
import type { CrashReport, Frame, KernelInfo, RegisterSet, StackTrace, TaskInfo } from '../../model/report.ts';
import { utf8 } from '../../util/text.ts';
import type { RawReport } from '../raw-report.ts';
import { Extraction } from './extraction.ts';
import type { CollectedSet } from './registers.ts';
import type { OpenStack } from './stacks.ts';
import { trapFrames } from './trap-frames.ts';

/** All of CrashReport that can be read off the report's own lines, whatever its kind. */
export interface ReportFacts
  extends Pick<
    CrashReport,
    | 'architecture'
    | 'frames'
    | 'stacks'
    | 'registers'
    | 'fault'
    | 'pageTable'
    | 'code'
    | 'modules'
    | 'linkedModules'
    | 'taintFlags'
    | 'taints'
    | 'task'
    | 'kernel'
    | 'panic'
  > {
  /** Index into raw.lines of the last line that belongs to the report. */
  readonly lastLine: number;
  /** The report looks cut in the middle: a dump or trace that begins and has nothing in it, or no end mark. */
  readonly unfinished: boolean;
}

/** Lines that do not belong to the report, in a row, after which it is taken to have ended. */
const longestGap = 40;
/** The same behind an end mark, where only repeated registers and a panic may follow. */
const longestGapAfterEnd = 16;
/** Lines that are looked at to tell the architecture. */
const architectureLines = 600;

const bootBanner = /^Linux version \d/;

/** Roles in the order in which a report's own stack is looked for. */
function chooseTrap(stacks: readonly OpenStack[]): OpenStack | undefined {
  const withFrames = stacks.filter((s) => s.frames.length > 0);
  const own = withFrames.find((s) => s.role === 'trap' || s.role === 'cpu' || s.role === 'task');
  return (
    own ??
    withFrames.find((s) => s.role === 'race-access') ??
    // kmemleak has nothing but where the object was allocated; a lockdep chain ends with the lock that closes it.
    withFrames.find((s) => s.role === 'allocated') ??
    withFrames.findLast((s) => s.role === 'lock') ??
    withFrames[0]
  );
}

/** What is said of the trap's task, with what the report's other lines say unless they speak of another one. */
function taskOf(own: TaskInfo, report: TaskInfo): TaskInfo {
  const same = own.pid === undefined || report.pid === undefined || own.pid === report.pid;
  return same ? { ...own, ...report } : own;
}

/** `who` is whose stack it is, as far as lines other than its label tell. */
function shapeStack(
  stack: OpenStack,
  trap: OpenStack | undefined,
  frames: readonly Frame[],
  who: TaskInfo,
): StackTrace {
  const { role, label, range } = stack;
  const { cpu = who.cpu, pid = who.pid, comm = who.comm } = stack;
  const others = role === 'trap' ? 'other' : role;
  const own = stack === trap && (role === 'trap' || role === 'cpu' || role === 'task');
  return {
    role: own ? 'trap' : others,
    label,
    frames: stack === trap ? frames : stack.frames,
    ...(cpu !== undefined && { cpu }),
    ...(pid !== undefined && { pid }),
    ...(comm !== undefined && { comm: utf8(comm.trim()) }),
    range,
  };
}

/** The trap's registers first, without the number of its own CPU, then those of others. */
function orderRegisters(sets: readonly CollectedSet[], owner: number, owners: Extraction['owners']): RegisterSet[] {
  const own = sets
    .filter((s) => s.owner === owner)
    .map(({ set }) => {
      const { cpu: _cpu, ...rest } = set;
      return rest;
    });
  const others = sets
    .filter((s) => s.owner !== owner)
    .map(({ set, owner: other }) => {
      const cpu = set.cpu ?? (other === 0 ? undefined : owners[other]?.task.cpu);
      return cpu === undefined ? set : { ...set, cpu };
    });
  return [...own, ...others];
}

/** Panics of which the better part stands before the headline, and how that begins. */
const preludes: readonly (readonly [RegExp, RegExp])[] = [
  // arch/arm64/kernel/traps.c: panic_bad_stack(), arm64_serror_panic(); entry-common.c: __panic_unhandled()
  [/kernel stack overflow/, /^Insufficient stack space to handle exception/],
  [/Asynchronous SError/, /^SError Interrupt on CPU\d/],
  [/syncing: Unhandled exception/, /^Unhandled \S{1,16} el\d\S{0,2} \w{1,8} exception on CPU\d/],
];

/**
 * Where in `raw.before` the account of a panic begins that prints its registers before the headline; -1 if the report
 * is of nothing like that.
 */
export function preludeStart(raw: RawReport): number {
  const begins = preludes.find(([panic]) => panic.test(raw.headline.text))?.[1];
  return begins === undefined ? -1 : raw.before.findLastIndex((line) => begins.test(line.text));
}

function walk(raw: RawReport, extraction: Extraction): void {
  let gap = 0;
  const prelude = preludeStart(raw);
  if (prelude >= 0) {
    for (const line of raw.before.slice(prelude)) extraction.line(line, -1);
  }
  for (const [index, line] of raw.lines.entries()) {
    if (index > 0 && bootBanner.test(line.text)) break;
    if (line.afterGap === true) gap += longestGapAfterEnd;
    // What another program printed is none of the report's, but blank lines are nobody's.
    const belongs = line.kernel !== false && line.text !== '' && extraction.line(line, index);
    if (belongs) {
      gap = 0;
      extraction.lastLine = index;
    } else if (line.text.trim() !== '') {
      gap++;
    }
    if (line.text.startsWith('---[ end Kernel panic')) break;
    if (gap > (extraction.ended ? longestGapAfterEnd : longestGap)) break;
  }
}

/** Whose stack it is, where it is another task's than the report's. */
function othersTask({ owners, stackOwners }: Extraction, stack: OpenStack): TaskInfo {
  const owner = stackOwners.get(stack) ?? 0;
  return owner === 0 ? {} : (owners[owner]?.task ?? {});
}

/** Reads everything off a report's lines that does not depend on what kind of report it is. Never throws. */
export function extractFacts(raw: RawReport): ReportFacts {
  const architecture = recogniseArchitecture(raw.lines.slice(0, architectureLines).map((l) => l.text));
  const extraction = new Extraction(architecture);
  walk(raw, extraction);

  const sets = extraction.registers?.finish() ?? [];
  const trap = chooseTrap(extraction.stacks.stacks);
  const owner = trap === undefined ? 0 : (extraction.stackOwners.get(trap) ?? 0);
  const frames = trapFrames({
    headline: raw.headline.text,
    stack: trap,
    sets: sets.filter((s) => s.owner === owner),
    oldIp: extraction.oldIp,
    architecture,
  });
  const stacks = extraction.stacks.stacks
    .filter((s) => s.frames.length > 0 || s === trap)
    .map((s) => shapeStack(s, trap, frames, s === trap ? {} : othersTask(extraction, s)));
  const registers = orderRegisters(sets, owner, extraction.owners);
  const kernelValues = registers.find((r) => r.mode === 'kernel')?.values;
  const fault = extraction.fault.finish(kernelValues);
  const task = taskOf(extraction.owners[owner]?.task ?? {}, extraction.owners[0]?.task ?? {});
  const kernel = preemptFrom(extraction.kernel, fault?.oopsFlags);
  const { modules } = extraction.modules;
  const { taint, panic, pageTable } = extraction;
  const code = extraction.code.dumps;
  return {
    architecture: architecture?.name ?? 'unknown',
    frames,
    stacks,
    ...(registers.length > 0 && { registers }),
    ...(fault !== undefined && { fault }),
    ...(pageTable !== undefined && { pageTable }),
    ...(code.length > 0 && { code }),
    ...(modules !== undefined && { modules: modules.map((m) => m.name), linkedModules: modules }),
    ...(taint !== undefined && { taintFlags: taint.flags, taints: taint.words }),
    ...(Object.keys(task).length > 0 && { task }),
    ...(Object.keys(kernel).length > 0 && { kernel }),
    ...(panic !== undefined && { panic }),
    lastLine: extraction.lastLine,
    unfinished: isUnfinished(raw, extraction),
  };
}

/** Before 6.15 or so only the words behind an oops's number tell how preemptible the kernel is. */
function preemptFrom(kernel: KernelInfo, flags: readonly string[] | undefined): KernelInfo {
  if (kernel.preemptModel !== undefined) return kernel;
  const model = flags?.find((f) => /^PREEMPT/.test(f)) ?? /\bPREEMPT\w*/.exec(kernel.version ?? '')?.[0];
  return model === undefined ? kernel : { ...kernel, preemptModel: model };
}

/**
 * A die or a `cut here` has an end mark on every architecture (oops_exit() and __warn(), kernel/panic.c),
 * a panic has one unless the machine was reset at once; the others only show by what they lack.
 */
function isUnfinished(raw: RawReport, extraction: Extraction): boolean {
  if (extraction.hanging) return true;
  if (extraction.ended) return false;
  const cut = raw.before.slice(-3).some((l) => l.text.includes('[ cut here ]'));
  return extraction.dies || cut;
}
