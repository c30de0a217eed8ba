import type { Git } from './git.ts';

/** No source file that people write is bigger. */
const largestFile = 4_194_304;
/** Files read with one call, and their bytes. */
const mostAtOnce = 64;
const mostBytesAtOnce = 33_554_432;

/** What there is under a name. */
export interface ObjectFacts {
  readonly name: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

const factsLine = /^([0-9a-f]{40}|[0-9a-f]{64}) ([a-z]{1,16}) (\d{1,15})$/;

/** `<name> <type> <size>`; `missing` and `ambiguous` stand behind what was asked for. */
export function parseFacts(line: string | undefined): ObjectFacts | undefined {
  const [, name, type, size] = factsLine.exec(line ?? '') ?? [];
  return name === undefined || type === undefined ? undefined : { name, type, size: Number(size) };
}

/**
 * What there is under each name (`v6.1^{commit}`, `HEAD:mm/slub.c`), in their order. Names come over standard input, so
 * that none of them can be taken for an option; they must not have line ends.
 */
export async function factsOf(git: Git, names: readonly string[]): Promise<readonly (ObjectFacts | undefined)[]> {
  if (names.length === 0) return [];
  const { stdout } = await git.ask(['cat-file', '--batch-check'], { input: `${names.join('\n')}\n` });
  const lines = stdout.split('\n');
  // An answer without an end may be cut off.
  lines.pop();
  return names.map((_, nth) => parseFacts(lines[nth]));
}

/** Reads what `cat-file --batch` writes, a char per byte. What breaks off is left out. */
export function parseContents(output: string): Map<string, string> {
  const contents = new Map<string, string>();
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf('\n', at);
    if (end < 0) break;
    const facts = parseFacts(output.slice(at, end));
    at = end + 1;
    if (facts === undefined) continue;
    if (at + facts.size > output.length) break;
    contents.set(facts.name, output.slice(at, at + facts.size));
    at += facts.size + 1;
  }
  return contents;
}

/**
 * The contents of files, by their object names, a char per byte; `take` gets each, and none is kept. Returns false if not
 * all could be read in time; files that are too big to be source are passed over.
 */
export async function eachContents(
  git: Git,
  names: readonly string[],
  take: (name: string, text: string) => void,
): Promise<boolean> {
  const facts = await factsOf(git, names);
  const readable = facts.flatMap((fact) => (fact?.type === 'blob' && fact.size <= largestFile ? [fact] : []));
  let isWhole = facts.every((fact) => fact !== undefined);
  for (let at = 0; at < readable.length; ) {
    const batch: string[] = [];
    for (let bytes = 0; at < readable.length && batch.length < mostAtOnce; at += 1) {
      const fact = readable[at];
      if (fact === undefined) break;
      bytes += fact.size;
      if (batch.length > 0 && bytes > mostBytesAtOnce) break;
      batch.push(fact.name);
    }
    const { stdout } = await git.ask(['cat-file', '--batch'], {
      input: `${batch.join('\n')}\n`,
      maxOutputBytes: mostBytesAtOnce + 1_048_576,
    });
    const contents = parseContents(stdout);
    for (const [name, text] of contents) take(name, text);
    if (contents.size < batch.length) isWhole = false;
  }
  return isWhole;
}
