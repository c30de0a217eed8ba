import { culpritIndex, linkCaller } from '../../model/blame.ts';
import type { CrashReport, Frame } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { frameText } from './frame-words.ts';
import { type Noise, noiseOf } from './noise.ts';
import type { TextOptions } from './options.ts';
import { frameParagraphs } from './position.ts';
import type { Section } from './section.ts';
import type { Paragraph } from './spans.ts';
import { count, listed } from './words.ts';

/** Frames of the trap's stack that fit a screen of 24 lines beside everything else. */
const framesShown = 8;

const noiseWords: Readonly<Record<Noise, string>> = {
  unreliable: 'unreliable',
  entry: 'of entry code',
  reporting: 'of generic code',
};

/** The same frame again: a function that calls itself. */
function isAgain(frame: Frame, before: Frame | undefined): boolean {
  return (
    frame.reliable &&
    before?.reliable === true &&
    frame.function !== undefined &&
    (frame.inlined ?? []).length === 0 &&
    frame.section === before.section &&
    frameText(frame) === frameText(before)
  );
}

/** `Folded: 8 frames (5 unreliable, 3 of entry code)`. */
function foldedWords(noise: readonly (Noise | undefined)[], beyond: number): string {
  const kinds = (['reporting', 'unreliable', 'entry'] as const).flatMap((kind) => {
    const n = noise.filter((entry) => entry === kind).length;
    return n === 0 ? [] : [`${n} ${noiseWords[kind]}`];
  });
  const parts = beyond === 0 ? kinds : [count(beyond, 'more frame'), ...kinds];
  return `… ${listed(parts)} not shown (--all)`;
}

/** The trap's stack: noise folded, the culprit marked, stacks within it (IRQ, NMI) named where they change. */
export function stackSection(report: CrashReport, options: TextOptions): Section | undefined {
  const { frames } = report;
  if (frames.length === 0) return undefined;
  const culprit = culpritIndex(report);
  const noise = options.all ? frames.map(() => undefined) : noiseOf(report);
  const paragraphs: Paragraph[] = [];
  let shown = 0;
  let beyond = 0;
  let section: string | undefined;
  let last: Frame | undefined;
  let times = 1;
  const link = linkCaller(report);
  const tellTimes = (): void => {
    if (times > 1) paragraphs.push([{ text: `… the same ${count(times - 1, 'more time')}`, tone: 'quiet' }]);
    times = 1;
  };
  for (const [index, frame] of frames.entries()) {
    if (noise[index] !== undefined) continue;
    if (!options.all && index !== culprit && isAgain(frame, last)) {
      times += 1;
      continue;
    }
    // The culprit is always shown, however deep it lies.
    if (!options.all && shown >= framesShown && index !== culprit) {
      beyond += 1;
      continue;
    }
    tellTimes();
    if (
      frame.section !== undefined &&
      frame.section !== section &&
      (section !== undefined || frame.section !== 'TASK')
    ) {
      paragraphs.push([{ text: `on the ${printable(frame.section)} stack:`, tone: 'quiet' }]);
    }
    section = frame.section ?? section;
    paragraphs.push(...frameParagraphs(frame, index === culprit ? 'culprit' : undefined));
    if (index === 0 && link) paragraphs.push(...frameParagraphs(link, 'culprit, by the link register'));
    last = frame;
    shown += 1;
  }
  tellTimes();
  if (beyond > 0 || noise.some((entry) => entry !== undefined)) {
    paragraphs.push([{ text: foldedWords(noise, beyond), tone: 'quiet' }]);
  }
  return { label: 'Stack', paragraphs, hanging: '  ' };
}
