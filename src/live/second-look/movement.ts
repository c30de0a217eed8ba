import type { CpuMark, MarkFrame } from './mark.ts';

/** What a CPU did between looks at it. */
export type Movement =
  /** It took its ticks, or came to something else. */
  | { readonly kind: 'moved' }
  /** It does not get on. */
  | {
      readonly kind: 'stuck';
      /** It took no tick, and had interrupts off each time; else it was in the same loop, of the same task, each time. */
      readonly tookNoTick: boolean;
      /** It was below the same call of the same function. */
      readonly isSamePlace: boolean;
    };

/**
 * Compares what a CPU was at with what it is at later; undefined if that tells nothing. Interrupts that come on top of
 * what it does, and go, do not count.
 */
export function movementOf(before: CpuMark, after: CpuMark): Movement | undefined {
  if (before.frames.length === 0 || after.frames.length === 0) return { kind: 'moved' };
  if (before.task !== after.task || differ(before.lastArrival, after.lastArrival)) return { kind: 'moved' };
  if (differ(before.switches, after.switches)) return { kind: 'moved' };
  const isSamePlace = sameCall(before.frames, after.frames) || sameCall(own(before.frames), own(after.frames));
  const areOff = before.interruptsOff === true && after.interruptsOff === true;
  const hasTicked = differ(before.due, after.due);
  if (areOff && !hasTicked && before.due !== undefined && after.due !== undefined)
    return { kind: 'stuck', tookNoTick: true, isSamePlace };
  // With interrupts off in a place that it may come to over and over, as a lock that it takes and gives back.
  if (areOff && hasTicked) return { kind: 'moved' };
  if (!isSamePlace) return { kind: 'moved' };
  // A task that was not switched away from, as far as that is counted.
  const isCounted = after.lastArrival !== undefined || after.switches !== undefined;
  return isCounted ? { kind: 'stuck', tookNoTick: false, isSamePlace } : undefined;
}

const differ = (a: bigint | undefined, b: bigint | undefined): boolean => a !== undefined && b !== undefined && a !== b;

/** The frames below the outermost entry from the kernel itself: what was interrupted. */
function own(frames: readonly MarkFrame[]): readonly MarkFrame[] {
  return frames.slice(frames.findLastIndex(({ isEntry }) => isEntry) + 1);
}

/** Frames within the one that stays: a loop may call, and be in what it calls. */
const mostInner = 3;

/**
 * Whether both are in the same call of the same function, at most a few calls deep from there: outer frames are the same
 * to the byte, and the one that they called is the same function.
 */
function sameCall(before: readonly MarkFrame[], after: readonly MarkFrame[]): boolean {
  let common = 0;
  for (;;) {
    const [a, b] = [before.at(-1 - common), after.at(-1 - common)];
    if (a === undefined || b === undefined || a.pc !== b.pc || a.sp !== b.sp) break;
    common++;
  }
  const left = [before.length - common, after.length - common];
  // Not an instruction has been executed, or the loop is that short.
  if (left.every((frames) => frames === 0)) return true;
  const [a, b] = [before.at(-1 - common), after.at(-1 - common)];
  return common > 0 && a !== undefined && a.function === b?.function && left.every((frames) => frames <= mostInner);
}
