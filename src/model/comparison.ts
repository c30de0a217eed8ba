import type { Severity } from './severity.ts';

/** How a crash stands against earlier runs. */
export const crashStatuses = [
  'new', // no earlier run had it
  'changed', // an earlier run had it otherwise, or (matched by similarity) something that is much like it
  'same',
  'gone', // an earlier run had it, this one has not
] as const;
export type CrashStatus = (typeof crashStatuses)[number];

/** What a crash was known by, the surest first. Similarity is a guess. */
export const crashMatches = ['signature', 'title', 'similarity'] as const;
export type CrashMatch = (typeof crashMatches)[number];

/** What is kept of the reports of one signature in one run. */
export interface CrashRecord {
  readonly signature: string;
  readonly kind: string;
  readonly title: string;
  readonly altTitles: readonly string[];
  readonly severity: Severity;
  /** The title names a function: without one, the same title says little. */
  readonly isSpecific: boolean;
  readonly culprit?: string;
  /** Functions of the trap's stack from the culprit's on, inlined ones included, as signatures have them. */
  readonly names: readonly string[];
  readonly release?: string;
  /** Where it was met first. */
  readonly path: string;
  readonly line: number;
  /** Reports, repeats included. */
  readonly count: number;
  /** Each of its reports followed from another one. */
  readonly follows?: true;
}

/** One run of whatever produced logs: what a document holds, or a log that was analysed for the comparison. */
export interface ComparedRun {
  readonly name: string;
  readonly crashes: readonly CrashRecord[];
  /** Why what it lacks may have been there all the same: inputs without kernel lines, cut off, damaged; in words. */
  readonly doubts: readonly string[];
}

/** In which of the earlier runs a crash was. */
export interface Sightings {
  /** How many of them had it. */
  readonly runs: number;
  /** How many there were. */
  readonly of: number;
  /** Names of the first and last that had it; absent if none had. */
  readonly first?: string;
  readonly last?: string;
}

/** What is otherwise than before. */
export interface CrashChange {
  readonly what: 'title' | 'kind' | 'severity' | 'signature' | 'culprit';
  readonly from: string;
  readonly to: string;
}

/** A crash held against earlier runs. */
export interface CrashHistory {
  readonly status: Exclude<CrashStatus, 'gone'>;
  /** Absent of what is new. */
  readonly matchedBy?: CrashMatch;
  /** 0 to 1, of what was matched by similarity. */
  readonly similarity?: number;
  readonly changes?: readonly CrashChange[];
  readonly seen: Sightings;
  /** It follows from a report that is known, and counts as known with it. */
  readonly follows?: true;
}

/** One crash of a comparison. `crash` is of the new run, of what is gone that of the last run that had it. */
export interface ComparedCrash extends Omit<CrashHistory, 'status' | 'follows'> {
  readonly status: CrashStatus;
  readonly crash: CrashRecord;
  /** What it was matched with, of the last run that had that. */
  readonly before?: CrashRecord;
}

/** A run held against earlier ones. */
export interface Comparison {
  /** Earlier runs, in their order. */
  readonly old: readonly ComparedRun[];
  readonly new: ComparedRun;
  /** New ones first, then changed, the same, and gone ones; in each the worst first. */
  readonly crashes: readonly ComparedCrash[];
}

/** An entry of a known-issues file that a report fits. */
export interface KnownIssue {
  readonly reason: string;
  readonly link?: string;
  /** The last day on which it applies, `2026-12-31`; absent if it never expires. */
  readonly expires?: string;
  /** Where it is written: `known.json, entry 3`. */
  readonly entry: string;
}

/**
 * True for what passes as known: the same crash, or one that an earlier run had by the same signature or title. Mere
 * similarity is a guess, and no crash passes for a guess.
 */
export function isKnown({ status, matchedBy }: Pick<CrashHistory, 'status' | 'matchedBy'>): boolean {
  return status !== 'new' && matchedBy !== 'similarity';
}
