import { bareName, culpritIndex, trapAt } from '../../model/blame.ts';
import { isEntryFrame, reportingTop } from '../../model/frame-roles.ts';
import type { CrashReport, Frame } from '../../model/report.ts';

/** Why a frame is not shown unless asked for. */
export type Noise = 'unreliable' | 'entry' | 'reporting';

/** True if the processor trapped in that frame. */
function isTrap(report: CrashReport, frame: Frame): boolean {
  const ip = trapAt(report);
  return ip?.function !== undefined && ip.function === frame.function;
}

/**
 * Tells for each frame of the trap's stack whether it is noise, and which. The culprit never is, nor the one where
 * the processor trapped; the first frame only if the report was made by it.
 */
export function noiseOf(report: CrashReport): (Noise | undefined)[] {
  const culprit = culpritIndex(report);
  const top = reportingTop(report);
  const passed = new Set((report.culprit?.passed ?? []).map((frame) => bareName(frame.function)));
  return report.frames.map((frame, index) => {
    if (index === culprit) return undefined;
    const name = frame.function;
    if (index === 0 && isTrap(report, frame)) return undefined;
    if (index > 0 && index <= top) return 'reporting';
    if (index < culprit && name !== undefined && passed.has(bareName(name))) return 'reporting';
    if (index === 0) return undefined;
    if (!frame.reliable) return 'unreliable';
    return isEntryFrame(frame) ? 'entry' : undefined;
  });
}
