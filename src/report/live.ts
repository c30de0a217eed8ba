import type { LiveCpu, LiveDocument, LiveTask } from '../model/live.ts';
import { printable } from './escape.ts';
import { faultsSection } from './text/live/faults.ts';
import { stackParagraphs } from './text/live/frames.ts';
import { kernelSection } from './text/live/kernel.ts';
import { cpuTable, moduleTable, taskTable } from './text/live/lists.ts';
import { locksSection } from './text/live/locks.ts';
import { registerParagraphs } from './text/live/registers.ts';
import { alsoSection, verdictParagraph, whereSection, whySection } from './text/live/verdict.ts';
import { isBlocked, isTelling, taskName } from './text/live/words.ts';
import type { TextOptions } from './text/options.ts';
import { type Section, sectionLines } from './text/section.ts';
import { type Paragraph, wrap } from './text/spans.ts';
import { count, grouped } from './text/words.ts';

/** Frames of a stack that are shown: at its top, and below each entry. */
const framesShown = 5;
/** Stacks of CPUs, and of tasks that hold or want something, that are shown. */
const stacksShown = 4;
/** Lines of the log that are shown: the last. */
const logLinesShown = 4;

/** What was found in a machine, for people: lines with their line feeds. */
export function* liveText(document: LiveDocument, options: TextOptions): Generator<string> {
  for (const line of liveLines(document, options)) yield `${line.trimEnd()}\n`;
}

function* liveLines(document: LiveDocument, options: TextOptions): Generator<string> {
  const { width, painter, all } = options;
  const print = (section: Section | undefined): string[] =>
    section === undefined ? [] : sectionLines(section, width, painter);
  yield* wrap(verdictParagraph(document), width, painter, '', '  ');
  yield '';
  yield* print(whereSection(document, width));
  yield* print(whySection(document));
  yield* print(alsoSection(document, all));
  yield* print(kernelSection(document, all));
  if (document.cpus.length > 0) {
    yield '';
    yield* cpuTable(document, width, painter);
  }
  yield '';
  yield* print(locksSection(document.locks, all));
  yield* print(faultsSection(document, all));
  for (const section of stackSections(document, all)) yield* print(section);
  if (all && document.tasks.length > 0) {
    yield '';
    yield* taskTable(document.tasks, width, painter);
    yield '';
    yield* moduleTable(document.modules, width, painter);
    yield '';
  } else yield* print(tasksSection(document.tasks));
  yield* print(logSection(document, all));
  yield* print(unknownSection(document.problems));
  yield* wrap([{ text: endSentence(document), tone: 'quiet' }], width, painter);
}

/** Tasks whose stacks belong to the story: they hold or want something, or fault. */
function involved({ tasks, locks, pageFaults }: LiveDocument): LiveTask[] {
  const parties = [
    ...locks.flatMap(({ holders, waiters }) => [...holders, ...waiters]),
    ...pageFaults.filter(({ fatal }) => fatal),
  ];
  const pids = new Set(parties.filter(({ cpu }) => cpu === undefined).map(({ pid }) => pid));
  return tasks.filter(({ pid, frames }) => frames.length > 0 && pids.has(pid));
}

function* stackSections(document: LiveDocument, all: boolean): Generator<Section> {
  const look = { all, most: framesShown };
  const telling = document.cpus.filter((cpu) => (all ? cpu.frames.length > 0 : isTelling(cpu)));
  const tasks = all ? document.tasks.filter(({ frames }) => frames.length > 0) : involved(document);
  const shownCpus = all ? telling : telling.slice(0, stacksShown);
  for (const cpu of shownCpus) yield { label: 'Stack', paragraphs: cpuParagraphs(cpu, look), hanging: '  ' };
  const shownTasks = all ? tasks : tasks.slice(0, stacksShown);
  for (const task of shownTasks)
    yield {
      label: 'Stack',
      paragraphs: [
        [{ text: `${taskName(task)}, state ${printable(task.state)}:`, tone: 'strong' }],
        ...stackParagraphs(task.frames, task.endsBecause, look),
      ],
      hanging: '  ',
    };
  const rest = telling.length - shownCpus.length + tasks.length - shownTasks.length;
  if (rest > 0)
    yield {
      label: 'Stack',
      paragraphs: [[{ text: `… ${count(rest, 'more stack')} not shown (--all)`, tone: 'quiet' }]],
    };
}

function cpuParagraphs(cpu: LiveCpu, look: { readonly all: boolean; readonly most: number }): Paragraph[] {
  const task = taskName(cpu);
  return [
    [{ text: `CPU ${cpu.id}${task === '' ? '' : `, ${task}`}:`, tone: 'strong' }],
    ...(look.all ? registerParagraphs(cpu.registers, cpu.decoded) : []),
    ...stackParagraphs(cpu.frames, cpu.endsBecause, look),
  ];
}

/** How many tasks there are, and which of them are blocked. */
function tasksSection(tasks: readonly LiveTask[]): Section | undefined {
  if (tasks.length === 0) return undefined;
  const blocked = tasks.filter(isBlocked);
  const names = blocked.slice(0, 6).map(taskName);
  const more = blocked.length > names.length ? [`${grouped(blocked.length - names.length)} more`] : [];
  const told = blocked.length === 0 ? 'none of them blocked' : `blocked (D): ${[...names, ...more].join(', ')}`;
  return { label: 'Tasks', paragraphs: [`${grouped(tasks.length)}, ${told} (--all lists them)`] };
}

/** The end of the printk buffer, and what of it never came out. */
function logSection({ log }: LiveDocument, all: boolean): Section | undefined {
  if (log === undefined || log.lines.length === 0) return undefined;
  const { neverPrinted = 0 } = log;
  const shown = all ? log.lines : log.lines.slice(-logLinesShown);
  const hidden = log.lines.length - shown.length;
  const unprinted = neverPrinted === 0 ? '' : `, the last ${grouped(neverPrinted)} never printed`;
  return {
    label: 'Log',
    paragraphs: [
      `${count(log.lines.length, 'line')} in the printk buffer${unprinted}${hidden > 0 ? ' (ktriage live dmesg has all)' : ''}:`,
      ...shown.map(printable),
    ],
    hanging: '  ',
  };
}

function unknownSection(problems: readonly string[]): Section | undefined {
  return problems.length === 0
    ? undefined
    : { label: 'Unknown', paragraphs: problems.map((problem) => printable(problem)) };
}

/** What became of the machine. */
function endSentence({ stoppedMs, isLeftRunning }: LiveDocument): string {
  const stood = stoppedMs === 0 ? 'It was not stopped for this' : `It stood still for ${grouped(stoppedMs)} ms`;
  if (isLeftRunning === undefined) return `${stood} when this was saved.`;
  return isLeftRunning ? `${stood}, and runs on.` : `${stood}, and is left stopped.`;
}
