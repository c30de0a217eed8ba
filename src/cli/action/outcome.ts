import { crashMatches, crashStatuses, isKnown } from '../../model/comparison.ts';
import { type Severity, severities } from '../../model/severity.ts';
import { exitCodes } from '../exit-codes.ts';

/** Words for exit statuses. */
const verdicts: ReadonlyMap<number, string> = new Map([
  [exitCodes.clean, 'clean'],
  [exitCodes.found, 'crash'],
  [exitCodes.failed, 'error'],
  [exitCodes.unvouched, 'unvouched'],
  [exitCodes.interrupted, 'interrupted'],
]);

/** One word for what came of a call. */
export const verdictOf = (exitCode: number): string => verdicts.get(exitCode) ?? 'error';

/** Signatures that are told; what a step hands on is limited to a megabyte. */
const mostSignatures = 1000;

type Dictionary = Readonly<Record<string, unknown>>;

const dictionary = (value: unknown): Dictionary =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What is counted of one crash. */
interface Crash {
  readonly signature: string;
  readonly severity: Severity;
  readonly isKnown: boolean;
  readonly isNew: boolean;
}

function crashOf(value: unknown): Crash | undefined {
  const report = dictionary(value);
  const { signature } = report;
  if (typeof signature !== 'string' || !/^[0-9a-f]{1,64}$/.test(signature)) return undefined;
  const known = report.knownIssue !== undefined;
  const history = report.history === undefined ? undefined : dictionary(report.history);
  const status = crashStatuses.find((name) => name === history?.status);
  const matchedBy = crashMatches.find((name) => name === history?.matchedBy);
  const isSame =
    status !== undefined && status !== 'gone' && isKnown({ status, ...(matchedBy !== undefined && { matchedBy }) });
  return {
    signature,
    severity: severities.find((name) => name === report.severity) ?? 'error',
    isKnown: known,
    isNew: !known && !isSame && history?.follows !== true,
  };
}

/** The roots of all incidents, each signature once; one that counts before one that does not. */
function crashesOf(files: readonly Dictionary[]): Crash[] {
  const crashes = new Map<string, Crash>();
  for (const file of files) {
    const reports = items(file.reports);
    for (const incident of items(file.incidents)) {
      const { root } = dictionary(incident);
      const crash = typeof root === 'number' ? crashOf(reports[root]) : undefined;
      if (crash === undefined) continue;
      const before = crashes.get(crash.signature);
      if (before === undefined || (before.isKnown && !crash.isKnown)) crashes.set(crash.signature, crash);
    }
  }
  return [...crashes.values()];
}

/**
 * What the action's outputs say of a `ktriage/report/v1` document: numbers and signatures, and no words of a log, so that
 * a workflow may put them anywhere. Undefined if no log was looked at: that none had a crash would look clean.
 * @throws SyntaxError for what is no JSON.
 */
export function countsOf(document: string): Readonly<Record<string, string>> | undefined {
  const files = items(dictionary(JSON.parse(document)).files).map(dictionary);
  if (files.length === 0) return undefined;
  const crashes = crashesOf(files);
  const count = (holds: (crash: Crash) => boolean): string => String(crashes.filter(holds).length);
  const denied = files.map((file) => dictionary(dictionary(file.input).denied));
  const lines = denied.reduce((sum, { lines, omitted }) => sum + items(lines).length + (Number(omitted) || 0), 0);
  return {
    crashes: String(crashes.length),
    fatal: count(({ severity }) => severity === 'fatal'),
    errors: count(({ severity }) => severity === 'error'),
    warnings: count(({ severity }) => severity === 'warning'),
    new: count((crash) => crash.isNew),
    known: count((crash) => crash.isKnown),
    denied: String(lines),
    signatures: crashes
      .slice(0, mostSignatures)
      .map(({ signature }) => signature)
      .join(' '),
  };
}

/**
 * Outputs as the runner reads them from the file of `GITHUB_OUTPUT`.
 * @param delimiter ends each value; must be in none.
 */
export function outputText(outputs: Readonly<Record<string, string>>, delimiter: string): string {
  return Object.entries(outputs)
    .map(([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`)
    .join('');
}
