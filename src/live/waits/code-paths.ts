import type { FunctionCode } from '../../code/function-code.ts';

/** Instructions that are gone back over at most. */
const mostVisited = 16_384;

/**
 * Indexes of the instructions from which one may be reached directly. A jump that the kernel may have taken out (an
 * alternative, a static key) leads on behind it too.
 */
export function sourcesOf(code: FunctionCode, nth: number): readonly number[] {
  const known = code.sources[nth] ?? [];
  const before = code.instructions[nth - 1];
  const found = before?.instruction.flow === 'jump' && code.isPatched?.(nth - 1) === true ? [...known, nth - 1] : known;
  return found.filter((source) => code.endsAt?.(source) !== true);
}

/**
 * Goes back from an instruction over all ways that lead to it, the nearest first.
 * @param visit is asked of each instruction before it, once; `false` ends the way there.
 * @returns whether all that leads there is known: no jump by a table, and not too much of it.
 */
export async function goBack(
  code: FunctionCode,
  from: number,
  visit: (nth: number) => boolean | Promise<boolean>,
): Promise<boolean> {
  let isKnown = !code.open.has(from);
  const seen = new Set<number>();
  let wave: readonly number[] = [from];
  while (wave.length > 0) {
    const next: number[] = [];
    for (const nth of wave) {
      for (const source of sourcesOf(code, nth)) {
        if (seen.has(source)) continue;
        if (seen.size >= mostVisited) return false;
        seen.add(source);
        if (!(await visit(source))) continue;
        if (code.open.has(source)) isKnown = false;
        next.push(source);
      }
    }
    wave = next;
  }
  return isKnown;
}

/** Indexes of the instructions before which a register has the value that it has at `here`. */
export function unchangedBefore(code: FunctionCode, register: string, here: number): ReadonlySet<number> {
  const found = new Set<number>([here]);
  const open = [here];
  for (let at = open.pop(); at !== undefined && found.size < mostVisited; at = open.pop()) {
    for (const source of sourcesOf(code, at)) {
      if (found.has(source) || code.instructions[source]?.instruction.writes.includes(register) === true) continue;
      found.add(source);
      open.push(source);
    }
  }
  return found;
}
