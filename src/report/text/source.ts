import { bareName, blamedFrame } from '../../model/blame.ts';
import type { ExcerptState, SourceExcerpt } from '../../model/excerpt.ts';
import type { CrashReport, Frame, SourceLocation } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { excerptLines } from './excerpt-lines.ts';
import { sourceText } from './frame-words.ts';
import type { TextOptions } from './options.ts';
import { contentColumns, type Section } from './section.ts';
import type { Paragraph } from './spans.ts';
import { count, listed } from './words.ts';

/** Excerpts that a screen has room for. */
const excerptsShown = 3;

/** A position with its excerpt. */
interface Shown {
  readonly source: SourceLocation;
  readonly excerpt: SourceExcerpt;
  readonly function: string | undefined;
  /** What it is inlined into. */
  readonly into: string | undefined;
}

const stateWords: Readonly<Record<Exclude<ExcerptState, 'missing'>, string>> = {
  same: 'is certain',
  likely: 'is likely right',
  unverified: 'is unverified',
  changed: 'is of ANOTHER STATE',
};

function shownOf(frame: Frame): Shown[] {
  const chain = [...(frame.inlined ?? []), frame];
  return chain.flatMap(({ function: name, source }, nth) =>
    source?.excerpt === undefined
      ? []
      : [{ source, excerpt: source.excerpt, function: name, into: chain[nth + 1]?.function }],
  );
}

/** Each position once: allocations go through several helpers of one line. */
function distinct(all: readonly Shown[]): Shown[] {
  const known = new Set<string>();
  return all.filter(({ source }) => {
    const key = sourceText(source);
    return !known.has(key) && known.add(key);
  });
}

/** Those of the frame to blame first, unless all are to be shown in the order of the stack. */
function excerptsOf(report: CrashReport, all: boolean): Shown[] {
  const blamed = blamedFrame(report);
  const frames = blamed === undefined || (all && report.frames.includes(blamed)) ? [] : [blamed];
  return distinct([...frames, ...report.frames].flatMap(shownOf));
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** How far to believe the lines, told once for files of which the same is known. */
function stateParagraphs(shown: readonly Shown[]): Paragraph[] {
  const groups = new Map<string, { state: ExcerptState; note: string; files: Set<string> }>();
  for (const { excerpt, source } of shown) {
    const { state, note } = excerpt;
    const file = state === 'missing' ? source.file : fileName(source.file);
    const known = groups.get(`${state} ${note}`);
    if (known !== undefined) known.files.add(file);
    else groups.set(`${state} ${note}`, { state, note, files: new Set([file]) });
  }
  return [...groups.values()].map(({ state, note, files }): Paragraph => {
    const names = listed([...files]);
    if (state === 'missing') return [{ text: printable(`No source of ${names}: ${note}.`), tone: 'quiet' }];
    const text = printable(`The source of ${names} ${stateWords[state]}: ${note}.`);
    return [{ text, tone: state === 'changed' ? 'strong' : 'quiet' }];
  });
}

/** The lines of source where it broke, where these are known. */
export function sourceSection(report: CrashReport, options: TextOptions): Section | undefined {
  const found = excerptsOf(report, options.all);
  if (found.length === 0) return undefined;
  const readable = found.filter(({ excerpt }) => excerpt.lines.length > 0);
  const shown = options.all ? readable : readable.slice(0, excerptsShown);
  const width = contentColumns(options.width);
  const paragraphs = shown.flatMap((each): Paragraph[] => {
    const where =
      each.function === undefined
        ? ''
        : ` in ${bareName(each.function)}${each.into === undefined ? '' : `, inlined into ${bareName(each.into)}`}`;
    const head: Paragraph = [{ text: sourceText(each.source), tone: 'strong' }, printable(where)];
    return [head, ...excerptLines(each.excerpt, each.source.line, width)];
  });
  if (shown.length < readable.length)
    paragraphs.push([
      { text: `… ${count(readable.length - shown.length, 'further excerpt')} not shown (--all)`, tone: 'quiet' },
    ]);
  const told = found.filter((each) => each.excerpt.lines.length === 0 || shown.includes(each));
  return { label: 'Source', paragraphs: [...paragraphs, ...stateParagraphs(told)] };
}
