import { InvalidArgumentError, Option } from 'commander';
import type { KcidbIdentity } from '../report/formats/options.ts';
import { usageError } from './errors.ts';
import { type Format, formats } from './settings.ts';

/** One `--report FORMAT=FILE`. */
export interface ReportTarget {
  readonly format: Format;
  readonly file: string;
}

/** What flags say about outputs beside the one on standard output. */
export interface ReportFlags {
  readonly reports: readonly ReportTarget[];
  readonly isAnnotated: boolean;
  readonly junitFileAttribute: boolean;
  readonly kcidb?: KcidbIdentity;
  /** JUnit: the text of the tests' own file. */
  readonly tests?: string;
}

export const noReports: ReportFlags = { reports: [], isAnnotated: false, junitFileAttribute: false };

function target(text: string): ReportTarget {
  const at = text.indexOf('=');
  const format = formats.find((name) => name === text.slice(0, Math.max(at, 0)));
  if (format === undefined) throw new InvalidArgumentError(`It is FORMAT=FILE, with one of: ${formats.join(', ')}.`);
  const file = text.slice(at + 1);
  if (file === '' || file === '-') throw new InvalidArgumentError('It needs a file; --format is for standard output.');
  return { format, file };
}

/** The options of outputs for CIs, worded once. */
export const reportFileOptions = {
  report: () =>
    new Option(
      '--report <format=file>',
      'write the same result to a file too, in any format; can be repeated',
    ).argParser((text: string, before: readonly ReportTarget[] = []) => [...before, target(text)]),
  annotate: () =>
    new Option('--annotate', 'print the commands of the CI that this runs in as well (GitHub, GitLab, Azure ...)'),
  junitFileAttribute: () => new Option('--junit-file-attr', 'junit: name the source file of each test'),
  origin: () => new Option('--origin <name>', 'kcidb: the system that submits'),
  testId: () => new Option('--test-id <id>', 'kcidb: the test that the log is of, ORIGIN:...'),
  buildId: () => new Option('--build-id <id>', 'kcidb: the build that was tested, ORIGIN:...'),
  logUrl: () => new Option('--log-url <url>', 'kcidb: where the log can be read'),
};

/** All of them, in the order of the help. */
export const reportFileFlags = (): Option[] => Object.values(reportFileOptions).map((make) => make());

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function isTarget(value: unknown): value is ReportTarget {
  return typeof value === 'object' && value !== null && 'format' in value && 'file' in value;
}

/**
 * Who a KCIDB submission is of.
 * @throws KtriageError KT-USAGE for what the format does not take.
 */
function identity(given: Readonly<Record<string, unknown>>): KcidbIdentity | undefined {
  const origin = text(given.origin);
  const testId = text(given.testId);
  const buildId = text(given.buildId);
  const logUrl = text(given.logUrl);
  if (origin === undefined) {
    if (testId === undefined && buildId === undefined && logUrl === undefined) return undefined;
    throw identityError('--origin is missing', 'add --origin NAME');
  }
  if (!/^[a-z0-9_]{1,100}$/.test(origin)) throw identityError('an origin is of a-z, 0-9 and _ only', 'change --origin');
  for (const id of [testId, buildId]) {
    if (id !== undefined && (!id.startsWith(`${origin}:`) || id.length === origin.length + 1 || /[\x00-\x20]/.test(id)))
      throw identityError(`ids begin with the origin, and ${id} does not`, `write it as ${origin}:${id}`);
  }
  return {
    origin,
    ...(testId !== undefined && { testId }),
    ...(buildId !== undefined && { buildId }),
    ...(logUrl !== undefined && { logUrl }),
  };
}

/** The error for a submission that nobody could place. */
function identityError(why: string, hint: string): Error {
  return usageError('cannot write a KCIDB submission', why, hint);
}

/**
 * What was given on the command line about further outputs.
 * @throws KtriageError KT-USAGE for outputs that cannot be.
 */
export function reportFlags(given: Readonly<Record<string, unknown>>, format: Format): ReportFlags {
  const reports = Array.isArray(given.report) ? given.report.filter(isTarget) : [];
  const files = new Set<string>();
  for (const { file } of reports) {
    if (files.has(file) || file === given.output) {
      throw usageError(
        `two outputs go to ${file}`,
        'the second would write over the first',
        'give each a file of its own',
      );
    }
    files.add(file);
  }
  const kcidb = identity(given);
  if (format === 'kcidb' || reports.some((report) => report.format === 'kcidb')) {
    if (kcidb === undefined)
      throw identityError(
        'who submits it is not known, and cannot be made up',
        'add --origin NAME and --test-id ORIGIN:ID',
      );
    if (kcidb.testId === undefined && kcidb.buildId === undefined)
      throw identityError('the test or build that the log is of is not known', `add --test-id ${kcidb.origin}:ID`);
  }
  return {
    reports,
    isAnnotated: given.annotate === true,
    junitFileAttribute: given.junitFileAttr === true,
    ...(kcidb !== undefined && { kcidb }),
  };
}
