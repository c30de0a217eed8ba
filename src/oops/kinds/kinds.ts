import { hangKinds } from './hang.ts';
import { hardwareKinds } from './hardware.ts';
import type { Kind } from './kind.ts';
import { lockingFamilies } from './lockdep.ts';
import { memoryFamilies } from './memory.ts';
import { oopsKinds } from './oops.ts';
import { otherFamilies } from './other.ts';
import { panicKinds } from './panic.ts';
import { sanitizerKinds } from './sanitizers.ts';
import { ubsanKinds } from './ubsan.ts';
import { warningAndBugKinds } from './warnings.ts';

/** The catalogue: every kind that a report or notice can have. */
export const kinds: readonly Kind[] = [
  ...oopsKinds,
  ...warningAndBugKinds,
  ...panicKinds,
  ...sanitizerKinds,
  ...ubsanKinds,
  ...lockingFamilies,
  ...hangKinds,
  ...memoryFamilies,
  ...hardwareKinds,
  ...otherFamilies,
];

const byName: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [kind.name, kind]));

/** The entry of that very name. */
export function kindOf(name: string): Kind | undefined {
  return byName.get(name);
}

/** All kinds in alphabetical order, as `ktriage explain --list` prints them. */
export function listKinds(): readonly Kind[] {
  return [...kinds].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const longestGuess = 64;

/** Number of changes (insert, delete, replace) between two words; both are short. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * Names that may have been meant by `text`, best first, at most five: those whose variant is close to it,
 * or that hold it (`uaf` finds nothing, `use-after-free` finds all of them).
 */
export function nearestKinds(text: string): string[] {
  const wanted = text
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-')
    .slice(0, longestGuess);
  if (wanted === '') return [];
  const ranked: { name: string; cost: number }[] = [];
  for (const { name } of kinds) {
    const variant = name.slice(name.indexOf('/') + 1);
    const cost = Math.min(distance(wanted, name), wanted.includes('/') ? Infinity : distance(wanted, variant));
    const allowed = Math.max(2, Math.floor(wanted.length / 3));
    if (name.includes(wanted)) ranked.push({ name, cost: Math.min(cost, 1) });
    else if (cost <= allowed) ranked.push({ name, cost });
  }
  ranked.sort((a, b) => a.cost - b.cost || (a.name < b.name ? -1 : 1));
  return ranked.slice(0, 5).map((entry) => entry.name);
}
