import { commandOutput, guestOf } from '../../model/document.ts';
import { printable } from '../escape.ts';

export { bytes, capitalized, count, grouped, hex, listed } from '../../util/words.ts';

/** A file name as a shell takes it: in quotes where it needs them. */
export function shellQuoted(path: string): string {
  const shown = printable(path);
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}

/** What the program calls an input: its name, or words for standard input and the like. */
export function inputName(path: string): string {
  if (path === commandOutput) return 'the output of the command';
  const guest = guestOf(path);
  if (guest !== undefined) return `the guest ${printable(guest)}`;
  return path === '-' ? 'standard input' : printable(path);
}
