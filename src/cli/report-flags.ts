import { InvalidArgumentError, Option } from 'commander';
import type { KcidbIdentity, MailFacts } from '../report/formats/options.ts';
import { type Format, formats } from './settings.ts';

/** One `--report FORMAT=FILE`. */
export interface ReportTarget {
  readonly format: Format;
  readonly file: string;
}

/** What to do if the file takes nothing. */
export const otherFile = ({ format }: ReportTarget): string => `choose another place with --report ${format}=FILE`;

/** What flags say about outputs beside the one on standard output. */
export interface ReportFlags {
  readonly reports: readonly ReportTarget[];
  readonly isAnnotated: boolean;
  readonly junitFileAttribute: boolean;
  readonly kcidb?: KcidbIdentity;
  readonly mail?: MailFacts;
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
  report: (words = 'write the same result to a file too, in any format; can be repeated') =>
    new Option('--report <format=file>', words).argParser((text: string, before: readonly ReportTarget[] = []) => [
      ...before,
      target(text),
    ]),
  annotate: () =>
    new Option('--annotate', 'print the commands of the CI that this runs in as well (GitHub, GitLab, Azure ...)'),
  junitFileAttribute: () => new Option('--junit-file-attr', 'junit: name the source file of each test'),
  origin: () => new Option('--origin <name>', 'kcidb: the system that submits'),
  testId: () => new Option('--test-id <id>', 'kcidb: the test that the log is of, ORIGIN:...'),
  buildId: () => new Option('--build-id <id>', 'kcidb: the build that was tested, ORIGIN:...'),
  logUrl: () => new Option('--log-url <url>', 'kcidb, mail: where the log can be read'),
  configUrl: () => new Option('--config-url <url>', 'mail: where the configuration of the kernel can be read'),
  reproducerUrl: () => new Option('--reproducer-url <url>', 'mail: what makes it happen'),
  introduced: () =>
    new Option('--introduced <range>', 'mail: it is a regression, of these revisions: v6.11..v6.12-rc1'),
  reportedBy: () => new Option('--reported-by <who>', 'mail: who found it, "Name <address>"'),
  link: () => new Option('--link <url>', 'mail: an earlier report, or a thread about it'),
};

/** All of them, in the order of the help. */
export const reportFileFlags = (): Option[] => Object.values(reportFileOptions).map((make) => make());
