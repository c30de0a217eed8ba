import { Option } from 'commander';

/** What flags say about what is known and expected. */
export interface PolicyFlags {
  /** Earlier runs: documents, logs, or folders of them. */
  readonly baseline?: readonly string[];
  readonly knownIssues?: readonly string[];
  readonly deny?: readonly string[];
  readonly expectEnd?: string;
  /** The JUnit file of the tests that ran. */
  readonly tests?: string;
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
  tests: () =>
    new Option('--tests <file>', 'JUnit XML of the tests: in the output junit, crashes are failures of those that ran'),
};

/** The same in the order of their help. */
export const allPolicyOptions = (): Option[] => [
  policyOptions.baseline(),
  policyOptions.knownIssues(),
  policyOptions.deny(),
  policyOptions.expectEnd(),
  policyOptions.tests(),
];

const texts = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;

/** What was given on the command line. */
export function policyFlags(given: Readonly<Record<string, unknown>>): PolicyFlags {
  const baseline = texts(given.baseline);
  const knownIssues = texts(given.knownIssues);
  const deny = texts(given.deny);
  const { expectEnd, tests } = given;
  return {
    ...(baseline && { baseline }),
    ...(knownIssues && { knownIssues }),
    ...(deny && { deny }),
    ...(typeof expectEnd === 'string' && { expectEnd }),
    ...(typeof tests === 'string' && { tests }),
  };
}

/** True if nothing was given by which reports or logs are judged. */
export function isEmptyPolicy({ tests, ...flags }: PolicyFlags): boolean {
  return Object.keys(flags).length === 0;
}
