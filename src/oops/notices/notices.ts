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
}

/** Contexts that may have such a report open at a time, and the lines of one (the table of tasks is in it). */
const maxOpen = 16;
const maxLines = 3000;

/**
 * Gathers notices from the lines of a log: single lines, and a cgroup's OOM from `invoked oom-killer` to the
 * process that was killed. What turns out to be no cgroup's is dropped: a global OOM is a report.
 */
export class NoticeCollector {
  private readonly groups = new Map<string, OpenGroup>();
  private found: Notice[] = [];

  /** True while a report of several lines is being read: then every line is wanted. */
  get gathering(): boolean {
    return this.groups.size > 0;
  }

  line(line: LogLine): void {
    if (line.kernel === false) return;
    const { text, context } = line;
    if (text.includes(groupBegin) && text.length <= maxLength) {
      if (this.groups.size >= maxOpen) this.groups.clear();
      this.groups.set(context, { lines: [line], range: line.range });
      return;
    }
    const open = this.groups.get(context);
    if (open !== undefined && open.lines.length < maxLines) {
      open.lines.push(line);
      open.range = joinRanges(open.range, line.range);
    }
    if (/^Memory cgroup out of memory(?: \(\w{1,40}\))?: Kill(?:ed)? process \d/.test(text)) {
      this.groups.delete(context);
      this.found.push(groupNotice(line, open));
      return;
    }
    if (text.startsWith('Out of memory')) this.groups.delete(context);
    const notice = noticeOf(line);
    if (notice !== undefined) this.found.push(notice);
  }

  /** The notices since the last call, in the order in which they were complete. */
  take(): Notice[] {
    const taken = this.found;
    this.found = [];
    return taken;
  }
}

function groupNotice(last: LogLine, open: OpenGroup | undefined): Notice {
  const lines = open?.lines ?? [last];
  const headline = lines[0] ?? last;
  const details = outOfMemoryDetails({ headline, lines, before: [] });
  const name = details.killed?.task;
  return {
    kind: 'memory/cgroup-oom',
    title: `Memory cgroup out of memory${name === undefined ? '' : `: Killed process ${name}`}${details.cgroup === undefined ? '' : ` of ${details.cgroup}`}`,
    range: open?.range ?? last.range,
    ...(headline.seconds === undefined ? {} : { seconds: headline.seconds }),
    details,
  };
}
