import type { LogLine } from '../../model/log-line.ts';
import { joinRanges, type TextRange } from '../../model/position.ts';
import type { Frame, InlineFrame, StackRole } from '../../model/report.ts';
import { utf8 } from '../../util/text.ts';
import { type FrameLine, type FrameParts, parseFrameLine, type SectionMark } from './frame-line.ts';
import { isIdleCpu, parseStackLabel, type StackLabel } from './stack-label.ts';

/** A stack while it is collected. */
export interface OpenStack {
  role: StackRole;
  readonly label: string;
  readonly frames: Frame[];
  readonly cpu: number | undefined;
  readonly pid: number | undefined;
  readonly comm: string | undefined;
  readonly firstIndex: number;
  range: TextRange;
  /** arm: the caller of the last line, which is the next line's callee. */
  caller: Frame | undefined;
}

/** Whose the registers and stacks are that come now, where a line said so. */
export interface Subject {
  readonly label: StackLabel;
  readonly line: LogLine;
  /** Its stack has begun: the next `Call Trace:` is somebody else's unless a new subject is named. */
  used: boolean;
}

/** No report has more; sysrq-t of a large machine may. */
const mostStacks = 4096;
const mostFrames = 2048;
/** Lines of others that may stand between the frames of one stack. */
const longestGap = 24;

/** Sections nest: a task's within an interrupt's, within an NMI's. */
const sectionDepth = 8;

// kernel/hung_task.c, debug_show_blocker(), since 6.16: the holder's stack follows.
const holderLine = /\bblocked on an? [\w-]{1,24} likely (?:owned|last held) by task .{1,64}:(\d{1,9})\b/;

/** Collects the stacks of a report, line by line. */
export class StackCollector {
  readonly stacks: OpenStack[] = [];
  subject: Subject | undefined;
  private open: OpenStack | undefined;
  private sections: string[] = [];
  private inlined: InlineFrame[] = [];
  private gap = 0;
  private separated = false;
  /** Who holds what the report's task waits for. */
  private holder: number | undefined;

