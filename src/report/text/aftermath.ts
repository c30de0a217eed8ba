import type { FileResult } from '../../model/document.ts';
import type { Consequence, Incident } from '../../model/incident.ts';
import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import type { Section } from './section.ts';
import type { Paragraph } from './spans.ts';
import type { Aftermath } from './verdict.ts';
import { count, listed } from './words.ts';

const consequenceWords: Readonly<Record<Exclude<Consequence, 'repeat'>, string>> = {
  'panic-after': 'Then the kernel panicked',
  'same-task-after': 'Then, in what was broken already',
  'stuck-behind': 'Then, stuck behind it',
  'reporting-trouble': 'While this was being reported',
  'tainted-after': 'Later, perhaps because of it',
};

const groupsShown = 5;
const tasksShown = 3;

interface Group {
  readonly why: Consequence;
  readonly report: CrashReport;
  times: number;
}

function groupsOf(file: FileResult, incident: Incident): Group[] {
  const groups = new Map<string, Group>();
  const root = file.reports[incident.root];
  for (const { report: index, why } of incident.follow) {
    const report = file.reports[index];
    if (!report) continue;
    const times = 1 + (report.repeats ?? 0);
    // What is repeated may be something that followed.
    const repeated =
      why === 'repeat' && report.signature !== root?.signature
        ? [...groups.values()].find((group) => group.report.signature === report.signature)
        : undefined;
    if (repeated) {
      repeated.times += times;
      continue;
    }
    const key = `${why}\n${report.title}`;
    const group = groups.get(key);
    if (group) group.times += times;
    else groups.set(key, { why, report, times });
  }
  return [...groups.values()];
}

function isPanicLine(text: string): boolean {
  // The line that ends a panic repeats its message behind `---[ end`.
  return text.includes('Kernel panic - not syncing') && !text.includes('---[ end');
}

/** Whether the incident ended in a panic. */
export function aftermathOf(file: FileResult, incident: Incident): Aftermath {
  const root = file.reports[incident.root];
  const panicked =
    root?.panic !== undefined ||
    incident.follow.some(({ why }) => why === 'panic-after') ||
    incident.ending.some(({ text }) => isPanicLine(text));
  return panicked ? 'panicked' : 'unknown';
}

function groupParagraph(group: Group): Paragraph {
  const { report, why, times } = group;
  if (why === 'repeat') return `And ${grouped(times)} of the same.`;
  const again = times > 1 ? `, ${count(times, 'time')}` : '';
  return `${consequenceWords[why]}: ${printable(report.title)} (line ${report.startLine}${again})`;
}

/** Tasks that the same befell as the root's, in words. */
function otherTasks(file: FileResult, incident: Incident): string {
  const own = file.reports[incident.root]?.task;
  const names = new Set<string>();
  for (const { report: index, why } of incident.follow) {
    const task = file.reports[index]?.task;
    if (why !== 'repeat' || task?.pid === undefined || task.comm === undefined) continue;
    if (file.reports[index]?.signature !== file.reports[incident.root]?.signature) continue;
    if (task.pid !== own?.pid) names.add(`${task.comm} (PID ${task.pid})`);
  }
  if (names.size === 0 || own?.pid === undefined) return '';
  const shown = [...names].slice(0, tasksShown);
  const more = names.size - shown.length;
  return printable(`, also of ${listed(more > 0 ? [...shown, count(more, 'other task')] : shown)}`);
}

function grouped(times: number): string {
  return count(times, 'more', 'more');
}

/** What followed from an incident's root, with counts. */
export function aftermathSection(file: FileResult, incident: Incident, all: boolean): Section | undefined {
  const root = file.reports[incident.root];
  const groups = groupsOf(file, incident);
  const repeats =
    (root?.repeats ?? 0) + groups.reduce((sum, group) => sum + (group.why === 'repeat' ? group.times : 0), 0);
  const paragraphs: Paragraph[] = [];
  if (repeats > 0) paragraphs.push(`And ${grouped(repeats)} of the same${otherTasks(file, incident)}.`);
  const others = groups.filter((group) => group.why !== 'repeat');
  const shown = all ? others : others.slice(0, groupsShown);
  paragraphs.push(...shown.map(groupParagraph));
  if (shown.length < others.length) {
    paragraphs.push([{ text: `… ${count(others.length - shown.length, 'more report')} (--all)`, tone: 'quiet' }]);
  }
  const panicTold = root?.kind.startsWith('panic/') === true || others.some((group) => group.why === 'panic-after');
  for (const { text, range } of incident.ending) {
    const line = `(line ${range.firstLine})`;
    const words = printable(text.trim());
    if (all) paragraphs.push(`${words} ${line}`);
    else if (isPanicLine(text) ? !panicTold : text.includes('Rebooting in')) paragraphs.push(`Then: ${words} ${line}`);
  }
  return paragraphs.length === 0 ? undefined : { label: 'After', paragraphs };
}
