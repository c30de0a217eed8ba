import type { EntryKind } from '../../model/live.ts';
import { interruptsOff } from '../cpu-state.ts';
import { entryCode, isIn } from '../frames.ts';
import type { CpuFacts } from './facts.ts';

/** Entries that only put something on top of what a CPU really does. */
const interrupting: ReadonlySet<EntryKind> = new Set(['interrupt', 'nmi', 'debug']);

/** What a CPU does apart from interrupts that it happens to be in. */
export interface OwnState {
  /** Index of the frame. */
  readonly nth: number;
  /** There. */
  readonly interruptsOff?: boolean;
  /** It is an interrupt that it does not get out of. */
  readonly isInterrupt: boolean;
}

const softirqs = /^(?:_{0,3}do_softirq\w*|handle_softirqs)$/;

/** What is interrupted where there was nothing to do. */
const idling = /^(?:do_idle|cpu_startup_entry|default_idle_call|cpuidle_enter\w*)$/;

/**
 * What a CPU does.
 * @param isQuiet it has taken no tick for long: then it is stuck in the interrupt itself, if it is in one.
 */
export function ownState({ frames, interruptsOff: now, state }: CpuFacts, isQuiet: boolean): OwnState | undefined {
  const entry = frames.findIndex(
    ({ entry: its }) => its !== undefined && interrupting.has(its.kind) && its.isUser === false,
  );
  const first = frames[0];
  if (first === undefined) return undefined;
  const known = now === undefined ? {} : { interruptsOff: now };
  // An interrupt begins just now.
  if (first.entry === undefined && isIn(first, entryCode) && frames.length > 1) return { nth: 1, isInterrupt: false };
  if (entry < 0 || state === 'idle') return { nth: 0, ...known, isInterrupt: false };
  // A softirq on top of a task may be there for a moment only; on top of nothing it is what the CPU does.
  const isSoftirq =
    frames.slice(0, entry).some((frame) => isIn(frame, softirqs)) &&
    frames.slice(entry).some((frame) => isIn(frame, idling));
  if ((isQuiet && now === true) || isSoftirq) return { nth: 0, ...known, isInterrupt: true };
  const registers = frames[entry]?.entry?.registers;
  const off = registers === undefined ? undefined : interruptsOff(registers);
  return { nth: entry + 1, ...(off !== undefined && { interruptsOff: off }), isInterrupt: false };
}
