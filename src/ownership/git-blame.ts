/** Which commit a line is of. */
export interface BlamedLine {
  readonly commit: string;
  /** True if the line is older than the range: the commit is then where the range begins. */
  readonly isOlder: boolean;
}

/** The arguments before the range and the file; the line must be a whole number from 1. */
export function blameArguments(line: number): readonly string[] {
  // An empty name takes away what the configuration names: a commit to pass over may be the very one.
  return ['blame', '--porcelain', '-w', '--no-textconv', '--ignore-revs-file=', '-L', `${line},${line}`];
}

/** Reads what `blame --porcelain` writes of one line, a char per byte. */
export function parseBlame(output: string): BlamedLine | undefined {
  const lines = output.slice(0, 65_536).split('\n');
  const commit = /^([0-9a-f]{40}|[0-9a-f]{64}) \d+ \d+(?: \d+)?$/.exec(lines[0] ?? '')?.[1];
  if (commit === undefined) return undefined;
  // The header ends at the line itself, which begins with a tab; no line of the header can be empty of a word.
  const text = lines.findIndex((line) => line.startsWith('\t'));
  if (text < 0) return undefined;
  return { commit, isOlder: lines.slice(1, text).includes('boundary') };
}
