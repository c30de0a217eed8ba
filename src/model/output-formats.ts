/** Outputs that are made when all inputs are known, by the names that `--format` and `--report` take. */
export const runFormatNames = [
  'gcc',
  'github',
  'github-summary',
  'markdown',
  'sarif',
  'gitlab',
  'junit',
  'rdjson',
  'rdjsonl',
  'kcidb',
  'ktap',
  'squad',
  'lava',
  'jenkins',
  'decode',
  'html',
  'mail',
] as const;
export type RunFormatName = (typeof runFormatNames)[number];
