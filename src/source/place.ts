import { nameInSource } from './definitions.ts';
import type { Placement } from './judge.ts';
import { textOf } from './line-text.ts';
import type { ScannedFile } from './scan.ts';

/** Nothing, or nothing but a comment; a `*` with a blank behind it continues one. */
const noCode = /^(?:\/\/.*|\/\*.*\*\/|\*(?:\/|\s.*)?)?$/;

/** Whether a line can be what a function was compiled from. */
export function placeLine(file: ScannedFile, line: number, functionName: string | undefined): Placement {
  const bytes = file.lines.get(line);
  if (line < 1 || line > file.lineCount || bytes === undefined) return 'beyond';
  if (noCode.test(textOf(bytes.subarray(0, 4096)).trim())) return 'blank';
  const definitions = functionName === undefined ? undefined : file.definitions.get(nameInSource(functionName));
  if (definitions === undefined || definitions.length === 0) return 'unknown';
  return definitions.some(({ first, last }) => line >= first && line <= last) ? 'inside' : 'outside';
}
