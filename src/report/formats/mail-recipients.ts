import type { Recipient } from '../../model/owners.ts';
import type { CrashReport } from '../../model/report.ts';
import { isPlainAddress, mailbox } from './mail-header.ts';
import type { MailFacts } from './options.ts';

/** Where all reports go as well (Documentation/admin-guide/reporting-issues.rst). */
const kernelList = 'linux-kernel@vger.kernel.org';
/** Where reports of regressions go (Documentation/admin-guide/reporting-regressions.rst). */
const regressionsList = 'regressions@lists.linux.dev';
/** The same of regressions from one stable release to the next. */
const stableList = 'stable@vger.kernel.org';

/** More than a mail is good for: who is named last, is of the least specific section. */
const mostRecipients = 50;

/** Who the mail goes to. */
export interface MailRecipients {
  readonly to: readonly string[];
  readonly cc: readonly string[];
  /** Recipients that are left out: their address is none, or there are too many. */
  readonly omitted: number;
}

/** True if the module to blame is not of the kernel's tree: nobody on a list of the kernel's can help with it. */
export function isForeign({ culprit, linkedModules = [] }: CrashReport): boolean {
  return linkedModules.some(({ name, flags }) => name === culprit?.module && flags?.includes('O'));
}

/** True for a range within a stable series: `v6.1.170..v6.1.176`. */
function isStableRange(range: string): boolean {
  const ends = range.split('..').map((end) => /^v?(\d+\.\d+)\.[1-9]\d*$/.exec(end)?.[1]);
  return ends.length === 2 && ends[0] !== undefined && ends[0] === ends[1];
}

/** Maintainers first, reviewers and lists as a copy; nobody whom MAINTAINERS does not name but the lists for all. */
export function mailRecipients(report: CrashReport, { introduced }: MailFacts): MailRecipients {
  if (isForeign(report)) return { to: [], cc: [], omitted: 0 };
  const all = report.owners?.recipients ?? [];
  const usable = all.filter(({ address }) => isPlainAddress(address)).slice(0, mostRecipients);
  const isMain = ({ kind, role }: Recipient): boolean => kind === 'person' && role !== 'reviewer';
  const more = [kernelList, ...(introduced === undefined ? [] : [regressionsList])];
  if (introduced !== undefined && isStableRange(introduced)) more.push(stableList);
  const named = new Set(usable.map(({ address }) => address.toLowerCase()));
  return {
    to: usable.filter(isMain).map(mailbox),
    cc: [
      ...usable.filter((recipient) => !isMain(recipient)).map(mailbox),
      ...more.filter((address) => !named.has(address)),
    ],
    omitted: all.length - usable.length,
  };
}
