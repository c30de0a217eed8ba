import type { Culprit, Frame, PassedFrame } from '../model/report.ts';
import { baseName } from '../util/function-name.ts';
import { detectorRule, interruptEntryRule, stallKinds } from './culprit-rules/interrupts.ts';
import { type PassRule, ruleMatches } from './culprit-rules/rule.ts';
import { passRuleFor } from './culprit-rules/rules.ts';

/** More frames are not looked at: the deepest kernel stack (64 KiB with KASAN) does not hold as many that matter. */
const maxFrames = 512;

/** Kinds whose stack is deep because something calls itself. */
const overflowKinds = ['oops/stack-overflow', 'oops/stack-guard-page', 'oops/double-fault', 'panic/stack-end'];

const lastSlept = /^(?:__switch_to(?:_asm)?|_*schedule(?:_\w+)?|ret_from_fork(?:_asm)?)$/;

/** How often a function must stand in a stack to be called recursive. */
const recursionCount = 3;

/** `__noreturn` functions that stand in the traces of reports. */
const neverReturns: ReadonlySet<string> = new Set([
  'panic',
  'vpanic',
  'nmi_panic',
  '__stack_chk_fail',
  'fortify_panic',
  '__fortify_panic',
  'usercopy_abort',
  'do_exit',
  'make_task_dead',
  'do_group_exit',
  'die_kernel_fault',
  'panic_bad_stack',
  'core::panicking::panic_fmt',
  'core::panicking::panic',
]);

/** A function that might be to blame: of a frame, or inlined into it. */
interface Candidate {
  readonly function: string;
  readonly frame: Frame;
  /** The rule that passed it over; undefined once it is found to be the culprit. */
  readonly rule: PassRule | undefined;
}

const unreliable: PassRule = { words: 'unreliable frame', fallback: 'never' };
const noFunction: PassRule = { words: 'no function of the kernel', fallback: 'never' };
const aboveInterrupt: PassRule = { words: 'above the interrupt that noticed the stall', fallback: 'never' };
const noReturn: PassRule = { words: 'only stands behind a call that does not return', fallback: 'never' };
const beyondEnd: PassRule = { words: 'the address is beyond its end' };
const jumpedTo: PassRule = { words: 'not code: whoever jumped there is to blame' };
const notRecursive: PassRule = { words: 'not what fills the stack by calling itself' };

/**
 * The function to blame: the first of a trap's frames (the instruction pointer's first, as in `CrashReport.frames`)
 * that no rule passes over. Functions inlined into a frame come before it. `passed` has what was passed over on the way,
 * and why. Where every frame is passed over, the first reliable one that is not reporting code is taken, one of the
 * scheduler or of entry code only if there is nothing else. `link` is what the trap's link register points to, where
 * the architecture has one.
 */
export function findCulprit(frames: readonly Frame[], kind: string, link?: Frame): Culprit | undefined {
  const stall = stallKinds.includes(kind);
  const shown = frames.slice(0, maxFrames);
  const stack = withCallerOfNoCode(stall ? withInterruptedOfScan(shown, kind) : shown, kind, link);
  if (stall && standsWhereItLastSlept(stack)) return undefined;
  const entry = stall ? interruptThatNoticed(stack) : -1;
  const recursive = overflowKinds.includes(kind) ? recursiveFunctions(stack) : undefined;
  const passed: Candidate[] = [];
  for (const [index, frame] of stack.entries()) {
    const interrupted = index > entry && frame.reliable && isInterruptEntry(frame);
    if (interrupted && passed.some((candidate) => candidate.rule?.fallback === undefined)) {
      // What was interrupted has nothing to do with what the interrupt did.
      passed.push({ function: printedName(frame), frame, rule: interruptEntryRule });
      break;
    }
    for (const name of functionsOf(frame)) {
      const rule = passRule(stack, frame, index, name, kind, entry, recursive);
      if (rule === undefined) {
        return culpritOf({ function: name, frame, rule }, passed);
      }
      passed.push({ function: name, frame, rule });
    }
  }
  const rest = passed.filter((candidate) => candidate.rule?.fallback !== 'never');
  const last = rest.find((candidate) => candidate.rule?.fallback === undefined) ?? rest[0];
  return last === undefined ? undefined : culpritOf(last, passed.slice(0, passed.indexOf(last)));
}

/**
 * True if nothing but the scheduler is on the stack of a task that keeps a CPU busy: what another CPU finds there
 * without an NMI (arm64) is where the task was switched out before (sched_show_task() in kernel/sched/core.c).
 */
function standsWhereItLastSlept(stack: readonly Frame[]): boolean {
  const reliable = stack.filter((frame) => frame.reliable);
  return reliable.length > 0 && reliable.every(({ function: name }) => name !== undefined && lastSlept.test(name));
}

/**
 * Who jumped to an address that is no code is not in the unwinder's trace: arm64's begins at the caller's caller, as
 * the link register is in no frame record yet (arch/arm64/kernel/stacktrace.c), and x86's ORC knows nothing of such an
 * address, so that all it prints is what the scan from the stack pointer on found (show_trace_log_lvl() in
 * arch/x86/kernel/dumpstack.c): the return address is the first thing on the stack.
 */
function withCallerOfNoCode(frames: readonly Frame[], kind: string, link: Frame | undefined): readonly Frame[] {
  const [ip] = frames;
  if (ip === undefined || (ip.function !== undefined && kind !== 'oops/nx-exec')) {
    return frames;
  }
  const start = frames.findIndex((frame) => frame.function !== ip.function || frame.offset !== ip.offset);
  const top = frames[start];
  if (link?.function !== undefined && link.function !== top?.function) {
    const end = start < 0 ? frames.length : start;
    return [...frames.slice(0, end), link, ...frames.slice(end)];
  }
  if (top === undefined || frames.slice(start).some((frame) => frame.reliable && frame.function !== undefined)) {
    return frames;
  }
  return frames.with(start, { ...top, reliable: true });
}

