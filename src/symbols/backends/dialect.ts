import { KtriageError } from '../../util/errors.ts';

/** A function as a tool tells it; what it says not to know is missing. */
export interface ToolFrame {
  readonly function?: string;
  /** As the tool has it: the directory of the unit's compilation is before it. */
  readonly path?: string;
  readonly line?: number;
  readonly column?: number;
  /** The tool found a line, but no function in the debug information. */
  readonly outside?: boolean;
}

/** Gives the next line of a tool's output. Throws when there is none. */
export type NextLine = () => Promise<string>;

/** How a kind of tool is asked, and how its answers read. */
export interface Dialect {
  /** For a file, or for offsets within one of its sections. */
  readonly arguments: (file: string, section: string | undefined) => readonly string[];
  /** What asks for the addresses; the answers to all of them come out without more input. */
  readonly questions: (addresses: readonly bigint[]) => string;
  /**
   * Reads the answers to `questions`, innermost function first.
   * @throws KtriageError KT-SYMBOLIZER-FAILED for what is no answer.
   */
  readonly answers: (next: NextLine, addresses: readonly bigint[]) => Promise<ToolFrame[][]>;
}

/** Longer chains are not believed; a kernel's have some twenty. */
export const maxChain = 512;

const shownBytes = 80;

/** The error for output that is no answer. */
export function noAnswer(address: bigint, line: string): KtriageError {
  const shown = line.length > shownBytes ? `${line.slice(0, shownBytes)}...` : line;
  return new KtriageError(
    'KT-SYMBOLIZER-FAILED',
    'the symbolizer does not answer as it should',
    `asked for 0x${address.toString(16)} it said: ${shown}`,
    'use another one, or leave out --symbolizer',
  );
}

/** What both kinds of tools say where they know nothing. */
export function known(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === '??' || text === '<invalid>' ? undefined : text;
}

/**
 * A position without what is none: line 0, and the file before it where that has no folder, which then is the nearest
 * STT_FILE symbol of the table (both kinds of tools do that for code without debug information).
 */
export function position(
  path: string | undefined,
  line: number,
  column?: number,
): Pick<ToolFrame, 'path' | 'line' | 'column'> {
  const file = known(path);
  if (file === undefined || !(line > 0)) return file?.includes('/') ? { path: file } : {};
  return { path: file, line, ...(column !== undefined && column > 0 && { column }) };
}
