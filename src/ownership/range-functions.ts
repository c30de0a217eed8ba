import { createHash } from 'node:crypto';
import { DefinitionFinder, type LineRange, nameInSource } from '../source/definitions.ts';

/** No function begins further in; the rest of such a line matters to nobody. */
const longestLine = 4096;

/** What is known of a file's contents. */
export interface FileFunctions {
  readonly lineCount: number;
  /** Where each function is defined, by the names that were asked for; empty for what is not found. */
  readonly ranges: ReadonlyMap<string, readonly LineRange[]>;
  /** Hashes of their texts, white space aside; absent for what is not found. */
  readonly texts: ReadonlyMap<string, string>;
}

/** A definition goes to its last brace: what stands behind, comments mostly, is of the next one. */
function definitionLines(lines: readonly string[], { first, last }: LineRange): readonly string[] {
  const own = lines.slice(first - 1, last);
  const brace = own.findLastIndex((line) => line.trimStart().startsWith('}'));
  return brace < 0 ? own.slice(0, 1) : own.slice(0, brace + 1);
}

/** Finds functions in a file, a char per byte. */
export function functionsOf(text: string, names: ReadonlySet<string>, path: string): FileFunctions {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const finders = new Map([...names].map((name) => [name, new DefinitionFinder(name, path.endsWith('.rs'))]));
  for (const line of lines) {
    const shown = line.length > longestLine ? line.slice(0, longestLine) : line;
    for (const finder of finders.values()) finder.push(shown);
  }
  const ranges = new Map([...finders].map(([name, finder]) => [name, finder.end()]));
  const texts = new Map<string, string>();
  for (const [name, found] of ranges) {
    if (found.length === 0) continue;
    const hash = createHash('sha256');
    for (const range of found)
      for (const line of definitionLines(lines, range)) {
        const words = line.split(/\s+/).filter((word) => word !== '');
        if (words.length > 0) hash.update(`${words.join(' ')}\n`);
      }
    texts.set(name, hash.digest('hex'));
  }
  return { lineCount: lines.length, ranges, texts };
}

/** Whether a line of a log or of debug information can be one of a file's function; in words why not. */
export function misfit(file: FileFunctions, line: number, name: string | undefined): string | undefined {
  if (line < 1) return 'there is no such line';
  if (line > file.lineCount) return `the file has ${file.lineCount} lines`;
  const ranges = name === undefined ? [] : (file.ranges.get(nameInSource(name)) ?? []);
  const isInside = ranges.length === 0 || ranges.some(({ first, last }) => line >= first && line <= last);
  return isInside ? undefined : `it is not in ${name}`;
}
