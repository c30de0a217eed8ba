/** What of a stack a commit touched, the most telling first. */
export const suspectReasons = [
  'line', // the line that it broke in, or that called there, is as this commit has left it
  'function', // a function on the stack has another text since
  'file', // the file of such a function
  'folder', // another file beside that of the culprit
] as const;
export type SuspectReason = (typeof suspectReasons)[number];

/** What the function that was touched is to the crash. */
export const suspectRoles = [
  'culprit', // the function to blame
  'trap', // where the processor trapped, if that is another one
  'caller', // further out on that stack
  'passed', // called by the culprit and passed over: a library's, or of those that print reports
  'other-stack', // on another stack of the report: where memory was freed, a lock taken
] as const;
export type SuspectRole = (typeof suspectRoles)[number];

/** One thing that a commit touched. */
export interface SuspectTouch {
  readonly what: SuspectReason;
  readonly role: SuspectRole;
  /** As the repository has it; a folder ends in `/`. */
  readonly file: string;
  readonly function?: string;
  /** In the file at the bad end of the range. */
  readonly line?: number;
  /** In words: `the line in which it broke`. */
  readonly words: string;
}

/** How much a suspicion rests on. */
export const suspectStrengths = ['strong', 'medium', 'weak'] as const;
export type SuspectStrength = (typeof suspectStrengths)[number];

/** A commit that may have to do with a crash: a suggestion, and no proof. */
export interface Suspect {
  /** Its full name. */
  readonly commit: string;
  readonly subject: string;
  readonly author: string;
  /** When it was written, ISO 8601 with the author's time zone. */
  readonly date: string;
  readonly strength: SuspectStrength;
  /** 0 to 1; for the order only. */
  readonly score: number;
  /** The most telling first. */
  readonly reasons: readonly SuspectTouch[];
}

/** The commits of a range that touch what is on the stacks of a report. */
export interface Suspects {
  /** As it was given: `v6.1..v6.2`. */
  readonly range: string;
  /** Full names of its ends. */
  readonly good: string;
  readonly bad: string;
  /** Commits of the range without merges; absent if it took too long to count them. */
  readonly commitCount?: number;
  /** The most suspicious first. */
  readonly commits: readonly Suspect[];
  /** Weaker ones that are not told. */
  readonly omitted: number;
  /** False if not all could be looked at; `notes` say why. */
  readonly complete: boolean;
  /** What was not looked at, and what does not fit, in words. */
  readonly notes: readonly string[];
}
