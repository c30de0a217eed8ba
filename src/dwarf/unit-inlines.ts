import type { UnitFunction } from './unit-functions.ts';

/** Which inlined call is the innermost from each bound up to the next one; -1 for none. */
export interface InnermostCalls {
  /** How many bounds there are; what lies behind them in the columns is none. */
  readonly count: number;
  readonly bounds: Float64Array;
  readonly calls: Int32Array;
}

/** What finding them may still cost. */
export interface StepsLeft {
  left: number;
}

/**
 * The innermost call at every address of a function, as `InlineWalker` finds it: the deepest, of two at a depth the
 * smaller, of two of a size the first. Undefined where that is not clear, as a call lies outside of the one around it.
 */
export function innermostCalls({ calls, lows, highs }: UnitFunction, steps: StepsLeft): InnermostCalls | undefined {
  const all: number[] = [...lows, ...highs];
  for (const call of calls) {
    for (const low of call.lows) all.push(low);
    for (const high of call.highs) all.push(high);
  }
  const bounds = Float64Array.from(all).sort();
  let count = 0;
  for (let at = 0; at < bounds.length; at++)
    if (at === 0 || bounds[at] !== bounds[count - 1]) bounds[count++] = bounds[at] ?? 0;
  const owners = new Int32Array(count).fill(-1);
  // A call stands behind the one around it, so that this one is painted already.
  for (let nth = 0; nth < calls.length; nth++) {
    const call = calls[nth];
    if (call === undefined) break;
    for (let each = 0; each < call.lows.length; each++) {
      const high = call.highs[each] ?? 0;
      for (let at = indexOf(bounds, count, call.lows[each] ?? 0); at < count && (bounds[at] ?? 0) < high; at++) {
        if (--steps.left < 0) return undefined;
        const known = owners[at] ?? -1;
        if (known === nth) continue;
        const before = calls[known];
        if (call.parent >= 0 && !isWithin(calls, known, call.parent)) {
          // Somebody else's, who is deeper or smaller than the one around this one: is the parent there at all?
          const around = calls[call.parent];
          steps.left -= around?.lows.length ?? 0;
          if (!covers(around, bounds[at] ?? 0)) return undefined;
        }
        if (
          before === undefined ||
          call.depth > before.depth ||
          (call.depth === before.depth && call.size < before.size)
        )
          owners[at] = nth;
      }
    }
  }
  return { count, bounds, calls: owners };
}

/** Whether a call is another one, or within it by its chain of parents. */
function isWithin(calls: UnitFunction['calls'], call: number, around: number): boolean {
  for (let each = call; each >= around; each = calls[each]?.parent ?? -1) if (each === around) return true;
  return false;
}

function covers(call: UnitFunction['calls'][number] | undefined, address: number): boolean {
  return call?.lows.some((low, nth) => address >= low && address < (call.highs[nth] ?? 0)) ?? false;
}

function indexOf(bounds: Float64Array, count: number, value: number): number {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((bounds[middle] ?? 0) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
