import type { Architecture } from '../../arch/architecture.ts';
import type { LogLine } from '../../model/log-line.ts';
import type { Frame, KernelInfo, PageTableEntry, PanicInfo, TaskInfo } from '../../model/report.ts';
import { utf8 } from '../../util/text.ts';
import { CodeCollector } from './code.ts';
import { FaultCollector } from './fault.ts';
import { sortLine } from './grammar.ts';
import { parseOldIpLine } from './ip-line.ts';
import { ModuleCollector } from './modules.ts';
import { parsePageTable } from './page-table.ts';
import { RegisterCollector } from './registers.ts';
import { type OpenStack, StackCollector } from './stacks.ts';
import { parseTaint, type TaintFacts } from './taint.ts';
import { parseCommLine, parseKernelLine, parseTaskLine } from './task.ts';

// arch/x86/mm/fault.c, show_signal_msg(); arch/x86/kernel/traps.c: "init[110]: segfault at 4d3d20 ip ...", "trap int3 ip:..."
const programFault = /^[^[\]]{1,64}\[\d{1,10}\]: ?(?:segfault at |trap |bad frame in |general protection fault ip)/;
const panicLine = /\bKernel panic - not syncing: ?(.*)$/;

/** What is read off a report's lines, as it comes. */
export class Extraction {
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
  /** The line before is of a program's fault: the code below it is the program's. */
  private ofProgram = false;

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
    const ofProgram = this.ofProgram;
    this.ofProgram = programFault.test(text);
    if (this.ofProgram || (ofProgram && text.startsWith('Code: '))) return false;
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
    // arm's flags say whether interrupts were on.
    if (line.text.startsWith('Flags: ')) this.tell(parseTaskLine(line.text) ?? {});
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
    if (owner === undefined) return;
    // A panic that follows names the watchdog's task, which is not the report's.
    const other = task.pid !== undefined && owner.task.pid !== undefined && task.pid !== owner.task.pid;
    if (!other) owner.task = { ...task, ...owner.task };
  }
}
