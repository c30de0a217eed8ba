import { printable } from '../escape.ts';

/** The lines of a text, made safe to show, up to so many UTF-16 units; and a line that tells how many were left out. */
export function printableLines(text: string, most: number): string[] {
  const lines: string[] = [];
  let units = 0;
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    const line = printable(text.slice(from, end === -1 ? text.length : end).replace(/\r$/, ''));
    units += line.length + 1;
    if (units > most - 40) return [...lines, `… ${countLines(text, from)} more lines`];
    lines.push(line);
    from = end === -1 ? text.length : end + 1;
  }
  return lines;
}

function countLines(text: string, from: number): number {
  let lines = text.endsWith('\n') ? 0 : 1;
  for (let at = text.indexOf('\n', from); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/**
 * A line in which no runner of a CI finds a command: GitHub's read `::name::` at its start and `##[name]` anywhere
 * (actions/runner, ActionCommand.cs), Azure's `##vso[`, TeamCity's `##teamcity[`, LAVA's `<LAVA_SIGNAL`, Jenkins none.
 */
export function withoutCommands(line: string): string {
  return line
    .replace(/##(?=\[|vso\[|teamcity\[)/gi, '# #')
    .replace(/<(?=LAVA_)/g, '< ')
    .replace(/^(\s*):(?=:)/, '$1: ');
}

/** As much of a text as has at most so many UTF-16 units, with a mark where it was cut. */
export function cutUnits(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, Math.max(most - 1, 0));
  // Not through the middle of a character of two units.
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Bytes of a text as UTF-8. */
export const utf8Bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

/** As many lines as have at most so many UTF-16 units together, and a line that tells how many were left out. */
export function cutLines(lines: readonly string[], most: number): string[] {
  const kept: string[] = [];
  let units = 0;
  for (const [index, line] of lines.entries()) {
    units += line.length + 1;
    if (units > most - 40 && !(index === lines.length - 1 && units <= most)) {
      return [...kept, `… ${lines.length - index} more lines`];
    }
    kept.push(line);
  }
  return kept;
}

/** A word for names of tests: letters, digits, `-`, `_` and `.`, and not too long. */
export function slug(text: string, most = 100): string {
  const plain = text.replace(/[^A-Za-z0-9_.]+/g, '-').replace(/^-+|-+$/g, '');
  return plain.slice(0, most) || 'unknown';
}
