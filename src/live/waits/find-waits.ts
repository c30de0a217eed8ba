import type { LockKind } from '../../model/live.ts';
import type { InlineFrame } from '../../model/report.ts';
import { entryCode, functionsOf } from '../frames.ts';
import type { Thread } from '../thread.ts';
import { type LockFunctions, lockFunctions, lockFunctionsOf, sleepFunctions } from './lock-functions.ts';
import type { Site } from './wait.ts';

/** A function of a thread, inlined or not. */
interface Placed {
  /** Index of its frame. */
  readonly nth: number;
  readonly at: InlineFrame;
}

/** A place where a thread waits, before the lock itself is known. */
export interface WaitPlace {
  readonly kind: LockKind;
  readonly functions: LockFunctions;
  readonly site: Site;
  /** Frames of the lock's own code, from within. */
  readonly lockFrames: readonly number[];
}

function flatten(thread: Thread): readonly Placed[] {
  return thread.frames.flatMap((frame, nth) => (frame.reliable ? functionsOf(frame).map((at) => ({ nth, at })) : []));
}

/** Where a thread waits: at most in one place between two entries from interrupts and exceptions; innermost first. */
export function waitPlaces(thread: Thread): readonly WaitPlace[] {
  const places: WaitPlace[] = [];
  const functions = flatten(thread);
  let at = 0;
  while (at < functions.length) {
    const place = placeAt(thread, functions, at);
    if (place !== undefined) places.push(place);
    // What was interrupted begins behind the next entry.
    const nth = functions[at]?.nth ?? 0;
    const entry = thread.frames.findIndex((frame, index) => index >= nth && frame.entry !== undefined);
    if (entry < 0) break;
    at = functions.findIndex((each) => each.nth > entry);
    if (at < 0) break;
  }
  return places;
}

/** What waits right here: only code of a lock, and what puts a task to sleep, is further within. */
function placeAt(thread: Thread, functions: readonly Placed[], start: number): WaitPlace | undefined {
  let at = start;
  if (start === 0 && entryCode.test(plain(functions[at]))) at += 1;
  while (sleepFunctions.test(plain(functions[at]))) at += 1;
  const found = kindAt(functions, at);
  if (found === undefined) return undefined;
  const { kind, last } = found;
  const lockFrames = new Set<number>();
  while (at < functions.length && (at <= last || isPartOf(kind, functions[at]))) {
    const nth = functions[at]?.nth;
    if (nth !== undefined) lockFrames.add(nth);
    at += 1;
  }
  const site = siteAt(thread, functions, at);
  return site && { kind: kind.kind, functions: kind, site, lockFrames: [...lockFrames] };
}

/** The lock that is waited for: told by the outermost function that is a lock's, as a mutex is made with a spinlock. */
function kindAt(
  functions: readonly Placed[],
  start: number,
): { readonly kind: LockFunctions; readonly last: number } | undefined {
  let found: { readonly kind: LockFunctions; readonly last: number } | undefined;
  for (let at = start; at < functions.length && at < start + mostLockFunctions; at++) {
    const name = functions[at]?.at.function ?? '';
    if (lockFunctionsOf(name) === undefined && !sleepFunctions.test(plain(functions[at]))) break;
    const kind = lockFunctions.find((each) => each.waiting.test(plain(functions[at])));
    if (kind !== undefined) found = { kind, last: at };
  }
  return found;
}

const mostLockFunctions = 24;
const plain = (placed: Placed | undefined): string =>
  (placed?.at.function ?? '').replace(/\.(?:constprop|isra|part|cold)\b.*$/s, '');
const isPartOf = (kind: LockFunctions, placed: Placed | undefined): boolean => {
  const own = placed && lockFunctionsOf(placed.at.function);
  return own !== undefined && (own === kind || sleepFunctions.test(plain(placed)) || own.kind === 'spinlock');
};

/** The site at a function: that function, and those that it is inlined into. */
function siteAt(thread: Thread, functions: readonly Placed[], at: number): Site | undefined {
  const here = functions[at];
  if (here === undefined) return undefined;
  const around = functions.slice(at + 1).filter(({ nth }) => nth === here.nth);
  return { thread, nth: here.nth, at: here.at, inlinedInto: around.map((each) => each.at) };
}
