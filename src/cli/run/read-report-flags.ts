import type { KcidbIdentity } from '../../report/formats/options.ts';
import { usageError } from '../errors.ts';
import type { ReportFlags, ReportTarget } from '../report-flags.ts';
import type { Format } from '../settings.ts';

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
