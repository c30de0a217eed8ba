import { KtriageError } from '../util/errors.ts';

/** What can be wrong with debug information; the second half of the error's code. */
export type DwarfProblem =
  | 'TRUNCATED'
  | 'LEB128'
  | 'UNIT'
  | 'ABBREVIATION'
  | 'FORM'
  | 'REFERENCE'
  | 'RANGES'
  | 'LINES'
  | 'ARANGES'
  | 'NESTING'
  | 'SIZE'
  | 'SPLIT';

/** An error of debug information that names the section and the offset in it: `KT-DWARF-LINES`. */
export function dwarfError(problem: DwarfProblem, section: string, offset: number, why: string): KtriageError {
  return new KtriageError(
    `KT-DWARF-${problem}`,
    `debug information is damaged: ${section} at 0x${Math.max(0, offset).toString(16)}`,
    why,
    'Positions that depend on it are left out. Fetch or build the file again if it should be whole.',
    'unvouched',
  );
}
