import type { LiveCpu, LiveDocument, LiveEntry, LiveFrame, LiveTask, VerdictLocation } from '../../model/live.ts';
import type { InlineFrame } from '../../model/report.ts';
import { baseName } from '../../util/function-name.ts';

/** Stacks beside the one that is blamed that a report shows. */
const mostInvolved = 8;

/** What executes, or sleeps, in a machine: what runs on a CPU, or a task. */
export interface HangThread extends Pick<LiveTask, 'frames'> {
  /** Absent for what sleeps. */
  readonly cpu?: LiveCpu;
  readonly pid?: number;
  readonly comm?: string;
}

/** Whose stack a verdict is about, and where in it. */
export interface HangSubject {
  readonly thread: HangThread;
  /** Index of the frame that the verdict points to; -1 if it is in none of them. */
  readonly at: number;
  /** The entry into the kernel by a fault that the verdict rests on, with the frame that it was taken in. */
  readonly fault?: { readonly entry: LiveEntry; readonly from: number };
}

/** The threads of a machine that have stacks: CPUs first. */
export function threadsOf({ cpus, tasks }: Pick<LiveDocument, 'cpus' | 'tasks'>): readonly HangThread[] {
  return [
    ...cpus.map((cpu) => ({
      cpu,
      frames: cpu.frames,
      ...(cpu.pid !== undefined && { pid: cpu.pid }),
      ...(cpu.comm !== undefined && { comm: cpu.comm }),
    })),
    ...tasks.map(({ pid, comm, frames }) => ({ pid, comm, frames })),
  ].filter(({ frames }) => frames.length > 0);
}

/** Threads that the verdict's evidence names by a place on their stacks, in its order. */
export function involvedThreads(document: LiveDocument): readonly HangThread[] {
  const threads = threadsOf(document);
  const places = new Map<bigint, HangThread[]>();
  for (const thread of threads) {
    for (const { address, entry } of thread.frames)
      for (const place of entry === undefined ? [address] : [address, entry.ptRegs]) {
        const known = places.get(place);
        if (known === undefined) places.set(place, [thread]);
        else if (known.at(-1) !== thread) known.push(thread);
      }
  }
  const found = document.verdict.evidence.flatMap(({ address }) =>
    address === undefined ? [] : (places.get(address) ?? []),
  );
  return [...new Set(found)].slice(0, mostInvolved);
}

/** The same thread is another object each time that it is looked for. */
export const isSame = (a: HangThread, b: HangThread): boolean => a.frames === b.frames;

/** What is at a frame: the functions inlined into it, the innermost first, and its own. */
function functionsOf({
  function: name,
  source,
  inlined = [],
}: Pick<LiveFrame, 'function' | 'source' | 'inlined'>): readonly InlineFrame[] {
  return name === undefined ? inlined : [...inlined, { function: name, ...(source && { source }) }];
}

/** True if the place is at the frame. */
export function isAt(
  frame: Pick<LiveFrame, 'function' | 'source' | 'inlined'>,
  { function: name, file, line }: VerdictLocation,
): boolean {
  const isPlace = ({ function: each, source }: InlineFrame): boolean =>
    baseName(each) === baseName(name) &&
    (file === undefined || file === source?.file) &&
    (line === undefined || line === source?.line);
  return functionsOf(frame).some(isPlace);
}

/** The thread whose stack the verdict points into; undefined if it points into none. */
export function subjectOf(document: LiveDocument, involved: readonly HangThread[]): HangSubject | undefined {
  const { location, evidence } = document.verdict;
  const told = new Set(evidence.flatMap(({ address }) => address ?? []));
  const all = new Set([...involved, ...threadsOf(document)]);
  // The line may be unknown where the function is not: without debug information.
  const places = location === undefined ? [] : [location, { function: location.function }];
  for (const place of places)
    for (const thread of all) {
      const at = thread.frames.findIndex((frame) => isAt(frame, place));
      if (at !== -1) return { thread, at, ...faultAbove(thread, at, told) };
    }
  const [first] = involved;
  return first === undefined ? undefined : { thread: first, at: -1 };
}

/** The fault that was taken in the frame, or in what that called, if it is part of the evidence. */
function faultAbove({ frames }: HangThread, at: number, told: ReadonlySet<bigint>): Pick<HangSubject, 'fault'> {
  const nth = frames.slice(0, at).findLastIndex(({ entry }) => entry !== undefined);
  const entry = frames[nth]?.entry;
  return entry === undefined || entry.isUser || !told.has(entry.ptRegs) ? {} : { fault: { entry, from: nth + 1 } };
}
