import type { HowToGet } from '../model/symbols.ts';

/** Why lines stay as they are, or should not be taken for granted. */
export type DecodeProblem =
  /** The vmlinux is of another build than the kernel whose lines come now. */
  | {
      readonly type: 'other build';
      readonly path: string;
      readonly release: string | undefined;
      readonly reasons: readonly string[];
    }
  /** The vmlinux does not fit, or could not be compared, and is used because the user insisted. */
  | { readonly type: 'forced'; readonly path: string; readonly reasons: readonly string[] }
  /** The vmlinux that was named is of another build; the right one was found elsewhere, and is used. */
  | {
      readonly type: 'other used';
      readonly path: string;
      readonly release: string;
      readonly reasons: readonly string[];
      readonly used: string;
    }
  /** The vmlinux of the kernel whose lines come now has symbols and no debug information. */
  | {
      readonly type: 'no lines';
      readonly path: string;
      /** Why servers did not have it, if any were asked. */
      readonly notFetched: string | undefined;
      readonly how: HowToGet;
    }
  /** A System.map was named and there is no vmlinux: only addresses without a symbol can be told. */
  | { readonly type: 'map only'; readonly path: string }
  /** There is no vmlinux of the kernel whose lines come now. */
  | {
      readonly type: 'no vmlinux';
      readonly release: string;
      /** Why servers did not have it, if any were asked. */
      readonly notFetched: string | undefined;
      readonly how: HowToGet;
    }
  /** The log ended and never said which kernel it is of, and no vmlinux was named. */
  | { readonly type: 'unknown kernel' }
  /** A module's functions cannot be looked up. */
  | { readonly type: 'no module'; readonly module: string; readonly why: string }
  /** A file is damaged where it was needed. */
  | { readonly type: 'damaged'; readonly path: string; readonly why: string };

export type OnProblem = (problem: DecodeProblem) => void;
