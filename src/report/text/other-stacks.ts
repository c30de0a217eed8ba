import { isAllocatorFrame, isEntryFrame, isLockFrame, isWaitFrame, tellingStacks } from '../../model/frame-roles.ts';
import type { CrashReport, Frame, StackRole, StackTrace } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { frameText } from './frame-words.ts';
import type { TextOptions } from './options.ts';
import { Places } from './places.ts';
import { frameParagraphs, placedFrame } from './position.ts';
import type { Section } from './section.ts';
import type { Paragraph, Span } from './spans.ts';
import { count } from './words.ts';

/** Stacks that belong to the story, told in a line each, with the label that the kernel gave them. */
const told: ReadonlySet<StackRole> = new Set([...tellingStacks, 'page-owner']);

/** Before the frames of a stack that stand below its label. */
const indent: Span = { text: '  ', whole: true };

const framesTold = 4;
const stacksTold = 4;

/** The label, with where the function is that it names, unless `places` is not given. */
function header(stack: StackTrace, places?: Places): string {
  const printed = printable(stack.label);
  const label = (places?.annotate(printed) ?? printed).replace(/ {2,}/g, ' ').replace(/[\s:]+$/, '');
  return label === '' ? stack.role : label;
}

/** What stands at the top of every stack of its sort. */
function machineryOf(role: StackRole): (frame: Frame) => boolean {
  switch (role) {
    case 'lock':
      return isLockFrame;
    case 'lock-user':
      return isWaitFrame;
    default:
      return isAllocatorFrame;
  }
}

/** `Freed by task 96: ktlab_free, called by ktlab_write, vfs_write (5 more)`. */
function chain(stack: StackTrace, places: Places): Paragraph[] {
  const isMachinery = machineryOf(stack.role);
  const start = stack.frames.findIndex((frame) => frame.reliable && !isMachinery(frame));
  const frames = stack.frames.slice(Math.max(start, 0)).filter((frame) => frame.reliable && !isEntryFrame(frame));
  const shown = frames.slice(0, framesTold);
  const more = frames.length > framesTold ? ' …' : '';
  const [first, ...callers] = shown.map((frame) => frameText(frame, 'short'));
  if (first === undefined) return [`${header(stack, places)}: no frames`];
  // With their positions frames do not fit one line.
  if (shown.some((frame) => frame.source !== undefined || frame.candidates !== undefined)) {
    // `Allocated in foo+0x12/0x34 age=0`, with which the stack begins.
    const named = frames[0] !== undefined && stack.label.includes(frameText(frames[0]));
    return [
      `${header(stack, named ? undefined : places)}:`,
      ...shown.map((frame, nth): Paragraph => {
        const last = nth === shown.length - 1 ? more : '';
        return [indent, ...placedFrame(frame, 'short', nth === 0 ? 'strong' : 'plain'), last];
      }),
    ];
  }
  const called = callers.length === 0 ? '' : `, called by ${callers.join(', ')}`;
  return [[`${header(stack, places)}: `, { text: first, tone: 'strong' }, `${called}${more}`]];
}

/** Another stack in full. */
function inFull(stack: StackTrace, places: Places): Paragraph[] {
  // What the label says need not be said again: `task:init state:D stack:0 pid:95 ...`, `NMI backtrace for cpu 1`.
  const named = stack.label.startsWith('task:');
  const placed = /\bcpu \d+$/.test(stack.label);
  const place = [
    stack.cpu === undefined || placed ? '' : `CPU ${stack.cpu}`,
    stack.comm === undefined || named ? '' : `task ${printable(stack.comm)}`,
    stack.pid === undefined || named ? '' : `PID ${stack.pid}`,
  ].filter((part) => part !== '');
  const paragraphs: Paragraph[] = [[{ text: [header(stack, places), ...place].join(', '), tone: 'strong' }]];
  for (const frame of stack.frames) paragraphs.push(...frameParagraphs(frame));
  return paragraphs;
}

/** The stacks beside the trap's: those of the story in a line each, the rest counted. */
export function otherStackSections(report: CrashReport, options: TextOptions): Section[] {
  const others = report.stacks.filter((stack) => stack.role !== 'trap' && stack.frames.length > 0);
  const places = new Places(report);
  if (options.all) return others.map((stack) => ({ label: 'Also', paragraphs: inFull(stack, places), hanging: '  ' }));
  const story = others.filter((stack) => told.has(stack.role));
  const paragraphs: Paragraph[] = story.slice(0, stacksTold).flatMap((stack) => chain(stack, places));
  const rest = others.length - Math.min(story.length, stacksTold);
  if (rest > 0) {
    const cpus = others.filter((stack) => stack.role === 'cpu').length;
    const what =
      cpus === rest ? count(rest, 'stack of another CPU', 'stacks of other CPUs') : count(rest, 'further stack');
    paragraphs.push([{ text: `… ${what} not shown (--all)`, tone: 'quiet' }]);
  }
  return paragraphs.length === 0 ? [] : [{ label: 'Also', paragraphs }];
}