/**
 * x86 cannot unwind a task that runs on another CPU, and prints what it finds on its stack from where it was switched
 * out last (rcu_print_detail_task_stall_rnp() in kernel/rcu/tree_stall.h asks for such a stack). If that was on the way
 * out of an interrupt, what the interrupt came upon is most likely what still runs.
 */
function withInterruptedOfScan(frames: readonly Frame[], kind: string): readonly Frame[] {
  if (frames.some((frame) => frame.reliable)) {
    return frames;
  }
  const entry = frames.findIndex(isInterruptEntry);
  for (let i = entry + 1; entry >= 0 && i < frames.length; i++) {
    const frame = frames[i];
    // Pointers to functions (`__pfx_foo`: to the padding before foo, since 6.3) are lying about on every stack.
    if (!frame?.function || isInterruptEntry(frame) || frame.function.startsWith('__pfx_')) {
      continue;
    }
    return passRuleFor(baseName(frame.function), kind) === undefined
      ? frames.with(i, { ...frame, reliable: true })
      : frames;
  }
  return frames;
}

/** Which rule passes over the function of this frame. */
function passRule(
  stack: readonly Frame[],
  frame: Frame,
  index: number,
  name: string,
  kind: string,
  entry: number,
  recursive: ReadonlySet<string> | undefined,
): PassRule | undefined {
  if (!frame.reliable) {
    return unreliable;
  }
  if (frame.function === undefined) {
    return noFunction;
  }
  const misnamed = misnamedFrame(stack, index, kind);
  if (misnamed !== undefined) {
    return misnamed;
  }
  const rule = passRuleFor(name, kind);
  // The first frame may be the IP of what was interrupted, printed ahead of the trace of the interrupt.
  if (index <= entry && (index > 0 || frame.section !== undefined)) {
    return rule?.fallback === 'never' ? rule : aboveInterrupt;
  }
  if (rule === undefined && recursive !== undefined && recursive.size > 0 && !recursive.has(name)) {
    return notRecursive;
  }
  return rule;
}

/** Why the frame's address, though the nearest symbol is printed with it, is not of that function. */
function misnamedFrame(stack: readonly Frame[], index: number, kind: string): PassRule | undefined {
  const frame = stack[index];
  const first = stack[0];
  if (frame === undefined || first === undefined) {
    return undefined;
  }
  // The trace repeats the instruction pointer on arm64.
  if (kind === 'oops/nx-exec' && frame.function === first.function && frame.offset === first.offset) {
    return jumpedTo;
  }
  if (frame.offset !== undefined && frame.size !== undefined && frame.size > 0 && frame.offset > frame.size) {
    return beyondEnd;
  }
  // A compiler puts nothing behind such a call, so that it would return to the next function's first byte.
  const callee = stack.slice(0, index).findLast((other) => other.reliable)?.function;
  return frame.offset === 0 && callee !== undefined && neverReturns.has(baseName(callee)) ? noReturn : undefined;
}

/** The names that a frame stands for, innermost first, without compiler suffixes. */
function functionsOf(frame: Frame): readonly string[] {
  const inlined = frame.inlined ?? [];
  return [...inlined.map((inner) => baseName(inner.function)), printedName(frame)];
}

function printedName(frame: Frame): string {
  return frame.function === undefined ? `0x${(frame.address ?? 0n).toString(16)}` : baseName(frame.function);
}

function isInterruptEntry(frame: Frame): boolean {
  return frame.function !== undefined && ruleMatches(interruptEntryRule, frame.function);
}

/**
 * The index of the entry of the interrupt in which a stall was noticed, -1 if the stack has none: the last of the first
 * entry functions below a frame of the code that notices. Without such a frame the interrupt is a part of what is stuck.
 */
function interruptThatNoticed(stack: readonly Frame[]): number {
  let noticed = false;
  let entry = -1;
  for (const [index, frame] of stack.entries()) {
    if (frame.function === undefined || !frame.reliable) {
      continue;
    }
    if (noticed && isInterruptEntry(frame)) {
      entry = index;
    } else if (entry >= 0) {
      return entry;
    }
    noticed ||= ruleMatches(detectorRule, frame.function);
  }
  return entry;
}

/** Functions that stand in the stack again and again. */
function recursiveFunctions(stack: readonly Frame[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const name of stack.filter((frame) => frame.reliable && frame.function !== undefined).map(printedName)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, count]) => count >= recursionCount).map(([name]) => name));
}

function culpritOf(found: Candidate, before: readonly Candidate[]): Culprit {
  const { frame } = found;
  return {
    function: found.function,
    ...(frame.module === undefined ? {} : { module: frame.module }),
    range: frame.range,
    passed: withoutRepeats(before),
  };
}

/** Each function is told once with a rule: the IP's frame stands in many traces again, and a recursion a hundred times. */
function withoutRepeats(candidates: readonly Candidate[]): readonly PassedFrame[] {
  const seen = new Map<string, PassedFrame>();
  for (const candidate of candidates) {
    const words = candidate.rule?.words ?? '';
    const key = `${candidate.function}\n${words}`;
    if (!seen.has(key)) {
      seen.set(key, { function: candidate.function, rule: words });
    }
  }
  return [...seen.values()];
}
