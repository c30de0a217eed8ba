import type { ArchitectureName, CrashReport, Frame } from '../model/report.ts';

/**
 * Entry code whose frame is followed by what it interrupted: the unwinder goes on at the interrupted instruction, which
 * is no return address. x86 prints that one as `RIP:` and leaves it out of the trace (show_trace_log_lvl() in
 * arch/x86/kernel/dumpstack.c); the others have no such line (arch/arm64/kernel/entry.S kernel_entry makes a frame
 * record of the exception's pc; arch/riscv/kernel/stacktrace.c walk_stackframe() goes on at regs->epc).
 */
const interruptedAfter: Readonly<Partial<Record<ArchitectureName, RegExp>>> = {
  arm64: /^el1[ht]?_(?:64_)?(?:sync|irq|fiq|error|da|ia|dbg|undef|inv|fpsimd)\b/,
  riscv64: /^(?:handle_exception|ret_from_exception)\b/,
};

/** True if what a trace has behind this function is not where a call returns to, but what was interrupted. */
export function isInterruptedBehind(architecture: ArchitectureName, name: string): boolean {
  return interruptedAfter[architecture]?.test(name) === true;
}

function key(frame: Frame): string {
  return `${frame.function ?? ''}+${frame.offset ?? ''}${frame.module ?? ''}${frame.address ?? ''}`;
}

/**
 * Tells the frames of a report that are where a processor was from those that are return addresses: behind the call,
 * which may be on another line, in another inlined function, or beyond the function's end.
 */
export class ReturnAddresses {
  readonly #pointers: ReadonlySet<string>;
  readonly #interrupted: RegExp | undefined;

  constructor(report: CrashReport) {
    const sets = report.registers ?? [];
    this.#pointers = new Set(sets.flatMap((set) => (set.ip === undefined ? [] : [key(set.ip)])));
    this.#interrupted = interruptedAfter[report.architecture];
  }

  /** `before`: the frame printed just before, whose caller this one is. */
  isReturn(frame: Frame, before: Frame | undefined): boolean {
    // Traces repeat the instruction pointer (arm64, and x86 among what may be stale).
    if (this.#pointers.has(key(frame))) return false;
    return !(before?.function !== undefined && this.#interrupted?.test(before.function) === true);
  }
}
