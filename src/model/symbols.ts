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
  readonly match: SymbolMatch;
  /** What was compared, and what came of it, in words. */
  readonly reasons: readonly string[];
}

/** How far the kernel was moved from the addresses in its vmlinux. */
export interface KaslrOffset {
  readonly offset: bigint;
  /** `Kernel Offset:` of the log, addresses that it prints with their symbols, or the user's word. */
  readonly from: 'log' | 'pairs' | 'given';
}

/** Where source positions of a report come from, and why some are missing. */
export interface SymbolsUsed {
  readonly vmlinux?: SymbolFile;
  readonly modules?: readonly SymbolFile[];
  readonly kaslr?: KaslrOffset;
  /** Why frames have no position, in words. */
  readonly missing?: readonly string[];
}
