import { type ComparedCrash, type ComparedRun, type Comparison, crashStatuses } from '../model/comparison.ts';
import { severities } from '../model/severity.ts';
import { History } from './history.ts';

/**
 * Holds a run against earlier ones.
 * @param old in the order of time.
 */
export function compareRuns(old: readonly ComparedRun[], run: ComparedRun): Comparison {
  const history = new History(old);
  const met = new Set<string>();
  const crashes: ComparedCrash[] = [];
  const taken = history.taken(run.crashes);
  for (const crash of run.crashes) {
    const { old: before, ...known } = history.recognize(crash, taken);
    if (before !== undefined) met.add(before.crash.signature);
    crashes.push({ ...known, crash, ...(before && { before: before.crash }) });
  }
  for (const { crash, seen } of history.crashes()) {
    // What followed from something else is gone when that is.
    if (!met.has(crash.signature) && crash.follows !== true) crashes.push({ status: 'gone', seen, crash });
  }
  return { old, new: run, crashes: crashes.sort(worstFirst) };
}

function worstFirst(a: ComparedCrash, b: ComparedCrash): number {
  return (
    crashStatuses.indexOf(a.status) - crashStatuses.indexOf(b.status) ||
    severities.indexOf(a.crash.severity) - severities.indexOf(b.crash.severity) ||
    b.crash.count - a.crash.count ||
    // Then text decides, so that the same comparison looks the same twice.
    (a.crash.title < b.crash.title ? -1 : a.crash.title > b.crash.title ? 1 : 0)
  );
}

/**
 * Orders names of runs as people count: `run-9` before `run-10`. Runs have no time of their own, for neither logs nor
 * files in a checkout do.
 */
export function byRunName(a: string, b: string): number {
  const left = a.match(pieces) ?? [];
  const right = b.match(pieces) ?? [];
  for (const [index, piece] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (piece === other) continue;
    const numbers = /^\d/.test(piece) && /^\d/.test(other);
    const longer = numbers ? piece.replace(/^0+/, '').length - other.replace(/^0+/, '').length : 0;
    if (longer !== 0) return longer;
    if (numbers && piece.replace(/^0+/, '') === other.replace(/^0+/, '')) continue;
    return piece < other ? -1 : 1;
  }
  return left.length < right.length ? -1 : a < b ? -1 : a > b ? 1 : 0;
}

const pieces = /\d+|\D+/g;