  /** True if the line is a label, a frame, a mark of a trace. */
  take(line: LogLine, index: number): boolean {
    const { text } = line;
    const holder = text.startsWith('INFO: task ') ? holderLine.exec(text) : null;
    if (holder !== null) this.holder = Number(holder[1]);
    const label = parseStackLabel(text);
    if (label !== undefined) {
      this.introduce(label, line, index);
      return true;
    }
    if (!/0x|\]|\.\w{1,3}:\d|<|\(null\)|---| from /.test(text)) return this.miss();
    const parsed = parseFrameLine(text);
    if (parsed === undefined || !this.accepts(parsed)) return this.miss();
    this.add(parsed, line, index);
    this.gap = 0;
    return true;
  }

  /** Puts the function of a register dump that stands inside of a trace where it belongs in it. */
  addPointer(frame: Frame): void {
    const open = this.open;
    if (open === undefined || open.frames.length === 0) return;
    const section = this.sections.at(-1);
    this.push(open, section === undefined ? frame : { ...frame, section });
  }

  /** A trace is open and has frames: registers that come now were saved on its stack. */
  get insideTrace(): boolean {
    return this.open !== undefined && this.open.frames.length > 0 && !this.separated;
  }

  /** Another dump begins. Frames of the open stack may still come, where two CPUs print at a time. */
  separate(): void {
    this.separated = true;
  }

  /** The stack has ended: what looks like a frame after this is none. */
  close(): void {
    this.open = undefined;
    this.sections = [];
    this.inlined = [];
  }

  /** A line that belongs to the report but to no stack. */
  keepOpen(): void {
    this.gap = 0;
  }

  private miss(): boolean {
    if (++this.gap > longestGap) this.close();
    return false;
  }

  private accepts(parsed: FrameLine): boolean {
    if (parsed.frame === undefined) return this.open !== undefined && (parsed.marks.length > 0 || parsed.indented);
    const named = parsed.caller ?? parsed.frame;
    const whole = named.offset !== undefined && named.size !== undefined;
    if (this.open !== undefined) return parsed.indented || whole;
    // Some reports (KMSAN's, and traces whose head is lost) begin without a label.
    return this.stacks.length === 0 && parsed.indented && whole;
  }

  private introduce(label: StackLabel, line: LogLine, index: number): void {
    this.gap = 0;
    if (label.sort === 'subject') {
      this.close();
      // `Task dump for CPU 1:` is followed by a `task:` line: both are told of the stack.
      const before = this.subject;
      const merged =
        before !== undefined && !before.used && label.role === 'task' ? { ...before.label, ...label } : label;
      const holds = label.role === 'task' && label.pid !== undefined && label.pid === this.holder;
      const told: StackLabel = holds ? { ...merged, role: 'lock-user' } : merged;
      this.subject = isIdleCpu(line.text) ? undefined : { label: told, line, used: false };
      return;
    }
    const subject = label.sort === 'plain' && this.subject?.used === false ? this.subject : undefined;
    if (subject !== undefined) subject.used = true;
    // `stack backtrace:`, then `Call Trace:`: one stack with two labels.
    const last = this.stacks.at(-1);
    if (label.sort === 'plain' && last !== undefined && last.frames.length === 0 && last.role === 'trap')
      this.stacks.pop();
    this.begin(subject?.label ?? label, subject?.line ?? line, line, index);
  }

  private begin(label: StackLabel, named: LogLine, line: LogLine, index: number): void {
    this.close();
    if (this.stacks.length >= mostStacks) return;
    this.open = {
      role: label.role,
      label: utf8(named.text.trim()),
      frames: [],
      cpu: label.cpu,
      pid: label.pid,
      comm: label.comm,
      firstIndex: index,
      range: joinRanges(named.range, line.range),
      caller: undefined,
    };
    this.stacks.push(this.open);
  }

  private add(parsed: FrameLine, line: LogLine, index: number): void {
    this.separated = false;
    if (this.open === undefined) this.begin({ role: 'trap', sort: 'plain' }, { ...line, text: '' }, line, index);
    const open = this.open;
    if (open === undefined) return;
    this.mark(parsed.marks);
    open.range = joinRanges(open.range, line.range);
    const { frame, caller } = parsed;
    if (frame !== undefined) {
      if (frame.inline) {
        this.inlined.push({
          function: frame.function ?? '',
          ...(frame.source !== undefined && { source: frame.source }),
        });
      } else {
        this.push(open, this.calleeOf(open, this.placed(frame, line.range)));
        this.inlined = [];
      }
    }
    open.caller = caller === undefined ? undefined : this.placed(caller, line.range);
    this.mark(parsed.marksAfter);
  }

  /** arm prints of a callee where it begins; how far it had come is what the line before says of its caller. */
  private calleeOf(open: OpenStack, frame: Frame): Frame {
    const caller = open.caller;
    if (caller === undefined || caller.function !== frame.function) return frame;
    return { ...caller, range: frame.range };
  }

  private push(open: OpenStack, frame: Frame): void {
    if (open.frames.length < mostFrames) open.frames.push(frame);
  }

  private placed(parts: FrameParts, range: TextRange): Frame {
    const { inline: _inline, ...frame } = parts;
    const section = this.sections.at(-1);
    return {
      ...frame,
      ...(section !== undefined && { section }),
      ...(this.inlined.length > 0 && { inlined: this.inlined }),
      range,
    };
  }

  private mark(marks: readonly SectionMark[]): void {
    for (const { name, closes } of marks) {
      if (!closes) {
        // Old kernels end an interrupt's part by <EOI>, an exception's by <<EOE>>, and then it is the task's.
        if (name === 'EOI' || name === 'EOE') this.sections.pop();
        if (this.sections.length < sectionDepth) this.sections.push(name);
        continue;
      }
      const i = this.sections.lastIndexOf(name);
      if (i >= 0) this.sections.length = i;
    }
  }
}
