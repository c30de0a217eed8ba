import type { Architecture } from '../../arch/architecture.ts';
import { recogniseArchitecture } from '../../arch/architectures.ts';
import type { LogLine } from '../../model/log-line.ts';
import type {
  CrashReport,
  Frame,
  KernelInfo,
  PageTableEntry,
  PanicInfo,
  RegisterSet,
  StackTrace,
  TaskInfo,
} from '../../model/report.ts';
import { utf8 } from '../../util/text.ts';
import type { RawReport } from '../raw-report.ts';
import { CodeCollector } from './code.ts';
import { FaultCollector } from './fault.ts';
import { sortLine } from './grammar.ts';
import { parseOldIpLine } from './ip-line.ts';
import { ModuleCollector } from './modules.ts';
import { parsePageTable } from './page-table.ts';
import { type CollectedSet, RegisterCollector } from './registers.ts';
import { type OpenStack, StackCollector } from './stacks.ts';
import { parseTaint, type TaintFacts } from './taint.ts';
import { parseCommLine, parseKernelLine, parseTaskLine } from './task.ts';
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

const panicLine = /\bKernel panic - not syncing: ?(.*)$/;
const bootBanner = /^Linux version \d/;

/** What is read off a report's lines, as it comes. */
class Extraction {
  readonly stacks = new StackCollector();
  readonly modules = new ModuleCollector();
  readonly code = new CodeCollector();
  readonly fault: FaultCollector;
  readonly registers: RegisterCollector | undefined;
  readonly architecture: Architecture | undefined;
  task: TaskInfo = {};
  kernel: KernelInfo = {};
  taint: TaintFacts | undefined;
  panic: PanicInfo | undefined;
  pageTable: readonly PageTableEntry[] | undefined;
  oldIp: Frame | undefined;
  lastLine = 0;
  ended = false;
  dies = false;
  /** The last line that belongs begins something that has nothing in it yet. */
  hanging = false;
  /** What the tasks of other CPUs' parts are, by owner. */
  readonly owners: { readonly cpu: number | undefined; task: TaskInfo }[] = [{ cpu: undefined, task: {} }];
  readonly stackOwners = new Map<OpenStack, number>();
  private userIp = false;

  constructor(architecture: Architecture | undefined) {
    this.architecture = architecture;
    this.fault = new FaultCollector(architecture);
    this.registers = architecture === undefined ? undefined : new RegisterCollector(architecture);
  }

  private get owner(): number {
    return this.stacks.subject === undefined ? 0 : this.owners.length - 1;
  }

