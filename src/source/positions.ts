import { blamedFrame, mapFrames, trapAt } from '../model/blame.ts';
import type { SourceExcerpt } from '../model/excerpt.ts';
import type { CrashReport, Frame, InlineFrame, SourceLocation } from '../model/report.ts';

/** Of a report, no more positions get an excerpt. */
const mostPositions = 64;

/** A position in the source, and the function that it must lie in. */
export interface Position {
  readonly source: SourceLocation;
  readonly function?: string;
  readonly module?: string;
}

/** The frames whose source says most: where it broke and who is to blame; with `all` every one of the trap's stack. */
function framesOf(report: CrashReport, all: boolean): readonly Frame[] {
  const blamed = blamedFrame(report);
  const top = report.frames[0];
  // The first frame is where it broke only if registers say so; else it is of the code that made the report.
  const trapped = trapAt(report)?.range.firstByte === top?.range.firstByte ? top : undefined;
  const chosen = [trapped, blamed, ...(all ? report.frames.filter((frame) => frame.reliable) : [])];
  return [...new Set(chosen.filter((frame) => frame !== undefined))];
}

/** The positions of a report that get an excerpt, the most telling first. */
export function positionsOf(report: CrashReport, all: boolean): readonly Position[] {
  const found = framesOf(report, all).flatMap((frame) => {
    const module = frame.module === undefined ? {} : { module: frame.module };
    return [...(frame.inlined ?? []), frame].flatMap(({ function: name, source }): Position[] =>
      source === undefined ? [] : [{ source, ...(name !== undefined && { function: name }), ...module }],
    );
  });
  return found.slice(0, mostPositions);
}

/** The report with excerpts at its positions. */
export function withExcerpts(report: CrashReport, excerpts: ReadonlyMap<SourceLocation, SourceExcerpt>): CrashReport {
  if (excerpts.size === 0) return report;
  const better = <Placed extends Frame | InlineFrame>(placed: Placed): Placed => {
    const excerpt = placed.source === undefined ? undefined : excerpts.get(placed.source);
    return excerpt === undefined ? placed : { ...placed, source: { ...placed.source, excerpt } };
  };
  const done = new Map<Frame, Frame>();
  const frameOf = (frame: Frame): Frame => {
    const known = done.get(frame);
    if (known !== undefined) return known;
    const own = better(frame);
    const whole = own.inlined === undefined ? own : { ...own, inlined: own.inlined.map(better) };
    done.set(frame, whole);
    return whole;
  };
  return mapFrames(report, frameOf);
}
