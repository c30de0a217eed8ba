import { bareName, culpritIndex, trapAt } from '../model/blame.ts';
import { isAllocatorFrame, isEntryFrame, isLockFrame, tellingStacks } from '../model/frame-roles.ts';
import type { CrashReport, Frame, SourceLocation } from '../model/report.ts';
import type { SuspectRole } from '../model/suspects.ts';

/** A function on a stack of a report, and where it is. */
export interface Target {
  /** As the log or the debug information has it. */
  readonly file: string;
  /** Absent if only the file is known. */
  readonly line?: number;
  readonly function?: string;
  readonly role: SuspectRole;
  /** 0 to 1: how much it tells that this was touched. */
  readonly weight: number;
}

/** Frames of a stack that are looked at, and stacks beside the trap's. */
const mostFrames = 24;
const mostOtherStacks = 6;
const mostOtherFrames = 6;
const mostTargets = 64;

/** By so much each caller tells less than the one that it called. */
const perCall = 0.85;

interface Position {
  readonly name: string | undefined;
  readonly source: SourceLocation | undefined;
}

/** A frame's functions, the inlined ones first, from the innermost on. */
function positionsOf({ inlined = [], function: name, source }: Frame): readonly Position[] {
  return [...inlined.map((inner) => ({ name: inner.function, source: inner.source })), { name, source }];
}

function target({ name, source }: Position, role: SuspectRole, weight: number): Target[] {
  if (source === undefined) return [];
  const { file, line } = source;
  return [{ file, line, ...(name !== undefined && { function: name }), role, weight }];
}

const targetsOf = (frame: Frame, role: SuspectRole, weight: number): Target[] =>
  positionsOf(frame).flatMap((position) => target(position, role, weight));

/** The culprit, with what was inlined into it or it was inlined into: that is of the same frame, and a little less to blame. */
function ofBlamedFrame(frame: Frame, culprit: string | undefined, isTrapped: boolean): Target[] {
  const positions = positionsOf(frame);
  const named = positions.findIndex(({ name }) => name !== undefined && bareName(name) === bareName(culprit ?? ''));
  const at = named < 0 ? positions.length - 1 : named;
  return positions.flatMap((position, nth) => {
    if (nth === at) return target(position, 'culprit', 1);
    return target(position, nth > at ? 'caller' : isTrapped ? 'trap' : 'passed', 0.9);
  });
}

function ofTrapStack(report: CrashReport): Target[] {
  const { frames, culprit } = report;
  const blamed = Math.max(culpritIndex(report), 0);
  const isTrapped = trapAt(report)?.range.firstByte === frames[0]?.range.firstByte;
  let caller = 0.8;
  return frames.slice(0, blamed + mostFrames).flatMap((frame, nth) => {
    if (nth === blamed) return ofBlamedFrame(frame, culprit?.function, nth === 0 && isTrapped);
    if (!frame.reliable || isEntryFrame(frame)) return [];
    if (nth === 0 && isTrapped) return targetsOf(frame, 'trap', 0.85);
    if (nth < blamed) return targetsOf(frame, 'passed', 0.25);
    const weight = caller;
    caller *= perCall;
    return targetsOf(frame, 'caller', weight);
  });
}

function ofOtherStacks({ stacks }: CrashReport): Target[] {
  const telling = stacks.filter(({ role }) => tellingStacks.has(role)).slice(0, mostOtherStacks);
  return telling.flatMap(({ frames }) => {
    const own = frames.filter(
      (frame) => frame.reliable && !isEntryFrame(frame) && !isAllocatorFrame(frame) && !isLockFrame(frame),
    );
    return own.slice(0, mostOtherFrames).flatMap((frame, nth) => targetsOf(frame, 'other-stack', 0.6 * perCall ** nth));
  });
}

/**
 * The functions on a report's stacks with their files, the most telling first, each once. Where no frame has a source
 * line, it is the file that the log blames, if it names one.
 */
export function targetsOfReport(report: CrashReport): readonly Target[] {
  const all = [...ofTrapStack(report), ...ofOtherStacks(report)];
  const { guiltyFile, culprit } = report;
  if (!all.some(({ role }) => role === 'culprit') && guiltyFile !== undefined)
    all.push({ file: guiltyFile, role: 'culprit', weight: 1, ...(culprit && { function: culprit.function }) });
  const best = new Map<string, Target>();
  for (const target of all.sort((a, b) => b.weight - a.weight)) {
    const key = `${target.file}\0${target.function ?? ''}`;
    if (!best.has(key)) best.set(key, target);
  }
  return [...best.values()].slice(0, mostTargets);
}
