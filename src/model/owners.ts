/** Who says to whom reports on a file go: the tree's own script where perl is there, or the program itself. */
export const ownersChoices = ['script', 'builtin', 'none'] as const;
export type OwnersChoice = (typeof ownersChoices)[number];

/** Somebody, or a list, that a report on a file goes to. */
export interface Recipient {
  readonly address: string;
  /** Absent of lists, and of addresses that are written without a name. */
  readonly name?: string;
  readonly kind: 'person' | 'list';
  /** As get_maintainer.pl words it: `maintainer`, `supporter`, `odd fixer`, `reviewer`, `open list`, `moderated list`. */
  readonly role: string;
  /** The section of MAINTAINERS that says so, cut as get_maintainer.pl does; absent of the list for everything. */
  readonly section?: string;
}

/** A section of MAINTAINERS that a file is in. */
export interface OwnedSection {
  readonly title: string;
  /** `Supported`, `Maintained`, `Odd Fixes`, `Orphan`, `Obsolete`, or what else it says. */
  readonly status?: string;
  /** What of the section fits: a pattern of paths (`F:`), of names (`N:`) or a word in the file (`K:`). */
  readonly by: 'F' | 'N' | 'K';
}

/** Whose code the file to blame is, by the MAINTAINERS of the tree that was given. */
export interface Owners {
  /** As the tree has it. */
  readonly file: string;
  /** Why that file, in words. */
  readonly why: string;
  /** What said who gets mail: the tree's own script, or the program itself. */
  readonly from: 'get_maintainer.pl' | 'MAINTAINERS';
  /** Why the script was not asked, where the tree has one. */
  readonly note?: string;
  /** The most specific first; the one for everything last. */
  readonly sections: readonly OwnedSection[];
  /** People first, then lists; those of the most specific section first. */
  readonly recipients: readonly Recipient[];
}
