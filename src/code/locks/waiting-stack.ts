import { bareName } from '../../model/blame.ts';
import type { CrashReport, Frame } from '../../model/report.ts';
import { isWaiting } from './lock-functions.ts';

/** Frames that are looked at for one that wants a lock. */
const mostFrames = 12;

/** The first frame that is no part of waiting, where there is any above it. */
export function wantingFrame({ frames }: CrashReport): Frame | undefined {
  const at = wantingIndex(frames);
  return at === undefined ? undefined : frames[at];
}

function wantingIndex(frames: readonly Frame[]): number | undefined {
  const at = frames
    .slice(0, mostFrames)
    .findIndex(({ reliable, function: name }) => reliable && (name === undefined || !isWaiting(name)));
  return at > 0 ? at : undefined;
}

/** Whether a stack may be that of somebody who waits for a lock, by the names in it. */
export function mayWantLock({ frames }: CrashReport): boolean {
  const above = frames.slice(0, wantingIndex(frames) ?? 0);
  return above.some((frame) => frame.reliable && frame.function !== undefined && isWaiting(bareName(frame.function)));
}
