import { printable } from '../report/escape.ts';
import { withoutCommands } from '../report/formats/safe.ts';
import { KtriageError } from '../util/errors.ts';

/** Words on standard error, which runners of CIs read as well: a name of a file is no command. */
const shown = (text: string): string => withoutCommands(printable(text));

/** A note on standard error. */
export const noteText = (words: string): string => `note: ${shown(words)}\n`;

/** A warning on standard error. */
export const warningText = (words: string): string => `warning: ${shown(words)}\n`;

/** An error in the form that users see: what failed, why, what to do next; a line each. */
export function errorText(error: unknown): string {
  if (error instanceof KtriageError) {
    return [
      `error ${error.code}: ${shown(error.message)}`,
      `  why: ${shown(error.why)}`,
      `  next: ${shown(error.hint)}`,
      '',
    ].join('\n');
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : '';
  // The place helps whoever reads the bug report; the rest of the stack is Node's own.
  const place = /\((?:file:\/\/)?[^()]*?\/(dist\/[^()]+)\)/.exec(stack)?.[1];
  return [
    `error KT-INTERNAL: ${shown(message)}`,
    `  why: this is a mistake in ktriage${place === undefined ? '' : `, at ${printable(place)}`}`,
    '  next: please report it, with the input if you can share it',
    '',
  ].join('\n');
}

/** What failed and why, in one line. */
export function errorWords(error: unknown): string {
  if (error instanceof KtriageError) return `${error.message}: ${error.why}`;
  return error instanceof Error ? error.message : String(error);
}

/** A wrong call, for what commander and the commands find wrong with their arguments. */
export function usageError(what: string, why: string, hint: string): KtriageError {
  return new KtriageError('KT-USAGE', what, why, hint);
}

/** The `code` of a failed system call (`ENOENT`, `EPIPE`). */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
