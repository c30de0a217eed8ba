import type { CrashRecord } from '../model/comparison.ts';

/** Each frame counts so much of the one that it was called from by: bugs differ at the top of stacks, not at their end. */
const decay = 0.8;
/** From which on two crashes are called similar; what they must have in common beside it, see `similarity`. */
export const similarEnough = 0.8;
/** So many functions between a culprit and the other's, at most: what compilers inline is not deeper. */
const culpritDepth = 3;

const family = (kind: string): string => kind.slice(0, kind.indexOf('/') + 1) || kind;

/**
 * How much two crashes are alike, from 0 to 1; 0 if they are surely different ones.
 *
 * Another compiler, another configuration, another release inline other functions, and so each stack may lack functions
 * that the other has, also the culprit. But then the one's culprit is among the first functions of the other: two bugs
 * below the same caller are not alike, however much of their stacks they share. What is left is the part of both stacks,
 * upper functions counting more, that is a common subsequence.
 */
export function similarity(a: CrashRecord, b: CrashRecord): number {
  if (a.names.length === 0 || b.names.length === 0) return 0;
  if (family(a.kind) !== family(b.kind)) return 0;
  if (!isNear(a.names[0], b.names) && !isNear(b.names[0], a.names)) return 0;
  // A single name is no stack; that is what titles are for.
  if (Math.min(a.names.length, b.names.length) === 1 && a.names[0] !== b.names[0]) return 0;
  // Something else that happened elsewhere is rather another bug, however near the functions are.
  const doubt = a.kind !== b.kind && a.names[0] !== b.names[0] ? 0.9 : 1;
  const both = (2 * common(a.names, b.names)) / (weightOf(a.names.length) + weightOf(b.names.length));
  return doubt * Math.min(both, 1);
}

function isNear(culprit: string | undefined, names: readonly string[]): boolean {
  return culprit !== undefined && names.slice(0, culpritDepth + 1).includes(culprit);
}

const weightOf = (length: number): number => (1 - decay ** length) / (1 - decay);

/** The heaviest common subsequence. */
function common(a: readonly string[], b: readonly string[]): number {
  let before = new Array<number>(b.length + 1).fill(0);
  for (const [row, name] of a.entries()) {
    const current = [0];
    for (const [column, other] of b.entries()) {
      const skipped = Math.max(before[column + 1] ?? 0, current[column] ?? 0);
      const both = name === other ? (before[column] ?? 0) + decay ** ((row + column) / 2) : 0;
      current.push(Math.max(skipped, both));
    }
    before = current;
  }
  return before[b.length] ?? 0;
}
