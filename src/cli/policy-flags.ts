import { Option } from 'commander';

/** What flags say about what is known and expected. */
export interface PolicyFlags {
  /** Earlier runs: documents, logs, or folders of them. */
  readonly baseline?: readonly string[];
  readonly knownIssues?: readonly string[];
  readonly deny?: readonly string[];
  readonly expectEnd?: string;
}

const repeated = (value: string, before: string[] = []): string[] => [...before, value];

/** The options that say what is no news and what a log must and must not hold, worded once. */
export const policyOptions = {
  baseline: () =>
    new Option(
      '--baseline <file>',
      'an earlier run: its JSON, its log, or a folder of them; says what is new; can be repeated',
    ).argParser(repeated),
  knownIssues: () =>
    new Option(
      '--known-issues <file>',
      'crashes that do not count, with reason and expiry date, or an allow file of patterns; can be repeated',
    ).argParser(repeated),
  deny: () =>
    new Option('--deny <file>', 'patterns of lines that fail the run wherever they are; can be repeated').argParser(
      repeated,
    ),
  expectEnd: () =>
    new Option('--expect-end <pattern>', 'exit with 3 unless a line of each log fits: the run was not cut short'),
};

/** The same in the order of their help. */
export const allPolicyOptions = (): Option[] => [
  policyOptions.baseline(),
  policyOptions.knownIssues(),
  policyOptions.deny(),
  policyOptions.expectEnd(),
];

const texts = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;

/** What was given on the command line. */
export function policyFlags(given: Readonly<Record<string, unknown>>): PolicyFlags {
  const baseline = texts(given.baseline);
  const knownIssues = texts(given.knownIssues);
  const deny = texts(given.deny);
  const { expectEnd } = given;
  return {
    ...(baseline && { baseline }),
    ...(knownIssues && { knownIssues }),
    ...(deny && { deny }),
    ...(typeof expectEnd === 'string' && { expectEnd }),
  };
}

/** True if nothing was given. */
export function isEmptyPolicy(flags: PolicyFlags): boolean {
  return Object.keys(flags).length === 0;
}
