import type { Architecture } from '../../arch/architecture.ts';
import type { Frame } from '../../model/report.ts';
import type { CollectedSet } from './registers.ts';
import type { OpenStack } from './stacks.ts';

/** What the list of frames of a report is made of. */
export interface TrapParts {
  readonly headline: string;
  readonly stack: OpenStack | undefined;
  /** The register dumps of the same CPU or task, in the order of the log. */
  readonly sets: readonly CollectedSet[];
  /** x86's `IP:` line, for reports whose registers are lost. */
  readonly oldIp: Frame | undefined;
  readonly architecture: Architecture | undefined;
}

/** The instruction pointer as a frame: by its symbol, or as a bare address where the kernel jumped to nowhere. */
function pointerFrame({ set }: CollectedSet, architecture: Architecture | undefined): Frame | undefined {
  if (set.ip !== undefined || architecture === undefined) return set.ip;
  const address = set.values[architecture.instructionPointer];
  const range = set.ranges[architecture.instructionPointer];
  return address === undefined || range === undefined ? undefined : { address, reliable: true, range };
}

function sameplace(a: Frame, b: Frame): boolean {
  if (a.function === undefined) return b.function === undefined && a.address === b.address;
  if (a.function !== b.function) return false;
  return b.offset === undefined || a.offset === b.offset;
}

/** The caller that the last line of an arm trace names, unless it is only the entry code. */
function lastCaller({ stack, architecture }: TrapParts): Frame | undefined {
  const caller = stack?.caller;
  if (caller?.function === undefined || architecture === undefined) return undefined;
  const { exception, interrupt, syscall, start } = architecture.entries;
  const entry = [exception, interrupt, syscall, start].some((e) => e.test(caller.function ?? ''));
  return entry ? undefined : caller;
}

/**
 * The frames of a report: where the trap was, then its call trace. x86 does not repeat the trap's own function in
 * the trace, arm64 does: there it is left out. A register dump in the middle of a trace is what was interrupted
 * there, and its function stays in its place, unless the trap of the report itself was printed so (warnings of
 * kernels up to 4.14, which print the registers that `invalid_op` saved).
 */
export function trapFrames(parts: TrapParts): Frame[] {
  const { stack, sets, headline, architecture } = parts;
  const frames = [...(stack?.frames ?? [])];
  const caller = lastCaller(parts);
  if (caller !== undefined) frames.push(caller);
  const before = sets.find(
    (s) =>
      !s.insideTrace &&
      s.set.mode === 'kernel' &&
      pointerFrame(s, architecture) !== undefined &&
      (stack === undefined || s.firstIndex <= stack.firstIndex),
  );
  const ip = (before === undefined ? undefined : pointerFrame(before, architecture)) ?? parts.oldIp;
  if (ip !== undefined) {
    const first = frames[0];
    if (first !== undefined && sameplace(ip, first) && first.range.firstByte >= ip.range.firstByte) frames.shift();
    return [
      { ...ip, ...(first?.section !== undefined && sameplace(ip, first) && { section: first.section }) },
      ...frames,
    ];
  }
  if (!/WARNING:|kernel BUG at/i.test(headline)) return frames;
  const inside = sets.find((s) => s.insideTrace && s.set.mode === 'kernel' && s.set.ip !== undefined)?.set.ip;
  const i = inside === undefined ? -1 : frames.findIndex((f) => f.range.firstByte === inside.range.firstByte);
  const raisedBy = frames[i - 1]?.function;
  if (i <= 0 || inside === undefined || raisedBy === undefined) return frames;
  if (architecture?.entries.exception.test(raisedBy) !== true) return frames;
  frames.splice(i, 1);
  return [inside, ...frames];
}