  /** True if the line belongs to the report. */
  line(line: LogLine, index: number): boolean {
    const { text } = line;
    const wasHanging = this.hanging;
    this.hanging = false;
    if (this.modules.take(text)) {
      this.registers?.close();
      this.stacks.close();
      return true;
    }
    if (this.code.take(line, this.userIp)) {
      // Up to 4.9 x86 repeats the pointer below the code, which is below the trace.
      this.stacks.separate();
      return true;
    }
    if (this.takeRegisters(line, index)) return true;
    const table = parsePageTable(text);
    if (table !== undefined) {
      this.pageTable ??= table;
      return true;
    }
    if (this.takeFacts(line)) return true;
    const before = this.stacks.stacks.length;
    const subject = this.stacks.subject;
    if (this.stacks.take(line, index)) {
      this.registers?.close();
      if (this.stacks.subject !== subject && this.stacks.subject !== undefined) this.nameOwner();
      const open = this.stacks.stacks.at(-1);
      if (this.stacks.stacks.length !== before && open !== undefined) this.stackOwners.set(open, this.owner);
      this.hanging = open !== undefined && open.frames.length === 0;
      return true;
    }
    this.oldIp ??= parseOldIpLine(text, line.range);
    const faulty = this.fault.take(text);
    if (/\[#\d{1,6}\]/.test(text) && faulty) this.dies = true;
    const sort = sortLine(text);
    if (sort === 'end' || sort === 'last') {
      this.ended = true;
      this.registers?.close();
      this.stacks.close();
      return true;
    }
    if (faulty || sort === 'part') {
      this.stacks.keepOpen();
      return true;
    }
    this.hanging = wasHanging;
    return false;
  }

  private nameOwner(): void {
    const label = this.stacks.subject?.label;
    const { cpu, pid, comm } = label ?? {};
    this.owners.push({
      cpu,
      task: {
        ...(cpu !== undefined && { cpu }),
        ...(pid !== undefined && { pid }),
        ...(comm !== undefined && { comm: utf8(comm.trim()) }),
      },
    });
  }

  private takeRegisters(line: LogLine, index: number): boolean {
    if (this.registers === undefined) return false;
    const { owner } = this;
    const insideTrace = this.stacks.insideTrace;
    const cpu = this.owners[owner]?.cpu;
    const taken = this.registers.take(line, { index, owner, cpu, insideTrace });
    if (taken === false) return false;
    this.userIp = this.registers.lastIsUser;
    if (taken !== true && insideTrace) this.stacks.addPointer(taken);
    this.stacks.keepOpen();
    this.hanging = false;
    return true;
  }

  /** Task, kernel, taint and panic: lines of one sentence each. */
  private takeFacts(line: LogLine): boolean {
    const { text, range } = line;
    const taint = parseTaint(text);
    // The verbose line says the same in full; the first line of a report says it first.
    this.taint ??= taint;
    const comm = parseCommLine(text);
    if (comm !== undefined) {
      this.kernel = { ...comm.kernel, ...this.kernel };
      if (comm.task.pid !== undefined) this.changeTask();
      this.tell(comm.task);
      return true;
    }
    const kernel = parseKernelLine(text);
    if (kernel !== undefined) {
      this.kernel = { ...kernel, ...this.kernel };
      return true;
    }
    const task = parseTaskLine(text);
    if (task !== undefined) this.tell(task);
    const panic = panicLine.exec(text);
    if (panic !== null) {
      this.panic ??= { message: utf8((panic[1] ?? '').trim()), range };
      // Its own registers and trace follow.
      this.stacks.separate();
      this.stacks.subject = undefined;
      this.registers?.close();
      return true;
    }
    return text.startsWith('Tainted: [');
  }

  /** Somebody's dump begins: what follows is not of the stack before. */
  private changeTask(): void {
    this.stacks.separate();
    this.registers?.close();
    if (this.stacks.subject?.used === true) this.stacks.subject = undefined;
  }

  private tell(task: TaskInfo): void {
    const owner = this.owners[this.owner];
    if (owner !== undefined) owner.task = { ...task, ...owner.task };
  }
}

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

function shapeStack(stack: OpenStack, trap: OpenStack | undefined, frames: readonly Frame[]): StackTrace {
  const { role, label, cpu, pid, comm, range } = stack;
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

/** The trap's registers first, then those of others, each without the number of its own CPU. */
function orderRegisters(sets: readonly CollectedSet[], owner: number): RegisterSet[] {
  const own = sets
    .filter((s) => s.owner === owner)
    .map(({ set }) => {
      const { cpu: _cpu, ...rest } = set;
      return rest;
    });
  return [...own, ...sets.filter((s) => s.owner !== owner).map((s) => s.set)];
}

function walk(raw: RawReport, extraction: Extraction): void {
  let gap = 0;
  // arm64 prints the registers of a stack overflow before the panic that is the headline
  // (arch/arm64/kernel/traps.c, panic_bad_stack()).
  const overflow = raw.before.findLastIndex((l) => l.text.startsWith('Insufficient stack space to handle exception'));
  if (overflow >= 0 && /kernel stack overflow/.test(raw.headline.text)) {
    for (const line of raw.before.slice(overflow)) extraction.line(line, -1);
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
    .map((s) => shapeStack(s, trap, frames));
  const registers = orderRegisters(sets, owner);
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
