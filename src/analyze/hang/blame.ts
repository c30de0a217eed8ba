import type { FileResult } from '../../model/document.ts';
import type { LiveFrame, Verdict } from '../../model/live.ts';
import type { Culprit, Frame, StackTrace } from '../../model/report.ts';
import { signatureOf } from '../../oops/signature.ts';
import { baseName } from '../../util/function-name.ts';
import { type HangName, waitingFunction } from './name.ts';
import { type HangSubject, type HangThread, isAt, isSame } from './subject.ts';

/** A stack of a report, with the thread that it is of. */
export interface ThreadStack extends Pick<StackTrace, 'label' | 'frames' | 'range'> {
  readonly thread: HangThread;
}

/** What a hang is blamed on. */
export interface Blame {
  /** The stack: from the fault on, if there is one, to an interrupt below it. */
  readonly frames: readonly Frame[];
  readonly culprit?: Culprit;
  /** That stack is one of the log's, by its label: who is to blame has no other any more. */
  readonly ofLog?: string;
}

/** Whom to blame, and on which stack, as the verdict's place says. `stack` is the subject's. */
export function blameOf(
  verdict: Verdict,
  log: Pick<FileResult, 'reports'>,
  subject: HangSubject | undefined,
  stack: ThreadStack | undefined,
): Blame {
  const { location } = verdict;
  const own = subject === undefined || stack === undefined ? [] : stack.frames;
  if (location === undefined) return { frames: own };
  const name = baseName(location.function);
  if (subject !== undefined && subject.at !== -1) {
    const { thread, at, fault } = subject;
    const frames = own.map((frame, nth) => (nth === at ? fromPlace(frame, name) : frame));
    return { frames: frames.slice(fault?.from ?? 0, interruptBelow(thread, at)), culprit: culpritAt(name, own[at]) };
  }
  for (const { frames } of log.reports.toReversed()) {
    const at = frames.findIndex((frame) => frame.reliable && isAt(frame, location));
    const frame = frames[at];
    if (frame !== undefined) return { frames: frames.slice(at), culprit: culpritAt(name, frame), ofLog: 'Of the log:' };
  }
  if (subject === undefined) return { frames: [], culprit: { function: name, passed: [] } };
  // Who is to blame is gone without a trace: then where somebody waits for it.
  const waiting = waitingFunction(subject.thread, verdict, name);
  const frame = own.find((each) => each.function !== undefined && baseName(each.function) === waiting);
  return { frames: own, culprit: culpritAt(waiting, frame) };
}

function culpritAt(name: string, frame: Frame | undefined): Culprit {
  return {
    function: name,
    ...(frame?.module !== undefined && { module: frame.module }),
    ...(frame !== undefined && { range: frame.range }),
    passed: [],
  };
}

/** The file to blame: that of the innermost function at the place that is in no header. */
export function guiltyFile({ frames, culprit }: Blame, { location }: Verdict): string | undefined {
  const line = culprit?.range?.firstLine;
  const frame = frames.find(({ range }) => range.firstLine === line);
  const files = [...(frame?.inlined ?? []), ...(frame === undefined ? [] : [frame])].flatMap(({ source }) =>
    source === undefined ? [] : [source.file],
  );
  return files.find((file) => !file.endsWith('.h')) ?? location?.file;
}

/** A frame without what is inlined into the place itself: pauses of a loop, locks as they are made of others. */
function fromPlace(frame: Frame, name: string): Frame {
  const { inlined = [] } = frame;
  const at = inlined.findIndex((each) => baseName(each.function) === name);
  const isFrame = at === -1 && baseName(frame.function ?? '') === name;
  return at > 0 || isFrame ? { ...frame, inlined: inlined.slice(isFrame ? inlined.length : at) } : frame;
}

/**
 * Index of where a frame's interrupt ends, below it: by its stack, or the entry by it. What that came upon has nothing to
 * do with what it did.
 */
function interruptBelow({ frames }: HangThread, at: number): number | undefined {
  const own = frames[at]?.stack ?? 'task';
  const isBelow = ({ entry, stack }: LiveFrame): boolean =>
    entry?.kind === 'interrupt' || entry?.kind === 'nmi' || (own !== 'task' && stack !== own);
  const below = frames.findIndex((frame, nth) => nth > at && isBelow(frame));
  return below === -1 ? undefined : below;
}

/**
 * By what the same hang is known again, as reports of logs are (`signatureOf`). Of threads that wait for each other any
 * may have been seen first: it does not depend on that.
 */
export function signatureOfHang(
  verdict: Verdict,
  { kind, title }: HangName,
  { frames, culprit }: Blame,
  parties: readonly ThreadStack[],
): string {
  if (parties.length < 2) return signatureOf(kind, frames, culprit, title);
  const all = parties.map(({ thread, frames: its }) => {
    const name = waitingFunction(thread, verdict, culprit?.function ?? '');
    const at = thread.frames.findIndex((frame) => frame.function !== undefined && baseName(frame.function) === name);
    return signatureOf(kind, its.slice(0, interruptBelow(thread, at)), { function: name, passed: [] }, title);
  });
  return all.sort()[0] ?? '';
}

/** The stacks of a report: what is blamed first. */
export function stackTraces(
  shown: readonly ThreadStack[],
  blame: Blame,
  subject: HangSubject | undefined,
  involved: readonly HangThread[],
): readonly StackTrace[] {
  const [main] = shown;
  const [first] = blame.frames;
  const isOwn = blame.ofLog === undefined && subject !== undefined && main !== undefined;
  const trap: StackTrace[] =
    first === undefined
      ? []
      : isOwn
        ? [{ role: 'trap', ...stackOf(main), frames: blame.frames }]
        : [{ role: 'trap', label: blame.ofLog ?? 'Stack:', frames: blame.frames, range: first.range }];
  // It may be longer than what of it is blamed.
  const others = isOwn && blame.frames.length === main.frames.length ? shown.slice(1) : shown;
  return [
    ...trap,
    ...others.map((stack): StackTrace => {
      const isParty = involved.some((each) => isSame(each, stack.thread));
      return { role: isParty ? 'lock-user' : stack.thread.cpu === undefined ? 'task' : 'cpu', ...stackOf(stack) };
    }),
  ];
}

function stackOf({ thread: { cpu, pid, comm }, ...stack }: ThreadStack): Omit<StackTrace, 'role'> {
  return {
    ...stack,
    ...(cpu !== undefined && { cpu: cpu.id }),
    ...(pid !== undefined && { pid }),
    ...(comm !== undefined && { comm }),
  };
}
