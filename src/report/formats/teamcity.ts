import { printable } from '../escape.ts';
import type { FormatOptions } from './options.ts';
import { logLine, mainPlace } from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Run } from './run.ts';
import { cutLines, cutUnits } from './safe.ts';
import { messageLines, titleOf } from './words.ts';

/** TeamCity cuts texts of service messages after 4000 characters (its documentation, Service Messages). */
const longest = 4000;
/** Names and categories of inspection types. */
const longestName = 255;

/** Service messages escape with `|`; all that is not ASCII as `|0x` and four digits, which is safe in any encoding. */
function quoted(text: string): string {
  const escaped = text
    .replace(/[|'[\]]/g, (character) => `|${character}`)
    .replaceAll('\n', '|n')
    .replaceAll('\r', '|r')
    .replace(/[^\x20-\x7e]/g, (character) => `|0x${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `'${escaped}'`;
}

function message(name: string, attributes: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(attributes).map(([key, value]) => `${key}=${quoted(value)}`);
  return `##teamcity[${name} ${pairs.join(' ')}]\n`;
}

/** TeamCity's service messages: an inspection for each problem, of the type that its kind is. */
export function* teamcityFormat(run: Run, options: FormatOptions): Generator<string> {
  const types = new Set<string>();
  for (const problem of run.problems) {
    const kind = printable(problem.report.kind);
    if (!types.has(kind)) {
      types.add(kind);
      const words = options.kindWords(kind);
      yield message('inspectionType', {
        id: cutUnits(kind, longestName),
        name: cutUnits(kind, longestName),
        category: 'Kernel',
        description: cutUnits(words?.summary ?? kind, longest),
      });
    }
    const { file, line } = mainPlace(problem, options);
    const lines = cutLines([titleOf(problem), ...messageLines(problem, options)], longest);
    yield message('inspection', {
      typeId: cutUnits(kind, longestName),
      message: cutUnits(lines.join('\n'), longest),
      file: cutUnits(file, longest),
      line: String(line),
      SEVERITY: problem.report.severity === 'warning' || !problem.fails ? 'WARNING' : 'ERROR',
    });
  }
  for (const { path, line, isFailure, text } of remarksOf(run)) {
    const { file } = logLine(path, line, options);
    const words = cutUnits(`ktriage: ${file}:${line}: ${printable(text)}`, longest);
    yield message('message', { text: words, status: isFailure ? 'ERROR' : 'WARNING' });
  }
}
