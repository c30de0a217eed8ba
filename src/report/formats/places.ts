import { culpritIndex, linkCaller } from '../../model/blame.ts';
import { isStream } from '../../model/document.ts';
import type { CrashReport, Frame, SourceLocation } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { noiseOf } from '../text/noise.ts';
import type { FormatOptions } from './options.ts';
import type { Problem } from './run.ts';

/** Frames that any output names. */
const mostFrames = 64;

/** A line of a file: of source, or of the log where no source line is known. */
export interface Place {
  /** Safe to show; `/` between its parts. */
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  readonly isSource: boolean;
  /** It may be another: debug information that does not fit was used because the user insisted. */
  readonly isUnverified: boolean;
}

/** One function on the way to where it broke. */
export interface Step {
  /** `foo`, `foo [module]`, or an address. */
  readonly name: string;
  /** How it stands to the step before it. */
  readonly link: 'first' | 'inlined into' | 'called from';
  readonly place?: Place;
}

/** Where the files of a tree are here: `/build/frob/` in `modules/frob/`, those of the kernel's in `linux/`. */
interface TreePlace {
  /** What their paths begin with in debug information; empty for relative ones. */
  readonly from: string;
  readonly to: string;
}

/** By a file that was found here: what its two names do not have in common. */
function treePlace(file: string, here: string): TreePlace {
  const theirs = file.split('/');
  const ours = here.split('/');
  let same = 0;
  while (same < theirs.length && same < ours.length && theirs.at(-1 - same) === ours.at(-1 - same)) same += 1;
  const before = (parts: readonly string[]): string =>
    parts
      .slice(0, parts.length - same)
      .map((part) => `${part}/`)
      .join('');
  return { from: before(theirs), to: before(ours) };
}

/** Where the trees are whose files excerpts were read from. */
function treePlaces(report: CrashReport, options: FormatOptions): TreePlace[] {
  const places = new Map<string, TreePlace>();
  for (const frame of report.frames) {
    for (const { source } of [...(frame.inlined ?? []), frame]) {
      const path = source?.excerpt?.path;
      if (source === undefined || path === undefined) continue;
      const here = options.relative(path);
      if (here.startsWith('/')) continue;
      const place = treePlace(source.file, here);
      if (!places.has(place.from)) places.set(place.from, place);
    }
  }
  // The longest first: a module may be built in a folder of the kernel's.
  return [...places.values()].sort((x, y) => y.from.length - x.from.length);
}

function fileHere(source: SourceLocation, trees: readonly TreePlace[], options: FormatOptions): string {
  const { file, excerpt } = source;
  // The file that was read says where it is; else it is where the others of its tree are.
  const here = excerpt?.path === undefined ? undefined : options.relative(excerpt.path);
  if (here !== undefined && !here.startsWith('/')) return here;
  const isAbsolute = file.startsWith('/');
  const tree = trees.find(({ from }) => from.startsWith('/') === isAbsolute && file.startsWith(from));
  return tree === undefined ? file : tree.to + file.slice(tree.from.length);
}

function sourcePlace(source: SourceLocation, trees: readonly TreePlace[], options: FormatOptions): Place {
  return {
    file: printable(fileHere(source, trees, options).replace(/^(?:\.\/)+/, '')),
    line: Math.max(source.line, 1),
    ...(source.column !== undefined && source.column > 0 && { column: source.column }),
    isSource: true,
    isUnverified: source.unverified === true,
  };
}

function frameName({ function: name, address, module }: Frame): string {
  const text = name ?? `0x${(address ?? 0n).toString(16)}`;
  return printable(module === undefined ? text : `${text} [${module}]`);
}

function frameSteps(frame: Frame, trees: readonly TreePlace[], options: FormatOptions): Step[] {
  const steps: Step[] = [];
  const link = (): Step['link'] => (steps.length === 0 ? 'called from' : 'inlined into');
  for (const { function: name, source } of frame.inlined ?? []) {
    steps.push({
      name: printable(name),
      link: link(),
      ...(source !== undefined && { place: sourcePlace(source, trees, options) }),
    });
  }
  const place = frame.source === undefined ? {} : { place: sourcePlace(frame.source, trees, options) };
  return [...steps, { name: frameName(frame), link: link(), ...place }];
}

/** The functions from the one to blame (or its innermost inlined one) outwards; noise is left out. */
export function stepsOf(report: CrashReport, options: FormatOptions): Step[] {
  const trees = treePlaces(report, options);
  const noise = noiseOf(report);
  const link = linkCaller(report);
  const from = link === undefined ? Math.max(culpritIndex(report), 0) : 0;
  const frames = report.frames.filter((_, index) => index >= from && noise[index] === undefined);
  const all = link === undefined ? frames : [link, ...frames];
  const steps = all.slice(0, mostFrames).flatMap((frame) => frameSteps(frame, trees, options));
  return steps.map((step, index) => (index === 0 ? { ...step, link: 'first' } : step));
}

/** All steps, those of generic code above the one to blame too; for outputs with whole stacks. */
export function wholeStack(report: CrashReport, options: FormatOptions): Step[] {
  const trees = treePlaces(report, options);
  return report.frames
    .filter((frame) => frame.reliable)
    .slice(0, mostFrames)
    .flatMap((frame) => frameSteps(frame, trees, options));
}

/** The headline's line in the log. */
export function logPlace({ report, path }: Pick<Problem, 'report' | 'path'>, options: FormatOptions): Place {
  return logLine(path, report.startLine, options);
}

/** A line of an input. */
export function logLine(path: string, line: number, options: FormatOptions): Place {
  const file = path === '-' ? 'stdin' : isStream(path) ? 'console' : printable(options.relative(path));
  return { file, line: Math.max(line, 1), isSource: false, isUnverified: false };
}

/**
 * The line to point at: the innermost of the function to blame that is in no header, as helpers of headers are used
 * everywhere; of its callers only if that has none. Without source lines the report's place in the log.
 */
export function mainPlace(problem: Problem, options: FormatOptions): Place {
  const steps = stepsOf(problem.report, options);
  const own = steps.findIndex((step, index) => index > 0 && step.link === 'called from');
  const frame = own === -1 ? steps : steps.slice(0, own);
  const inOwn =
    frame.find(({ place }) => place !== undefined && !place.file.endsWith('.h')) ?? frame.find(({ place }) => place);
  return inOwn?.place ?? logPlace(problem, options);
}

/** A file's name as an URI reference: relative ones stay relative, absolute ones get `file://`. */
export function uriOf(file: string): string {
  const encoded = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? `file://${encoded}` : encoded;
}

/** `mm/slub.c:12`. */
export const placeText = ({ file, line, isUnverified }: Place): string =>
  `${file}:${line}${isUnverified ? ' (unverified)' : ''}`;

/** `foo (mm/slub.c:12)`, as scripts/decode_stacktrace.sh prints frames. */
export const stepText = ({ name, place }: Step): string =>
  place === undefined ? name : `${name} (${placeText(place)})`;
