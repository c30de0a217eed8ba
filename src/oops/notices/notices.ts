import type { LogLine } from '../../model/log-line.ts';
import type { Notice } from '../../model/notice.ts';
import { joinRanges, type TextRange } from '../../model/position.ts';
import { outOfMemoryDetails } from '../details/out-of-memory.ts';
import { word } from '../details/reader.ts';
import { noticeRules } from './rules.ts';

/** How a cgroup's OOM report begins and ends (mm/oom_kill.c). */
const groupBegin = ' invoked oom-killer: ';
const groupEnd = 'Memory cgroup out of memory';

/** Texts of which every line that makes a notice holds one. */
export const noticeLiterals: readonly string[] = [
  ...new Set([...noticeRules.flatMap((rule) => rule.literals), groupBegin, groupEnd]),
];

/** A line longer than this is no notice. */
const maxLength = 2000;

/** The notice that a line is by itself, undefined if it is none. */
export function noticeOf(line: LogLine): Notice | undefined {
  const { text } = line;
  if (line.kernel === false || line.replayed === true || text.length > maxLength) return undefined;
  for (const rule of noticeRules) {
    if (!rule.literals.some((literal) => text.includes(literal))) continue;
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    return {
      kind: rule.kind,
      title: rule.title?.(match) ?? word(text) ?? rule.kind,
      range: line.range,
      ...(line.seconds === undefined ? {} : { seconds: line.seconds }),
      ...(rule.details === undefined ? {} : { details: rule.details(match) }),
    };
  }
  return undefined;
}

/** A report of a cgroup's OOM that is being read. */
interface OpenGroup {
  readonly lines: LogLine[];
  range: TextRange;
  /** The victim was named: what is left are its sizes, or further victims. */
  killed: boolean;
  /** Lines of any context since its last one. */
  idle: number;
}

/** Contexts that may have such a report open at a time, and the lines of one (the table of tasks is in it). */
const maxOpen = 16;
const maxLines = 3000;
/** So many lines of others may stand between a victim and the next one. */
const maxIdle = 40;

const groupKill = /^Memory cgroup out of memory(?: \(\w{1,40}\))?: Kill(?:ed)? process \d/;
/**
 * What may follow a victim: its sizes (up to 5.0), those who die with it (memory.oom.group; up to 5.0 a child), and
 * the reaper. oom_kill_process(), oom_reap_task() in mm/oom_kill.c; mem_cgroup_print_oom_group() in mm/memcontrol.c
 */
const afterKill =
  /^(?:Memory cgroup out of memory(?: \(\w{1,40}\))?: Kill(?:ed)? process \d|Killed process \d|Tasks in \S{1,400} are going to be killed due to memory\.oom\.group|oom_reaper: )/;

/**
 * Gathers notices from the lines of a log: single lines, and a cgroup's OOM from `invoked oom-killer` to the
 * processes that were killed. What turns out to be no cgroup's is dropped: a global OOM is a report.
 */
export class NoticeCollector {
  private readonly groups = new Map<string, OpenGroup>();
  private found: Notice[] = [];

  /** True while a report is being read, of which any line may be part. */
  get gathering(): boolean {
    return this.groups.size > 0;
  }

  line(line: LogLine): void {
    if (line.kernel === false) return;
    const { text, context } = line;
    if (this.groups.size > 0 && this.takenByGroup(line)) return;
    if (text.includes(groupBegin) && text.length <= maxLength) {
      if (this.groups.size >= maxOpen) this.finish();
      this.groups.set(context, { lines: [line], range: line.range, killed: false, idle: 0 });
      return;
    }
    if (groupKill.test(text)) {
      if (this.groups.size >= maxOpen) this.finish();
      this.groups.set(context, { lines: [line], range: line.range, killed: true, idle: 0 });
      return;
    }
    const notice = noticeOf(line);
    if (notice !== undefined) this.found.push(notice);
  }

  /** The notices since the last call, in the order in which they were complete. */
  take(): Notice[] {
    const taken = this.found;
    this.found = [];
    return taken;
  }

  /** Nothing more comes, or a new boot does: what is open is complete. */
  finish(): void {
    for (const context of [...this.groups.keys()]) this.end(context);
  }

  /** True if an open report has a use for the line. */
  private takenByGroup(line: LogLine): boolean {
    for (const [context, group] of this.groups) {
      if (group.killed && ++group.idle > maxIdle) this.end(context);
    }
    const { text, context } = line;
    const open = this.groups.get(context);
    if (open === undefined) return false;
    const more = open.killed ? afterKill.test(text) : !text.startsWith('Out of memory') && !text.includes(groupBegin);
    if (!more) {
      this.end(context);
      return false;
    }
    if (open.lines.length < maxLines) {
      open.lines.push(line);
      open.range = joinRanges(open.range, line.range);
    }
    open.idle = 0;
    open.killed ||= groupKill.test(text);
    // Other notices may stand between its lines.
    return open.killed || noticeOf(line) === undefined;
  }

  private end(context: string): void {
    const group = this.groups.get(context);
    this.groups.delete(context);
    if (group?.killed === true) this.found.push(groupNotice(group));
  }
}

function groupNotice({ lines, range }: OpenGroup): Notice {
  const [headline] = lines;
  if (headline === undefined) return { kind: 'memory/cgroup-oom', title: groupEnd, range };
  const details = outOfMemoryDetails({ headline, lines, before: [] });
  const name = details.killed?.task;
  const others = details.alsoKilled?.length ?? 0;
  const victims = name === undefined ? '' : `: Killed process ${name}${others === 0 ? '' : ` and ${others} more`}`;
  return {
    kind: 'memory/cgroup-oom',
    title: `${groupEnd}${victims}${details.cgroup === undefined ? '' : ` of ${details.cgroup}`}`,
    range,
    ...(headline.seconds === undefined ? {} : { seconds: headline.seconds }),
    details,
  };
}
