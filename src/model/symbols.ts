import type { InlineFrame, SourceLocation } from './report.ts';

/** How sure it is that a file of debug information is of the kernel that printed the log. */
export type SymbolMatch =
  | 'certain' // the build ID or the whole banner is the same
  | 'likely' // release and sizes of functions agree
  | 'unverified' // it does not fit, or nothing could be compared, and was used because the user insisted
  | 'refused'; // it does not fit, and was not used

/** A vmlinux or module that was held against the log. */
export interface SymbolFile {
  readonly path: string;
  /** The module's name; absent for vmlinux. */
  readonly module?: string;
  readonly buildId?: string;
  /** It has no debug information: functions and offsets are found in it, and no lines. */
  readonly symbolsOnly?: true;
  readonly match: SymbolMatch;
  /** What was compared, and what came of it, in words. */
  readonly reasons: readonly string[];
}

/** How far the kernel was moved from the addresses in its vmlinux. */
export interface KaslrOffset {
  readonly offset: bigint;
  /**
   * `Kernel Offset:` of the log, addresses that it prints with their symbols, the user's word, or a kallsyms, which has
   * the addresses of one boot.
   */
  readonly from: 'log' | 'pairs' | 'given' | 'kallsyms';
}

/** How one comes by the debug information of a kernel. */
export interface HowToGet {
  /** Who made the kernel: `Debian`, `Android`, `self-built`. */
  readonly distribution: string;
  /** Commands, the one that does it first; none where there is nothing but to build it. */
  readonly commands: readonly string[];
  /** What else one needs to know, in sentences. */
  readonly notes: readonly string[];
}

/** A kernel whose debug information was sought in vain; its symbols may have been found. */
export interface NotFound {
  readonly release?: string;
  /** How many paths were looked at. */
  readonly places: number;
  readonly how: HowToGet;
}

/** A function that a report names with an offset elsewhere than on a stack, and where that is. */
export interface MentionedFunction {
  readonly function: string;
  readonly offset: number;
  readonly module?: string;
  readonly source?: SourceLocation;
  /** Innermost first. */
  readonly inlined?: readonly InlineFrame[];
  /** Where it may be, if several functions fit. */
  readonly candidates?: readonly SourceLocation[];
}

/** Where source positions of a report come from, and why some are missing. */
export interface SymbolsUsed {
  readonly vmlinux?: SymbolFile;
  /** The vmlinux that was named, where that is of another kernel and `vmlinux` was found elsewhere. */
  readonly refused?: SymbolFile;
  readonly modules?: readonly SymbolFile[];
  /** A System.map or kallsyms, for functions of bare addresses; it knows no lines. */
  readonly systemMap?: SymbolFile;
  readonly kaslr?: KaslrOffset;
  /** Why frames have no position, in words. */
  readonly missing?: readonly string[];
  /** The kernel's debug information was not found; the first of `missing` says so in words. */
  readonly notFound?: NotFound;
  /** Functions named in the report's own words: where a lock was taken, which callback. */
  readonly mentioned?: readonly MentionedFunction[];
}
