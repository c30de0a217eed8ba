import type { CrashReport, Frame } from './report.ts';

/** A function's name without what the compiler hung on it (`.isra.0`, `.part.3`, `.cold`, `.llvm.123`). */
export function bareName(name: string): string {
  const dot = name.indexOf('.', 1);
  return dot === -1 ? name : name.slice(0, dot);
}

/** What is the same for frames of one place of one function; the address does not matter. */
export function frameKey({ function: name, offset, module }: Pick<Frame, 'function' | 'offset' | 'module'>): string {
  return `${name ?? ''}+${offset ?? ''}${module === undefined ? '' : ` [${module}]`}`;
}

/** Where the culprit stands in the trap's stack; -1 if it does not. */
export function culpritIndex(report: CrashReport): number {
  const { culprit, frames } = report;
  if (!culprit) return -1;
  const line = culprit.range?.firstLine;
  const wanted = bareName(culprit.function);
  const named = (frame: Frame): boolean =>
    frame.function !== undefined &&
    (bareName(frame.function) === wanted ||
      frame.inlined?.some((inner) => bareName(inner.function) === wanted) === true);
  const byLine = frames.findIndex((frame) => named(frame) && frame.range.firstLine === line);
  if (byLine !== -1) return byLine;
  const reliable = frames.findIndex((frame) => named(frame) && frame.reliable);
  return reliable !== -1 ? reliable : frames.findIndex(named);
}

/** Where the processor trapped, if it did: without registers of the kernel there was no trap. */
export function trapAt(report: CrashReport): Frame | undefined {
  return report.registers?.find((set) => set.mode === 'kernel' && set.cpu === undefined)?.ip;
}

/** Who jumped to what is no code, where only the link register knew: it is to blame and stands in no stack. */
export function linkCaller(report: CrashReport): Frame | undefined {
  const { culprit } = report;
  if (culprit === undefined || culpritIndex(report) !== -1) return undefined;
  const link = report.registers?.find((set) => set.mode === 'kernel' && set.cpu === undefined)?.lr;
  return link?.function !== undefined && bareName(link.function) === bareName(culprit.function) ? link : undefined;
}

/** The frame to blame: the culprit's, else the first that has a function. */
export function blamedFrame(report: CrashReport): Frame | undefined {
  const at = culpritIndex(report);
  if (at !== -1) return report.frames[at];
  return linkCaller(report) ?? report.frames.find((frame) => frame.function !== undefined);
}

/** The report with other frames in place of its own, everywhere. */
export function mapFrames(report: CrashReport, better: (frame: Frame) => Frame): CrashReport {
  return {
    ...report,
    frames: report.frames.map(better),
    stacks: report.stacks.map((stack) => ({ ...stack, frames: stack.frames.map(better) })),
    ...(report.registers && {
      registers: report.registers.map((set) => ({
        ...set,
        ...(set.ip && { ip: better(set.ip) }),
        ...(set.lr && { lr: better(set.lr) }),
      })),
    }),
  };
}
