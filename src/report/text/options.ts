import type { Painter } from './style.ts';

/** How a screen is to look. */
export interface TextOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly painter: Painter;
  /** Show what is folded otherwise. */
  readonly all: boolean;
  /** Incidents shown per input; 0 for all of them. */
  readonly limit: number;
  /** The words that call this program, for the commands it proposes. */
  readonly program: string;
  /** What named debug information and source in this call, option by option, for the same commands. */
  readonly given?: readonly (readonly [option: string, value: string])[];
  /** An URL for a line of the input, where links are wanted. */
  readonly logLink?: (path: string, line: number) => string | undefined;
}
