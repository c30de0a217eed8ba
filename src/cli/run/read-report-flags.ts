import type { KcidbIdentity, MailFacts } from '../../report/formats/options.ts';
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
    // The URL may be for a mail.
    if (testId === undefined && buildId === undefined) return undefined;
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

/** An URL as it can stand in a mail: anything else would be read as more lines of it. */
const url = /^https?:\/\/[\x21-\x7e]{1,1000}$/;
/** One revision of git or two: no names with more in them than revisions have. */
const revisions = /^[A-Za-z0-9][\w./^~+-]{0,200}$/;
const who = /^[^\p{C}<>]{1,100} <[^\s<>,;:"()\\@]{1,100}@[A-Za-z0-9.-]{1,150}>$/u;

/** What the options of a mail may be. */
const mailOptions = [
  { key: 'logUrl', option: '--log-url', form: url, words: 'an URL, https://...' },
  { key: 'configUrl', option: '--config-url', form: url, words: 'an URL, https://...' },
  { key: 'reproducerUrl', option: '--reproducer-url', form: url, words: 'an URL, https://...' },
  { key: 'link', option: '--link', form: url, words: 'an URL, https://...' },
  { key: 'introduced', option: '--introduced', form: revisions, words: 'GOOD..BAD or a commit: v6.11..v6.12-rc1' },
  { key: 'reportedBy', option: '--reported-by', form: who, words: '"Name <name@example.org>"' },
] as const;

/**
 * What the sender of a mail says.
 * @throws KtriageError KT-USAGE for what cannot stand in one.
 */
function mailFacts(given: Readonly<Record<string, unknown>>): MailFacts {
  const facts: { -readonly [key in keyof MailFacts]: MailFacts[key] } = {};
  for (const { key, option, form, words } of mailOptions) {
    const value = text(given[key]);
    if (value === undefined) continue;
    if (!form.test(value)) throw usageError('cannot write a mail', `${option} is not ${words}`, `change ${option}`);
    facts[key] = value;
  }
  return facts;
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
  const onlyMail = mailOptions.find(({ key }) => key !== 'logUrl' && given[key] !== undefined);
  const isMail = format === 'mail' || reports.some((report) => report.format === 'mail');
  if (!isMail && onlyMail !== undefined)
    throw usageError(
      `${onlyMail.option} is for a mail`,
      'none is written',
      'add --format mail or --report mail=FILE, or leave it out',
    );
  return {
    reports,
    ...(isMail && { mail: mailFacts(given) }),
    isAnnotated: given.annotate === true,
    junitFileAttribute: given.junitFileAttr === true,
    ...(kcidb !== undefined && { kcidb }),
  };
}
