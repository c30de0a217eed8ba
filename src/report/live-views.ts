import type { LiveCpu, LiveDocument } from '../model/live.ts';
import { printable } from './escape.ts';
import { stackParagraphs } from './text/live/frames.ts';
import { cpuTable, moduleTable, taskTable } from './text/live/lists.ts';
import { locksSection } from './text/live/locks.ts';
import { registerParagraphs } from './text/live/registers.ts';
import { taskName } from './text/live/words.ts';
import type { TextOptions } from './text/options.ts';
import { sectionLines } from './text/section.ts';
import { type Paragraph, wrap } from './text/spans.ts';

/** Parts of a document that can be shown by themselves. */
export type DocumentView = 'dmesg' | 'tasks' | 'stacks' | 'cpu' | 'modules' | 'locks';

type Look = Pick<TextOptions, 'width' | 'painter'>;

/** One part of what was found, for people: lines with their line feeds. */
export function* liveViewText(
  document: LiveDocument,
  view: DocumentView,
  cpu: number | undefined,
  look: Look,
): Generator<string> {
  for (const line of viewLines(document, view, cpu, look)) yield `${line.trimEnd()}\n`;
}

/** The same part as JSON has it. */
export function liveViewValue(document: LiveDocument, view: DocumentView, cpu: number | undefined): unknown {
  switch (view) {
    case 'dmesg':
      return document.log?.lines ?? [];
    case 'tasks':
      return document.tasks;
    case 'stacks':
      return { cpus: document.cpus, tasks: document.tasks };
    case 'cpu':
      return document.cpus.find(({ id }) => id === cpu);
    case 'modules':
      return document.modules;
    case 'locks':
      return document.locks;
  }
}

function* viewLines(
  document: LiveDocument,
  view: DocumentView,
  wanted: number | undefined,
  { width, painter }: Look,
): Generator<string> {
  switch (view) {
    case 'dmesg':
      yield* (document.log?.lines ?? []).map(printable);
      break;
    case 'tasks':
      yield* taskTable(document.tasks, width, painter);
      break;
    case 'modules':
      yield* moduleTable(document.modules, width, painter);
      break;
    case 'locks': {
      const section = locksSection(document.locks, true);
      yield* section === undefined
        ? ['Nobody waits for a lock that could be seen.']
        : sectionLines(section, width, painter);
      break;
    }
    case 'cpu':
      for (const cpu of document.cpus) if (cpu.id === wanted) yield* cpuLines(cpu, true, { width, painter });
      break;
    case 'stacks':
      yield* cpuTable(document, width, painter);
      for (const cpu of document.cpus) {
        yield '';
        yield* cpuLines(cpu, false, { width, painter });
      }
      for (const task of document.tasks) {
        if (task.frames.length === 0) continue;
        yield '';
        yield* wrap([{ text: `${taskName(task)}, state ${printable(task.state)}:`, tone: 'strong' }], width, painter);
        yield* paragraphLines(stackParagraphs(task.frames, task.endsBecause, { all: true, most: 0 }), {
          width,
          painter,
        });
      }
      break;
  }
}

function* cpuLines(cpu: LiveCpu, isWhole: boolean, look: Look): Generator<string> {
  const task = taskName(cpu);
  const irqs = cpu.interruptsOff === true ? ', interrupts off' : '';
  const head = `CPU ${cpu.id}, ${cpu.state}${task === '' ? '' : `, ${task}`}${irqs}:`;
  yield* wrap([{ text: head, tone: 'strong' }], look.width, look.painter);
  if (isWhole) yield* paragraphLines(registerParagraphs(cpu.registers, cpu.decoded), look);
  yield* paragraphLines(stackParagraphs(cpu.frames, cpu.endsBecause, { all: true, most: 0 }), look);
}

function* paragraphLines(paragraphs: readonly Paragraph[], { width, painter }: Look): Generator<string> {
  for (const paragraph of paragraphs) yield* wrap(paragraph, width, painter, '  ', '    ');
}
