import { isCall, sourcesOf } from '../follow-definitions.ts';
import type { FunctionText } from '../function-text.ts';
import type { DecodedInstruction, DecodedMemory } from '../instruction.ts';
import { acquireMode, isRelease } from './lock-functions.ts';
import { keyOf, placeKey, sameKey, type ValueKey } from './value-key.ts';

/** What became of a lock on the ways to an instruction, the nearest event of each. */
export interface LockHistory {
  /** Instructions that took it. */
  readonly taken: readonly number[];
  /** It was given back. */
  readonly released: boolean;
  /** The function may have been entered without either. */
  readonly entered: boolean;
  /** Something may have happened that cannot be told. */
  readonly unknown: boolean;
  /** Functions that were called since, which may have given it back. */
  readonly calls: number;
}

/** Instructions looked at. */
const mostVisits = 600;

/** Atomic instructions by which inlined code takes a lock (asm/atomic.h and asm/cmpxchg.h of x86 and arm64). */
const atomic = /^(?:cmpxchg|xchg|bts|cas(?:a|al)?|swp(?:a|al)|ldax?r)$/;

/** Whether an instruction may take a lock without a call. */
export const isAtomic = (instruction: DecodedInstruction): boolean =>
  // The name first: what is in memory takes longer to know.
  atomic.test(instruction.mnemonic) && instruction.memory.length > 0;

/**
 * Looks back from an instruction for what became of a lock.
 * @param isSameTry tells which atomic instructions belong to the attempt that the search begins at.
 */
export function lockHistory(
  text: FunctionText,
  from: number,
  lock: ValueKey,
  isSameTry: (nth: number) => boolean,
): LockHistory {
  const { code } = text;
  const taken = new Set<number>();
  const called = new Set<number>();
  const seen = new Set<number>();
  const open: number[] = [];
  let [released, entered, unknown] = [false, false, !code.isWhole];
  const lookBefore = (at: number): void => {
    const { before, isOpen } = sourcesOf(code, at);
    if (isOpen) unknown = true;
    if (at === 0) entered = true;
    for (const nth of before) if (!seen.has(nth)) open.push(nth);
  };
  lookBefore(from);
  for (let nth = open.pop(); nth !== undefined; nth = open.pop()) {
    if (seen.has(nth) || nth === from) continue;
    seen.add(nth);
    if (seen.size > mostVisits) return { taken: [...taken], released, entered, unknown: true, calls: called.size };
    switch (eventAt(text, nth, lock, isSameTry)) {
      case 'taken':
        taken.add(nth);
        continue;
      case 'released':
        released = true;
        continue;
      case 'unknown':
        unknown = true;
        continue;
      case 'call':
        called.add(nth);
        break;
      case 'none':
        break;
    }
    lookBefore(nth);
  }
  return { taken: [...taken], released, entered, unknown, calls: called.size };
}

type LockEvent = 'taken' | 'released' | 'unknown' | 'call' | 'none';

function eventAt(text: FunctionText, nth: number, lock: ValueKey, isSameTry: (nth: number) => boolean): LockEvent {
  const placed = text.code.instructions[nth];
  if (placed === undefined) return 'unknown';
  const { instruction } = placed;
  if (!isCall(placed)) return storeEvent(text, nth, instruction, lock, isSameTry);
  const [first = ''] = text.calls.convention.arguments;
  const name = text.references?.of(placed)?.name ?? '';
  const mode = acquireMode(name);
  if (mode !== undefined || isRelease(name)) {
    const key = keyOf(text, nth, first);
    if (sameKey(key, lock)) return mode === undefined ? 'released' : mode === 'exclusive' ? 'taken' : 'unknown';
    // Which lock it gives back is not known.
    return key === undefined && mode === undefined ? 'unknown' : 'none';
  }
  // ftrace's, and what preempts.
  if (text.calls.changedBy(nth)?.length === 0) return 'none';
  const isGiven = text.calls.convention.arguments.slice(0, 2).some((each) => sameKey(keyOf(text, nth, each), lock));
  return isGiven ? 'unknown' : 'call';
}

function storeEvent(
  text: FunctionText,
  nth: number,
  instruction: DecodedInstruction,
  lock: ValueKey,
  isSameTry: (nth: number) => boolean,
): LockEvent {
  if (isAtomic(instruction)) {
    const isSame = instruction.memory.some((memory) => sameKey(placeKey(text, nth, memory), lock));
    return isSame && !isSameTry(nth) ? 'taken' : 'none';
  }
  const isGivenBack = instruction.memory.some(
    (memory) => mayRelease(instruction, memory) && sameKey(placeKey(text, nth, memory), lock),
  );
  return isGivenBack ? 'released' : 'none';
}

/** The lowest byte or half of the lock is cleared (queued_spin_unlock()), or on arm64 stored with release. */
function mayRelease(instruction: DecodedInstruction, { access, size }: DecodedMemory): boolean {
  if (access !== 'write' && access !== 'read-write') return false;
  return size <= 2 || instruction.mnemonic.startsWith('stlr') || instruction.locked === true;
}
